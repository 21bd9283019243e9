"""Where the articles of an update wait until everything is ready to be put in place at once.

Temporary tables of one connection: they lie on disk however large the archive, nobody else sees them, and they are
gone with the connection.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.chunking import Chunk
from index.embedding import Passage
from index.revisions import Revision, Row, article_of, article_row, chunk_of, chunk_rows

ANEW = "anew:"
"""Before the key of vectors that are to replace those under the key itself."""


class Staging:
    """Articles to be written, first without their chunks, then with them; passages to be embedded; and vectors that
    replace stored ones.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        for table in ("staged", "staged_passages"):
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute("CREATE TEMP TABLE staged (id TEXT PRIMARY KEY, file TEXT, article TEXT, chunks TEXT)")
        db.execute("CREATE TEMP TABLE staged_passages (number INTEGER PRIMARY KEY, key TEXT UNIQUE, passage TEXT)")

    def add(self, article: Article, file: str) -> None:
        """Put an article of a file in the queue."""
        row = json.dumps(article_row(article, file), ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, NULL)", (article.id, file, row))

    def drop_file(self, file: str) -> None:
        """Forget the articles of a file."""
        self._db.execute("DELETE FROM staged WHERE file = ?", (file,))

    def ids(self, *, uncut: bool = False) -> list[str]:
        """Ids of all articles in the order they came in, or of those that have no chunks yet."""
        which = "WHERE chunks IS NULL" if uncut else ""
        return [article_id for (article_id,) in self._db.execute(f"SELECT id FROM staged {which} ORDER BY rowid")]

    def uncut(self, ids: Sequence[str]) -> list[str]:
        """Those of the articles that are still here and have no chunks yet, in the order they came in."""
        found = self._db.execute(
            "SELECT id FROM staged WHERE id IN (SELECT value FROM json_each(?)) AND chunks IS NULL ORDER BY rowid",
            (json.dumps(list(ids)),),
        )
        return [article_id for (article_id,) in found]

    def article(self, article_id: str) -> Article:
        """One of the articles."""
        return article_of(self._row(article_id)[0])

    def put_chunks(self, article_id: str, chunks: Sequence[Chunk], keys: Sequence[str]) -> None:
        """Give an article its chunks, whose vectors are, or will be, stored under `keys`."""
        self._put(article_id, chunk_rows(chunks, keys))

    def copy_chunks(self, article_id: str, old: Revision) -> None:
        """Give an article the chunks of another one with the same text."""
        self._put(article_id, [row | {"article_id": article_id} for row in old.chunks])

    def chunks(self, article_id: str) -> Iterator[tuple[Chunk, str]]:
        """The chunks of an article, each with its key."""
        return ((chunk_of(row), row["embedding"]) for row in self._row(article_id)[1])

    def revisions(self) -> Iterator[Revision]:
        """Everything, ready to be written."""
        return (Revision(*self._row(article_id)) for article_id in self.ids())

    def missing_vectors(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys for which no vectors wait here to replace the stored ones."""
        found = self._db.execute(
            "SELECT value FROM json_each(?) WHERE ? || value IN (SELECT key FROM embedding)",
            (json.dumps(list(keys)), ANEW),
        )
        return set(keys) - {key for (key,) in found}

    def want(self, passages: Mapping[str, Passage]) -> int:
        """Put passages in the queue of those to be embedded, by their key; how many were not there yet."""
        before = self._db.total_changes
        rows = [(key, json.dumps([p.title, p.text, p.sentences])) for key, p in passages.items()]
        self._db.executemany("INSERT OR IGNORE INTO staged_passages (key, passage) VALUES (?, ?)", rows)
        return self._db.total_changes - before

    def wanted(self, first: int, count: int) -> dict[str, Passage]:
        """At most `count` passages of that queue from the one numbered `first` (from 0) on, by their key."""
        rows = self._db.execute(
            "SELECT key, passage FROM staged_passages WHERE number > ? ORDER BY number LIMIT ?", (first, count)
        )
        found = ((key, *json.loads(text)) for key, text in rows)
        return {key: Passage(title, text, tuple(map(tuple, spans))) for key, title, text, spans in found}

    def put_vectors(self, vectors: dict[str, NDArray[np.float16]]) -> None:
        """Keep vectors that are to replace stored ones, which are in use until then.

        They stay as long as any that nothing uses, so that a rebuild that is stopped can go on with them.
        """
        found = [(ANEW + key, array.tobytes()) for key, array in vectors.items()]
        self._db.executemany(
            "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", [(key, blob, zlib.crc32(blob)) for key, blob in found]
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO unused SELECT ?, value FROM meta WHERE key = 'version'",
            [(key,) for key, _ in found],
        )

    def replace_vectors(self) -> None:
        """Put those vectors in place; inside the transaction that puts everything in place."""
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
