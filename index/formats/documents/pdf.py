"""Reads the text of a PDF file with pypdf. Runs in a child process (`sandbox`), since PDFs can be malicious.

Only words and their positions are extracted; scripts, attachments and links are ignored. Images are ignored too: a
scanned page has no text until a program for optical character recognition (OCR) has added it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, BinaryIO

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from index.errors import plain_reason
from index.formats.documents.document import NO_TEXT, Document, stated_author, stated_title
from index.formats.documents.pdf_layout import Line, join_pages

# It warns about every small deviation from the standard; what cannot be read raises an exception anyway.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_NO_TEXT = "holds only images, no text; clippings reads text, so run OCR first (for example: ocrmypdf FILE NEW_FILE)"


def read_pdf(file: BinaryIO) -> Document:
    """Reads a PDF. Raises ValueError, with a message for users, if it cannot be read."""
    try:
        return _read(file)
    except (ValueError, MemoryError):
        raise
    except RecursionError as error:
        raise ValueError("is damaged: its parts are nested too deeply") from error
    except Exception as error:
        # For a damaged file, pypdf raises exceptions of many types (KeyError, AttributeError, struct.error …).
        raise ValueError(f"is no PDF that can be read, or is damaged ({plain_reason(error)})") from error


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
    facts = {"title": stated_title(title), "author": stated_author(author)}
    return Document(found.paragraphs, facts, (*unread, *found.dropped))


def _decrypted(reader: PdfReader) -> bool:
    """Returns whether the empty password decrypts it, as for a file that may be read but not printed."""
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
    """Assembles lines from the pieces of text that pypdf reports with their positions."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._text = ""
        self._start: tuple[float, float, float] | None = None

    def visit(self, text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        """Receives a piece of text, which may contain line breaks, with its transformation matrices and font size."""
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
        """Ends the current line."""
        text = " ".join(self._text.split())
        if text and self._start:
            self.lines.append(Line(text, *self._start))
        self._text, self._start = "", None
