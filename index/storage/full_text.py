"""The `chunk_fts` table: the words of titles and chunks, stemmed by FTS5; it stores no text of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.storage.database.statements import Statements


class FullText:
    """The full-text index of the chunks."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def known(self, terms: Sequence[str]) -> list[str]:
        """Returns those of the terms that occur, stemmed, in some chunk's title or text, in the order given."""
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE EXISTS "
            "(SELECT 1 FROM chunk_fts WHERE chunk_fts MATCH '\"' || replace(value, '\"', '\"\"') || '\"')",
            (json.dumps(list(terms)),),
        )
        return [term for (term,) in rows]

    def holding(self, word: str, limit: int) -> NDArray[np.int64]:
        """Returns row ids of up to `limit` chunks with the word (letters only), in any form with the same stem."""
        rows = self._db.execute("SELECT rowid FROM chunk_fts WHERE chunk_fts MATCH ? LIMIT ?", (f'"{word}"', limit))
        return np.fromiter((row_id for (row_id,) in rows), np.int64)

    def frequencies(self, terms: Sequence[str]) -> list[int]:
        """Returns, for each term as stemmed by FTS5, the number of chunks that contain it in title or text."""
        sql = "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?"
        return [self._db.execute(sql, ('"' + term.replace('"', '""') + '"',)).fetchone()[0] for term in terms]

    def insert(self, article_id: str) -> None:
        """Adds the words of an article's chunks, which must be stored."""
        self._db.execute(
            "INSERT INTO chunk_fts (rowid, title, text) SELECT passage.* FROM chunk JOIN passage USING (id) "
            "WHERE article_id = ?",
            (article_id,),
        )

    def delete(self, article_id: str) -> None:
        """Removes the words of an article's chunks, which must still be stored."""
        self._db.execute(
            "INSERT INTO chunk_fts (chunk_fts, rowid, title, text) SELECT 'delete', passage.* "
            "FROM chunk JOIN passage USING (id) WHERE article_id = ?",
            (article_id,),
        )

    def rebuild(self) -> None:
        """Rebuilds everything from the articles and chunks."""
        self._db.execute("INSERT INTO chunk_fts (chunk_fts) VALUES ('rebuild')")
