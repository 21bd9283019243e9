"""A revision: one article at one point in time, with its chunks; as rows, and as JSON for storage or staging.

Rows are inserted by column name, so a stored revision fits a later schema that has more columns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from index.article import Article
from index.embedding.chunking import Chunk

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """The `article` row, and the `chunk` rows in order, without their row ids."""

    article: Row
    chunks: list[Row]

    @classmethod
    def read(cls, db: sqlite3.Connection, article_id: str) -> Revision | None:
        """Returns the current revision of an article; None if the article does not exist."""
        article = next(query_rows(db, "SELECT * FROM article WHERE id = ?", article_id), None)
        if article is None:
            return None
        chunks = query_rows(db, "SELECT * FROM chunk WHERE article_id = ? ORDER BY ordinal", article_id)
        return cls(article, [{name: value for name, value in row.items() if name != "id"} for row in chunks])

    @classmethod
    def from_json(cls, text: str) -> Revision:
        """Returns the revision that `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Returns the article row and the chunk rows as JSON."""
        return json.dumps({"article": self.article, "chunks": self.chunks}, ensure_ascii=False, separators=(",", ":"))

    def write(self, db: sqlite3.Connection) -> None:
        """Inserts the rows, and the chunks into the full-text index; the article must not exist."""
        _insert(db, "article", [self.article])
        _insert(db, "chunk", self.chunks)
        db.execute(
            "INSERT INTO chunk_fts (rowid, title, text) SELECT passage.* FROM chunk JOIN passage USING (id) "
            "WHERE article_id = ?",
            (self.article["id"],),
        )


def article_row(article: Article, file: str) -> Row:
    """Returns the `article` row of an article that was read from `file`."""
    return {
        **{
            name: getattr(article, name)
            for name in ("id", "uri", "title", "text", "author", "source", "url", "language")
        },
        "file": file,
        "published": article.published.isoformat() if article.published else None,
        "comments": json.dumps(article.comments, ensure_ascii=False),
        "sha256": article.sha256,
    }


def article_of(row: Row) -> Article:
    """Converts an `article` row into an Article."""
    return Article(
        **{name: row[name] for name in ("uri", "title", "text", "author", "source", "url", "language")},
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        comments=tuple(json.loads(row["comments"])),
    )


def chunk_rows(chunks: Sequence[Chunk], keys: Sequence[str]) -> list[Row]:
    """Returns the `chunk` rows of chunks whose vectors are stored under `keys`."""
    return [
        asdict(chunk) | {"sentences": json.dumps(chunk.sentences, separators=(",", ":")), "embedding": key}
        for chunk, key in zip(chunks, keys, strict=True)
    ]


def chunk_of(row: Row) -> Chunk:
    """Converts a `chunk` row into a Chunk."""
    spans = tuple((start, end) for start, end in json.loads(row["sentences"]))
    return Chunk(row["article_id"], row["ordinal"], row["start"], row["end"], spans)


def query_rows(db: sqlite3.Connection, sql: str, *values: object) -> Iterator[Row]:
    """Yields the rows of a query as dictionaries by column name."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _insert(db: sqlite3.Connection, table: str, new: Sequence[Row]) -> None:
    for row in new:
        names = ", ".join(f'"{name}"' for name in row)
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
