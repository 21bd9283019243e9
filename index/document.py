"""What a reader takes out of a file of a document format (PDF, Word, EPUB), before it is cleaned.

Plain data that can cross from the child process in which such files are read; see `confined`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from index.byline import is_person

NO_TEXT = "page without text (an image?)"
LOCKED = "page protected by the book's seller"
"""Why a page of a document is missing."""

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


# What programs write there by themselves: the name of the file, or nothing.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.*|untitled.*|(?:new |word )?document ?\d*|no ?title|title|"
    r".*\.(?:docx?|pdf|rtf|odt|indd|qxd|tex|dvi|pages|txt|html?))",
    re.I,
)


def told_title(text: str) -> str:
    """The title that a PDF or Word file gives itself; "" for what its program put there."""
    text = " ".join(text.split())
    return "" if _NO_TITLE.fullmatch(text) else text


def told_author(text: str) -> str:
    """The author that a PDF or Word file names; "" for the name of an account or a firm, which most are."""
    text = " ".join(text.split())
    return text if is_person(text) else ""
