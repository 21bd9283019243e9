"""A revision: one article as it was at one time, with its chunks; as rows, and as JSON to be kept or staged.

Rows are taken by the names of their columns, so a revision that was kept fits a later layout that has more of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from index.article import Article
from index.chunking import Chunk

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """The `article` row, and the `chunk` rows in order, without their ids."""

    article: Row
    chunks: list[Row]

    @classmethod
    def read(cls, db: sqlite3.Connection, article_id: str) -> Revision | None:
        """What the database holds of an article; None if it is not there."""
        article = next(query_rows(db, "SELECT * FROM article WHERE id = ?", article_id), None)
        if article is None:
            return None
        chunks = query_rows(db, "SELECT * FROM chunk WHERE article_id = ? ORDER BY ordinal", article_id)
        return cls(article, [{name: value for name, value in row.items() if name != "id"} for row in chunks])

    @classmethod
    def from_json(cls, text: str) -> Revision:
        """The revision that `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Everything as JSON."""
        return json.dumps({"article": self.article, "chunks": self.chunks}, ensure_ascii=False, separators=(",", ":"))

    def write(self, db: sqlite3.Connection) -> None:
        """Add the rows, and the full text of the chunks; the article must not be there."""
        _insert(db, "article", [self.article])
        _insert(db, "chunk", self.chunks)
        db.execute(
            "INSERT INTO chunk_fts (rowid, title, text) SELECT passage.* FROM chunk JOIN passage USING (id) "
            "WHERE article_id = ?",
            (self.article["id"],),
        )


def article_row(article: Article, file: str) -> Row:
    """The row of an article that was read from `file`."""
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
    """The article of a row."""
    return Article(
        **{name: row[name] for name in ("uri", "title", "text", "author", "source", "url", "language")},
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        comments=tuple(json.loads(row["comments"])),
    )


def chunk_rows(chunks: Sequence[Chunk], keys: Sequence[str]) -> list[Row]:
    """The rows of chunks whose vectors are stored under `keys`."""
    return [
        asdict(chunk) | {"sentences": json.dumps(chunk.sentences, separators=(",", ":")), "embedding": key}
        for chunk, key in zip(chunks, keys, strict=True)
    ]


def chunk_of(row: Row) -> Chunk:
    """The chunk of a row."""
    spans = tuple((start, end) for start, end in json.loads(row["sentences"]))
    return Chunk(row["article_id"], row["ordinal"], row["start"], row["end"], spans)


def query_rows(db: sqlite3.Connection, sql: str, *values: object) -> Iterator[Row]:
    """The rows of a query, each by the names of its columns."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _insert(db: sqlite3.Connection, table: str, new: Sequence[Row]) -> None:
    for row in new:
        names = ", ".join(f'"{name}"' for name in row)
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
