"""The content read from a file of a document format (PDF, Word, EPUB), before it is cleaned.

It is plain data, so that it can be returned from the child process in which such files are read; see `sandbox`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from index.cleaning.byline import is_person

NO_TEXT = "page without text (an image?)"
LOCKED = "page protected by the book's seller"
"""The reasons given for a page of a document that could not be read: `NO_TEXT` or `LOCKED`."""

LARGEST_TEXT = 50_000_000
"""Largest text of one article or row, in bytes, as it is held in memory. The largest books have a tenth of it."""


@dataclass(frozen=True, slots=True)
class Document:
    """The paragraphs of a file in reading order, and its metadata.

    `facts` has keys that `cleaning.metadata.read_fields` reads (title, author, source, date, language). `dropped` are
    pairs of a line and the reason why it is not part of the text ("page number" …).
    """

    paragraphs: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[tuple[str, str], ...] = ()


# Titles that programs set by themselves: the name of the file, or a placeholder.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.*|untitled.*|(?:new |word )?document ?\d*|no ?title|title|"
    r".*\.(?:docx?|pdf|rtf|odt|indd|qxd|tex|dvi|pages|txt|html?))",
    re.I,
)


def told_title(text: str) -> str:
    """Returns the title in the metadata of a PDF or Word file; "" if the program that wrote it set it by itself."""
    text = " ".join(text.split())
    return "" if _NO_TITLE.fullmatch(text) else text


def told_author(text: str) -> str:
    """Returns the author in the metadata of a PDF or Word file; "" if it is an account or company, as most are."""
    text = " ".join(text.split())
    return text if is_person(text) else ""
