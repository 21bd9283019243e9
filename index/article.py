"""The Article: one cleaned article, as it is stored and cited.

Chunks and citations refer to `Article.text` by character offsets, so the text must not change once the Article is
made. Files are read by `formats.registry.read_drafts`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date


def article_id(uri: str) -> str:
    """Returns the stable id of the article at `uri`: the first 16 hexadecimal digits of the uri's SHA-256."""
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article.

    `uri` is where it was read: a file's absolute path, `path#row-id` for a row of a table, or an http address.
    `text` is the article without boilerplate, its paragraphs separated by one blank line. `comments` are the readers'
    comments below it, which are displayed but never retrieved or cited. `url` is where it was published. `language` is
    a two-letter code (ISO 639-1); None if the text is too short to identify it.
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
        """The stable id, derived from the uri; see `article_id`."""
        return article_id(self.uri)

    @property
    def sha256(self) -> str:
        """SHA-256 of all fields except the uri; articles with the same hash have the same content."""
        content = [
            self.title,
            self.text,
            self.author,
            self.source,
            self.published.isoformat() if self.published else None,
            self.url,
            list(self.comments),
        ]
        if self.language:  # field added later: without a language, the hash stays the same as before
            content.append(self.language)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
