"""What is read from a file in the sandbox, before it is cleaned: documents, rows, files in files, and failures.

It is plain data, so that it can be returned from the child process in which such files are read; see `sandbox`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

from index.cleaning.byline import is_person

NO_TEXT = "page without text (an image?)"
LOCKED = "page protected by the book's seller"
"""The reasons given for a page of a document that could not be read: `NO_TEXT` or `LOCKED`."""

COMMENT = "comment in the margin"
"""The reason given for a remark on a document, which is not part of its text."""

LARGEST_TEXT = 50_000_000
"""Largest text of one article or row, in bytes, as it is held in memory. The largest books have a tenth of it."""


@dataclass(frozen=True, slots=True)
class Document:
    """The paragraphs of an article in reading order, and its metadata.

    `facts` has keys that `cleaning.metadata.read_fields` reads (title, author, source, date, language). `dropped` are
    pairs of a line and the reason why it is not part of the text ("page number" …). `markup` is HTML that holds the
    text, in place of paragraphs. `name` tells it from others in its file; "" if it is the file's only article.
    """

    paragraphs: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[tuple[str, str], ...] = ()
    markup: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a JSON file that may be an article; `number` is its place among the others, from 1.

    `file` is the name of the JSON file if it lies in another file, else "".
    """

    name: str
    number: int
    values: dict[str, Any]
    file: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a text format or a web page in another file; `facts` are those that are known from outside of it.

    `charset` is the encoding declared for it; "" if none is. `dropped` are the lines around it that are not its own.
    """

    name: str
    suffix: str
    data: bytes
    facts: dict[str, Any] = field(default_factory=dict)
    charset: str = ""
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A part of a file that cannot be read, with the reason; `name` is "" if the rest of the file cannot be read."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Parts of a file, or files, that are no articles: their kind (a suffix, a media type …) and their number."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Remark:
    """How a file of rows was read, where that is an assumption which the user may want to correct."""

    text: str


Item = Document | Row | Member | Failed | Skipped | Remark


_COMPRESSED = (".gz", ".bz2", ".xz")
_SHORT_NAMES = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".jex": ".tar"}
_SAME = {".bearnote": ".zip", ".textpack": ".zip", ".tab": ".tsv", ".ndjson": ".jsonl"}


def kind_of(name: str) -> tuple[str, bool]:
    """Returns the suffix for a file's format, in lower case and without ".gz" or the like, and whether it has one."""
    stem, suffix = os.path.splitext(name.lower())
    if suffix in _SHORT_NAMES:
        return _SHORT_NAMES[suffix], True
    compressed = suffix in _COMPRESSED
    suffix = os.path.splitext(stem)[1] if compressed else suffix
    return _SAME.get(suffix, suffix), compressed


# Titles that programs set by themselves: the name of the file, or a placeholder.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.*|untitled.*|(?:new |word )?document ?\d*|no ?title|title|"
    r".*\.(?:docx?|pdf|rtf|odt|indd|qxd|tex|dvi|pages|txt|html?))",
    re.I,
)


def stated_title(text: str) -> str:
    """Returns the title in the metadata of a PDF or Word file; "" if the program that wrote it set it by itself."""
    text = " ".join(text.split())
    return "" if _NO_TITLE.fullmatch(text) else text


def stated_author(text: str) -> str:
    """Returns the author in the metadata of a PDF or Word file; "" if it is an account or company, as most are."""
    text = " ".join(text.split())
    return text if is_person(text) else ""
