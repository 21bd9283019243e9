"""The staging area: where the articles of an update wait until all are ready to be written in one transaction.

It consists of temporary tables of one connection: they are on disk, whatever the size of the archive, other connections
do not see them, and they are deleted when the connection is closed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.embedding.chunking import Chunk
from index.embedding.embedder import Passage
from index.storage.chunk_vectors import ChunkVectors
from index.storage.database.statements import Row
from index.storage.revisions import Revision, article_of, article_row, chunk_of, chunk_rows

ANEW = "anew:"
"""Prefix of the key of vectors that are to replace those under the key itself."""


class Staging:
    """Articles to be written, at first without their chunks; a queue of passages to be embedded; and vectors that
    replace stored ones.
    """

    def __init__(self, db: sqlite3.Connection, vectors: ChunkVectors) -> None:
        self._db = db
        self._vectors = vectors
        for table in ("staged", "staged_passages"):
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute("CREATE TEMP TABLE staged (id TEXT PRIMARY KEY, file TEXT, article TEXT, chunks TEXT)")
        db.execute("CREATE TEMP TABLE staged_passages (number INTEGER PRIMARY KEY, key TEXT UNIQUE, passage TEXT)")

    def add(self, article: Article, file: str) -> None:
        """Stages an article that was read from `file`."""
        row = json.dumps(article_row(article, file), ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, NULL)", (article.id, file, row))

    def drop_file(self, file: str) -> None:
        """Removes the staged articles of a file."""
        self._db.execute("DELETE FROM staged WHERE file = ?", (file,))

    def ids(self, *, uncut: bool = False) -> list[str]:
        """Returns the ids of all staged articles in insertion order; with `uncut`, only of those without chunks."""
        which = "WHERE chunks IS NULL" if uncut else ""
        return [article_id for (article_id,) in self._db.execute(f"SELECT id FROM staged {which} ORDER BY rowid")]

    def uncut(self, ids: Sequence[str]) -> list[str]:
        """Returns those of the articles that are still staged and have no chunks yet, in insertion order."""
        found = self._db.execute(
            "SELECT id FROM staged WHERE id IN (SELECT value FROM json_each(?)) AND chunks IS NULL ORDER BY rowid",
            (json.dumps(list(ids)),),
        )
        return [article_id for (article_id,) in found]

    def article(self, article_id: str) -> Article:
        """Returns a staged article."""
        return article_of(self._row(article_id)[0])

    def put_chunks(self, article_id: str, chunks: Sequence[Chunk], keys: Sequence[str]) -> None:
        """Stores the chunks of a staged article; their vectors are, or will be, stored under `keys`."""
        self._put(article_id, chunk_rows(chunks, keys))

    def copy_chunks(self, article_id: str, old: Revision) -> None:
        """Gives an article the chunks of another one with the same text."""
        self._put(article_id, [row | {"article_id": article_id} for row in old.chunks])

    def chunks(self, article_id: str) -> Iterator[tuple[Chunk, str]]:
        """Yields the chunks of a staged article, each with the key of its vectors."""
        return ((chunk_of(row), row["embedding"]) for row in self._row(article_id)[1])

    def revisions(self) -> Iterator[Revision]:
        """Yields all staged articles as revisions, ready to be written."""
        return (Revision(*self._row(article_id)) for article_id in self.ids())

    def missing_vectors(self, keys: Sequence[str]) -> set[str]:
        """Returns those of the keys for which no replacement vectors are stored."""
        return {key.removeprefix(ANEW) for key in self._vectors.missing([ANEW + key for key in keys])}

    def want(self, passages: Mapping[str, Passage]) -> int:
        """Adds passages to the embedding queue, by key; returns how many were not in it yet."""
        before = self._db.total_changes
        rows = [(key, json.dumps([p.title, p.text, p.sentences])) for key, p in passages.items()]
        self._db.executemany("INSERT OR IGNORE INTO staged_passages (key, passage) VALUES (?, ?)", rows)
        return self._db.total_changes - before

    def wanted(self, first: int, count: int) -> dict[str, Passage]:
        """Returns at most `count` passages of that queue by key, from number `first` (counted from 0) on."""
        rows = self._db.execute(
            "SELECT key, passage FROM staged_passages WHERE number > ? ORDER BY number LIMIT ?", (first, count)
        )
        found = ((key, *json.loads(text)) for key, text in rows)
        return {key: Passage(title, text, tuple(map(tuple, spans))) for key, title, text, spans in found}

    def put_vectors(self, vectors: Mapping[str, NDArray[np.float16]]) -> None:
        """Stores vectors that are to replace others, which stay in use until then.

        They are kept as long as any unused vectors, so that an interrupted rebuild can continue with them.
        """
        self._vectors.put({ANEW + key: array for key, array in vectors.items()})

    def replace_vectors(self) -> None:
        """Replaces the old vectors by the new ones; inside the transaction that writes the staged articles."""
        for table in ("embedding", "unused"):
            self._db.execute(
                f"UPDATE OR REPLACE {table} SET key = substr(key, ?) WHERE substr(key, 1, ?) = ?",
                (len(ANEW) + 1, len(ANEW), ANEW),
            )

    def _row(self, article_id: str) -> tuple[Row, list[Row]]:
        found = self._db.execute("SELECT article, chunks FROM staged WHERE id = ?", (article_id,)).fetchone()
        return json.loads(found[0]), json.loads(found[1] or "[]")

    def _put(self, article_id: str, chunks: list[Row]) -> None:
        self._db.execute("UPDATE staged SET chunks = ? WHERE id = ?", (json.dumps(chunks), article_id))
