"""The `chunk` table: where the chunks of each article begin and end, and the `passage` view of their texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding.chunking import Chunk, Place
from index.storage.database.filters import Filters
from index.storage.database.statements import Row, Statements, insert_row, query_rows
from index.storage.revisions import chunk_of


class Chunks:
    """The chunks of an index, by row id."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def get(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Returns chunks by row id; ids that do not exist are left out."""
        wanted = json.dumps([int(i) for i in ids])
        found = query_rows(self._db, "SELECT * FROM chunk WHERE id IN (SELECT value FROM json_each(?))", wanted)
        return {row["id"]: chunk_of(row) for row in found}

    def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """Returns the places of chunks by row id; ids that do not exist are left out."""
        return self._places("id", [int(i) for i in ids])

    def places_in(self, article_ids: Sequence[str]) -> dict[int, Place]:
        """Returns the places of all chunks of some articles, by row id."""
        return self._places("article_id", list(article_ids))

    def _places(self, column: str, wanted: list[int] | list[str]) -> dict[int, Place]:
        sql = 'SELECT id, article_id, ordinal, start, "end" FROM chunk '
        rows = self._db.execute(f"{sql} WHERE {column} IN (SELECT value FROM json_each(?))", (json.dumps(wanted),))
        return {row_id: Place(*place) for row_id, *place in rows}

    def passages(self, ids: NDArray[np.int64] | None = None) -> Iterator[tuple[str, str, str | None]]:
        """Yields title, text and language of every chunk, or of those with the `ids`, by ascending id."""
        chosen = "" if ids is None else "WHERE chunk.id IN (SELECT value FROM json_each(?))"
        sql = (
            "SELECT title, substr(text, start + 1, end - start), language "
            f"FROM chunk JOIN article ON article.id = article_id {chosen} ORDER BY chunk.id"
        )
        yield from self._db.execute(sql, () if ids is None else (json.dumps(ids.tolist()),))

    def count(self) -> int:
        """Returns the number of chunks; fast enough to call for every question."""
        return int(self._db.execute("SELECT count(*) FROM chunk").fetchone()[0])

    def count_sentences(self) -> int:
        """Returns the number of sentences of all chunks."""
        sql = "SELECT coalesce(sum(json_array_length(sentences)), 0) FROM chunk"
        return int(self._db.execute(sql).fetchone()[0])

    def allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        """Returns the row ids of the chunks that match the filters; None if there are no filters."""
        condition, values = filters.sql()
        if not condition:
            return None
        sql = "SELECT chunk.id FROM chunk JOIN article ON article.id = chunk.article_id"
        rows = self._db.execute(f"{sql} WHERE {condition}", values)
        return np.fromiter((row_id for (row_id,) in rows), np.int64)

    def insert(self, rows: Sequence[Row]) -> None:
        """Inserts the rows of chunks whose article is stored."""
        for row in rows:
            insert_row(self._db, "chunk", row)

    def delete(self, article_id: str) -> None:
        """Deletes the chunks of an article."""
        self._db.execute("DELETE FROM chunk WHERE article_id = ?", (article_id,))

    def delete_orphans(self) -> None:
        """Deletes the chunks whose article is missing, which only damage can cause."""
        self._db.execute("DELETE FROM chunk WHERE article_id NOT IN (SELECT id FROM article)")
