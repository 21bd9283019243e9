"""The `embedding` table: vectors of chunks and their sentences, by content key; and `unused`: those without a chunk.

Independent of the embedding model: vectors are passed and returned as arrays.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.storage.database.statements import Statements


class ChunkVectors:
    """The vectors of an index."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def missing(self, keys: Sequence[str]) -> set[str]:
        """Returns those of the keys for which no vectors are stored."""
        found = self._db.execute(
            "SELECT key FROM embedding WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
        )
        return set(keys) - {key for (key,) in found}

    def put(self, vectors: Mapping[str, NDArray[np.float16]]) -> None:
        """Stores vectors by content key; they are kept for some versions even if no article uses them."""
        found = [(key, array.tobytes()) for key, array in vectors.items()]
        self._db.executemany(
            "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", [(key, blob, zlib.crc32(blob)) for key, blob in found]
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO unused SELECT ?, value FROM meta WHERE key = 'version'",
            [(key,) for key, _ in found],
        )

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Returns the chunk ids in ascending order, and the number of vectors of each (its own and its sentences')."""
        rows = self._db.execute("SELECT id, 1 + json_array_length(sentences) FROM chunk ORDER BY id").fetchall()
        table = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def get(self, dimension: int, ids: NDArray[np.int64] | None = None) -> Iterator[NDArray[np.float16]]:
        """Yields the vectors of all chunks, or of those with the `ids`, (1 + sentences, dimension), by ascending id."""
        chosen = "" if ids is None else "WHERE chunk.id IN (SELECT value FROM json_each(?))"
        rows = self._db.execute(
            f"SELECT vectors FROM chunk JOIN embedding ON key = embedding {chosen} ORDER BY chunk.id",
            () if ids is None else (json.dumps(ids.tolist()),),
        )
        for (blob,) in rows:
            yield np.frombuffer(blob, dtype=np.float16).reshape(-1, dimension)

    def mark_unused(self, article_id: str, version: int) -> None:
        """Marks the vectors of an article's chunks as unused since `version`; those in use are unmarked later."""
        self._db.execute(
            "INSERT OR REPLACE INTO unused SELECT embedding, ? FROM chunk WHERE article_id = ?", (version, article_id)
        )

    def delete_without_chunk(self, keys: Sequence[str]) -> None:
        """Deletes those of the vectors that no chunk uses."""
        self._db.execute(
            "DELETE FROM embedding WHERE key IN (SELECT value FROM json_each(?)) "
            "AND key NOT IN (SELECT embedding FROM chunk)",
            (json.dumps(list(keys)),),
        )
