"""What a reader takes out of a file of a document format (PDF, Word, EPUB), before it is cleaned.

Plain data that can cross from the child process in which such files are read; see `confined`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LARGEST_TEXT = 50_000_000
"""Bytes of the text of one article or row. The largest books have a tenth of it, and it is held in memory."""


@dataclass(frozen=True, slots=True)
class Document:
    """Paragraphs in reading order, and what the file says about itself.

    `facts` has the keys of `fields` (title, author, source, date, language). `dropped` are pairs of a line and the
    reason why it is none of the text ("page number" …).
    """

    paragraphs: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[tuple[str, str], ...] = ()
