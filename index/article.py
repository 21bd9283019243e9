"""The Article: one cleaned piece of writing, as it is stored and cited.

Everything later (chunks, citations) points into `Article.text` by character offsets, so the text is
final once the Article is made. Knows nothing about files; `read` makes Articles from them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date


def article_id(uri: str) -> str:
    """Stable name of the article at `uri`: the first 16 hexadecimal digits of the uri's SHA-256."""
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article.

    `uri` says where it was read (a file's absolute path; `path#row-id` for a row of a table; or its
    http address).
    `text` is the reporting alone, paragraphs separated by one blank line; `comments` are what readers
    wrote under it, kept to be shown and never retrieved or cited. `url` is where it was published. `language` is
    a two-letter code (ISO 639-1), None where the text is too short to tell.
    """

    uri: str
    title: str
    text: str
    author: str | None = None
    source: str | None = None
    published: date | None = None
    url: str | None = None
    comments: tuple[str, ...] = ()
    language: str | None = None

    @property
    def id(self) -> str:
        """Stable name of the article, made from its uri; see `article_id`."""
        return article_id(self.uri)

    @property
    def sha256(self) -> str:
        """Hash of everything but the uri; two articles with the same hash say the same thing."""
        content = [
            self.title,
            self.text,
            self.author,
            self.source,
            self.published.isoformat() if self.published else None,
            self.url,
            list(self.comments),
        ]
        if self.language:  # added later: without one, the hash is what it was before
            content.append(self.language)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
