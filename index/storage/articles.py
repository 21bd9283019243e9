"""The `article` table: one row per article."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.article import Article
from index.storage.database.filters import Filters
from index.storage.database.statements import Row, Statements, insert_row, query_rows
from index.storage.revisions import article_of


class Articles:
    """The articles of an index."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def all(self) -> Iterator[Article]:
        """Yields all articles by uri."""
        return (article_of(row) for row in query_rows(self._db, "SELECT * FROM article ORDER BY uri"))

    def get(self, ids: Sequence[str]) -> Iterator[Article]:
        """Yields the articles with these ids in the order given; ids that do not exist are left out."""
        sql = "SELECT article.* FROM json_each(?) AS wanted JOIN article ON article.id = value ORDER BY key"
        return (article_of(row) for row in query_rows(self._db, sql, json.dumps(list(ids))))

    def count(self) -> int:
        """Returns the number of articles."""
        return int(self._db.execute("SELECT count(*) FROM article").fetchone()[0])

    def languages(self) -> frozenset[str]:
        """Returns the languages of the articles (ISO 639-1), as far as they are known."""
        sql = "SELECT DISTINCT language FROM article WHERE language IS NOT NULL"
        return frozenset(language for (language,) in self._db.execute(sql))

    def published_range(self) -> tuple[str | None, str | None]:
        """Returns the first and last publication date in ISO format; None without any."""
        first, last = self._db.execute("SELECT min(published), max(published) FROM article").fetchone()
        return first, last

    def undated(self, filters: Filters) -> int:
        """Returns the number of articles without a date that match the filters in all but the dates."""
        condition, values = replace(filters, after=None, before=None).sql()
        sql = "SELECT count(*) FROM article WHERE published IS NULL" + (f" AND {condition}" if condition else "")
        return int(self._db.execute(sql, values).fetchone()[0])

    def hashes(self) -> dict[str, tuple[str, str]]:
        """Returns the file and the content hash of every article, by uri."""
        found = self._db.execute("SELECT uri, file, sha256 FROM article")
        return {uri: (file, sha256) for uri, file, sha256 in found}

    def allowed(self, ids: Sequence[str], filters: Filters) -> list[str]:
        """Returns the ids of those of the articles that match the filters, in any order."""
        condition, values = filters.sql()
        rows = self._db.execute(
            "SELECT id FROM article WHERE id IN (SELECT value FROM json_each(?))"
            + (f" AND {condition}" if condition else ""),
            (json.dumps(list(ids)), *values),
        )
        return [article_id for (article_id,) in rows]

    def insert(self, row: Row) -> None:
        """Inserts the row of an article that does not exist yet."""
        insert_row(self._db, "article", row)

    def delete(self, article_id: str) -> None:
        """Deletes an article that has no chunks; no error if it does not exist."""
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def distrust(self, article_id: str) -> None:
        """Marks an article's text as damaged by an empty hash; metadata that cannot be parsed are deleted."""
        self._db.execute(
            "UPDATE article SET sha256 = '', published = date(published), "
            "comments = iif(json_valid(comments), comments, '[]') WHERE id = ?",
            (article_id,),
        )
