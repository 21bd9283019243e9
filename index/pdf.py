"""A PDF file -> its text, through pypdf. Run in a child process (`confined`), since a PDF can be made to harm.

Takes the words and where they stand, and runs nothing: no scripts, no attachments, no links. Knows nothing of
pictures: a page that was scanned has no text until a program for optical character recognition has put it there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, BinaryIO

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from index.document import NO_TEXT, Document, told_author, told_title
from index.pagelines import Line, join_pages

# It warns of every small deviation from the standard; what cannot be read is raised.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_NO_TEXT = "holds only images, no text; clippings reads text, so run OCR first (for example: ocrmypdf FILE NEW_FILE)"


def read_pdf(file: BinaryIO) -> Document:
    """Read a PDF. Raises ValueError with a reason for people."""
    try:
        return _read(file)
    except (ValueError, MemoryError):
        raise
    except RecursionError as error:
        raise ValueError("is damaged: its parts are nested too deeply") from error
    except Exception as error:
        # pypdf raises nearly anything for a damaged file (KeyError, AttributeError, struct.error …).
        raise ValueError(f"is no PDF that can be read, or is damaged ({_brief(error)})") from error


def _read(file: BinaryIO) -> Document:
    reader = PdfReader(file)
    if reader.is_encrypted and not _decrypted(reader):
        raise ValueError("is protected by a password; save it without one")
    pages = [_lines(page) for page in reader.pages]
    found = join_pages(pages)
    if not found.paragraphs:
        raise ValueError(_NO_TEXT if pages else "has no pages")
    unread = [(f"page {n}", NO_TEXT) for n, page in enumerate(pages, 1) if not page]
    information: Mapping[str, Any] = reader.metadata or {}
    title, author = (str(information.get(key) or "") for key in ("/Title", "/Author"))
    facts = {"title": told_title(title), "author": told_author(author)}
    return Document(found.paragraphs, facts, (*unread, *found.dropped))


def _decrypted(reader: PdfReader) -> bool:
    """Whether the empty password opens it, as for a file that may be read but not printed."""
    try:
        return bool(reader.decrypt(""))
    except PyPdfError:
        return False  # a cipher for which pypdf would need the library `cryptography`


def _lines(page: PageObject) -> list[Line]:
    collector = _Collector()
    page.extract_text(visitor_text=collector.visit)
    collector.close()
    return collector.lines


class _Collector:
    """Puts together the pieces of text that pypdf passes with their place, line by line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._text = ""
        self._start: tuple[float, float, float] | None = None

    def visit(self, text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        """One piece of text, with the matrices that place it; it can hold ends of lines."""
        if not text:
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        height = abs(size * tm[3] * cm[3]) or abs(size) or 1.0
        first, *others = text.split("\n")
        self._add(first, x, y, height)
        for other in others:
            self.close()
            self._add(other, x, y, height)

    def _add(self, text: str, x: float, y: float, height: float) -> None:
        if text.strip() and self._start is None:
            self._start = (x, y, height)
        self._text += text

    def close(self) -> None:
        """End the line."""
        text = " ".join(self._text.split())
        if text and self._start:
            self.lines.append(Line(text, *self._start))
        self._text, self._start = "", None


def _brief(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]
