"""Splits what reading devices and programs export: highlights (Kindle, Apple Books), and notes with many articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from index.cleaning.byline import facts_line
from index.cleaning.dates import find_date
from index.cleaning.paragraphs import LONGEST_LINE
from index.formats.exports.head import Piece, named_facts, spoken_names

_CLIPPINGS_END = re.compile(r"^={10}[ \t]*$", re.M)
_BOOK = re.compile(r"(?P<title>.+?)\s*(?:\((?P<author>[^()]*(?:\([^()]*\)[^()]*)*)\))?")
_KIND = re.compile(r"-\s.*(?:\||added|hinzugefügt|ajouté|añadid|aggiunt).*", re.I)
_NOTE = re.compile(r"-\s+(?:your |ihre |votre |tu |la )?not(?:e|iz|a)\b", re.I)

_HEADING = re.compile(r"^#[ \t]+\S.*$", re.M)
_METADATA = re.compile(r"^#{1,4}[ \t]+metadata\b", re.I | re.M)
_FRONT_MATTER = re.compile(
    r"^---[ \t]*\n(?=(?:\w[\w-]*:.*\n(?:(?!---)[ \t-].*\n)*+)++---[ \t]*$)(?=(?:.*\n){0,30}?title:)", re.M
)
_MARKS = re.compile(r"^[\s>*_-]+|(?<![*_])[*_]+$")
_LABEL = re.compile(r"(?:author|url|link|source|date|published)s?\b\**\s*:", re.I)
_TOP = 4

# Below an excerpt: this, its book, the author, often an address and a line about rights.
_EXCERPT = re.compile(r"(?:excerpt from|auszug aus|extrait de|fragmento de|estratto da|passage uit)\s*:?", re.I)
_OPENED = re.compile(r"[“„\"«‘]")
_CLOSED = re.compile(r".*[”“\"»’]")
# Number of a book's last highlights with which a new one is compared.
_MOST_COMPARED = 1000


@dataclass(slots=True)
class _Book:
    """The highlights of one book or article, the reader's own notes, and the last day on which one was added."""

    author: str
    url: str = ""
    highlights: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    added: date | None = None
    dropped: list[str] = field(default_factory=list)


def split_clippings(text: str) -> list[Piece]:
    """Returns an article for each book or article with highlights in a Kindle's file; [] if it is none.

    The reader's notes are kept apart, as comments; bookmarks have no text.
    """
    books: dict[str, _Book] = {}
    text = text.replace("\r\n", "\n")
    entries = [entry.strip("\ufeff\r\n \t").splitlines() for entry in _CLIPPINGS_END.split(text)]
    entries = [entry for entry in entries if entry]
    if not entries or not all(len(entry) > 1 and _KIND.fullmatch(entry[1].strip()) for entry in entries):
        return []
    for first, kind, *lines in entries:
        match = _BOOK.fullmatch(first.strip("\ufeff \t")) if len(first) <= LONGEST_LINE else None
        title, author = (match["title"], match["author"]) if match else (first, None)
        book = books.setdefault(title, _Book(spoken_names(author or "")))
        _keep(" ".join(" ".join(lines).split()), book.notes if _NOTE.match(kind) else book.highlights)
        if found := find_date(kind):
            book.added = max(found[0], book.added or found[0])
    return [_piece(title, book) for title, book in books.items() if book.highlights]


def split_excerpts(text: str) -> list[Piece]:
    """Returns an article for each book of which a text holds excerpts, copied in Apple Books; [] if it holds others.

    What stands unquoted between an excerpt and the name of its book is the reader's note.
    """
    books: dict[str, _Book] = {}
    for above, below in _excerpts(text):
        if not above or not _OPENED.match(above[0]) or len(below) < 2:
            return []
        title, *facts = below
        addresses = [line for line in facts if named_facts("url", line)]
        author, *others = [line for line in facts if line not in addresses] or [""]
        book = books.setdefault(title, _Book(named_facts("author", author).get("author", "")))
        book.url = book.url or next(iter(addresses), "")
        end = max((n for n, line in enumerate(above, 1) if _CLOSED.fullmatch(line)), default=len(above))
        _keep(" ".join(above[:end]), book.highlights)
        _keep(" ".join(above[end:]), book.notes)
        book.dropped += others
    return [_piece(title, book) for title, book in books.items()]


def _excerpts(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yields the lines above and below each "Excerpt From" of a text, up to a blank line or the next quotation."""
    above: list[str] = []
    below: list[str] | None = None
    for line in map(str.strip, text.splitlines() if _EXCERPT.search(text) else ()):
        if below is None and _EXCERPT.fullmatch(line):
            below = []
        elif below and (not line or (len(below) > 1 and _OPENED.match(line))):
            yield above, below
            above, below = [line] if line else [], None
        elif line:
            (above if below is None else below).append(line)
    if above:
        yield above, below or []


def _keep(marked: str, others: list[str]) -> None:
    """Adds a highlight to others, in place of one that it extends; not if it is a part of one."""
    last = others[-_MOST_COMPARED:]
    if marked and not any(marked in other for other in last):
        others[-_MOST_COMPARED:] = [*(other for other in last if other not in marked), marked]


def _piece(title: str, book: _Book) -> Piece:
    day = book.added.isoformat() if book.added else ""
    facts = {"title": title, "author": book.author, "date": day, "url": book.url, "comments": book.notes}
    return Piece(facts, "\n\n".join(book.highlights), tuple(book.dropped))


def split_highlights(text: str) -> list[str]:
    """Returns the articles in a Markdown file of which each has a heading and facts, or front matter; [] if one."""
    text = text.replace("\r\n", "\n")
    starts = [match.start() for match in _FRONT_MATTER.finditer(text)]
    if len(starts) > 1 and not text[: starts[0]].strip():
        return _cut(text, starts)
    starts = [match.start() for match in _HEADING.finditer(text)]
    if len(starts) < 2 or text[: starts[0]].strip():
        return []
    parts = _cut(text, starts)
    return parts if all(map(_has_facts, parts)) else []


def _cut(text: str, starts: Sequence[int]) -> list[str]:
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _has_facts(part: str) -> bool:
    """Returns whether below its heading an article names its day, or has the part "Metadata" of an export."""
    lines = [_MARKS.sub("", line) for line in part.splitlines()[1:] if line.strip()][:_TOP]
    found = (facts_line(line.strip()) for line in lines)
    dated = any(facts is not None and facts.published for facts in found)
    return dated or bool(_METADATA.search(part)) or sum(bool(_LABEL.match(line)) for line in lines) > 1
