"""A revision: one article at one point in time, with its chunks; as rows, and as JSON for storage or staging."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from index.article import Article
from index.embedding.chunking import Chunk
from index.storage.database.statements import Row, Statements, query_rows


@dataclass(frozen=True, slots=True)
class Revision:
    """The `article` row, and the `chunk` rows in order, without their row ids."""

    article: Row
    chunks: list[Row]

    @classmethod
    def read(cls, db: Statements, article_id: str) -> Revision | None:
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
