"""Splits a text with many articles, as databases export them, and reads the facts above and below each.

Articles are separated by lines of their own: "2 of 17 DOCUMENTS" before each, "End of Document" or a document's code
after each, a row of dashes between them, or the label of the title. A text without any of these is one article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.formats.exports.head import Piece, read_piece
from index.formats.exports.highlights import split_clippings

UNSPLIT = "looks like several articles, which could not be told apart"
"""The reason given for a text that has the marks of several articles but is read as one."""

_WORD = r"(?:do[ck]ument(?:s|e|en|o|os|i)?|articles?|artikel)"
_NUMBERED = re.compile(
    rf"\s*(?P<before>{_WORD}\s+)?(?P<number>\d{{1,6}}) (?:of|von|de|sur|di|van|av) (?P<total>\d{{1,6}})"
    rf"(?P<after>\s+{_WORD})?\s*",
    re.I,
)
_END = re.compile(
    r"\s*(?:end of document|ende des dokuments|fin d[eu]l? document(?:o)?|fine del documento|"
    r"einde van (?:het )?document|"
    # Factiva's code: of the source, of the day, and of the article.
    r"(?-i:Do[ck]ument[oe]? [A-Z][A-Z0-9]{3,9}\d{8}[A-Za-z0-9]{4,20}))\s*",
    re.I,
)
_ROW = re.compile(r"\s*(?P<mark>[-_*=~#─—])(?:[ \t]?(?P=mark)){2,}\s*")
_TITLE = re.compile(r"\s*(?:title|headline|titel|überschrift|titre|título|titolo)\s*:\s*\S", re.I)
_FIRST_ENTRY = re.compile(r"\s*1\.\s+(?P<title>\S.*)")
_LISTED = re.compile(r"\s*(?:documents|dokumente)\s*\(\d+\)\s*", re.I)


def split_articles(text: str) -> list[Piece]:
    """Returns the articles in a text that has marks of several; [] if it is to be read as one article."""
    lines = _lines(text)
    if found := _numbered(lines):
        return [_piece(block, numbered=True) for block in found if any(map(str.strip, block))]
    if found := _ended(lines):
        start = _cover(found[0])
        first, *others = [_piece(block) for block in (found[0][start:], *found[1:]) if any(map(str.strip, block))]
        cover = (line.strip() for line in found[0][:start] if line.strip())
        return [replace(first, dropped=(*cover, *first.dropped)), *others]
    return split_clippings(text) or _between_rows(lines) or _titled(lines)


def marks_of_many(text: str) -> str:
    """Returns what in a text that cannot be split looks like several articles; "" if nothing does."""
    lines = _lines(text)
    numbered = [line.strip() for line in lines if _number(line)]
    if len(numbered) > 1:
        return ", ".join(numbered[:3])
    blocks = _blocks(lines)
    dated = sum("date" in piece.facts or "author" in piece.facts for piece in map(_piece, blocks))
    return f"{len(blocks) - 1} rows of dashes or the like" if len(blocks) > 2 and dated > 1 else ""


def _lines(text: str) -> list[str]:
    """Returns the lines of a text, with a row of dashes in place of the end of a page."""
    return text.replace("\f", "\n---\n").splitlines()


def _piece(block: Sequence[str], *, numbered: bool = False) -> Piece:
    return read_piece([line for line in block if not _ROW.fullmatch(line)], source_first=numbered)


def _number(line: str) -> tuple[int, int] | None:
    """Returns the number of a document and that of all, if a line consists of these."""
    match = _NUMBERED.fullmatch(line) if len(line) < 200 else None
    if match is None or not (match["before"] or match["after"]):
        return None
    return int(match["number"]), int(match["total"])


def _numbered(lines: Sequence[str]) -> list[Sequence[str]]:
    """Returns the blocks below lines like "2 of 17 DOCUMENTS", if these count up."""
    places = [(place, found) for place, line in enumerate(lines) if (found := _number(line))]
    numbers = [number for _, (number, _) in places]
    totals = {total for _, (_, total) in places}
    if not places or numbers != sorted(set(numbers)) or len(totals) > 1 or numbers[-1] > max(totals):
        return []
    starts = [place for place, _ in places]
    blocks = [
        [line for line in lines[start + 1 : end] if not _END.fullmatch(line)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    return [*blocks]


def _ended(lines: Sequence[str]) -> list[Sequence[str]]:
    """Returns the blocks above lines like "End of Document"."""
    ends = [place for place, line in enumerate(lines) if len(line) < 200 and _END.fullmatch(line)]
    if not ends:
        return []
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [lines[start:end] for start, end in zip(starts, ends, strict=True)]


def _cover(block: Sequence[str]) -> int:
    """Returns where the first article begins, below a list of all titles ("Documents (17)"); 0 without such a list."""
    listed = next((place for place, line in enumerate(block) if _LISTED.fullmatch(line)), None)
    if listed is None:
        return 0
    entries = (match["title"].strip() for line in block[listed:] if (match := _FIRST_ENTRY.fullmatch(line)))
    title = next(entries, None)
    return max((place for place, line in enumerate(block) if place > listed and line.strip() == title), default=0)


def _between_rows(lines: Sequence[str]) -> list[Piece]:
    """Returns the articles between rows of dashes; what has no facts of its own continues the article before it."""
    joined: list[list[str]] = []
    articles = 0
    for block in _blocks(lines):
        piece = _piece(block)
        whole = bool(piece.facts.get("date") and piece.facts.get("title") and piece.text)
        articles += whole
        if whole or not articles:
            joined.append([*block])
        else:
            joined[-1] += block
    if articles < 2:
        return []
    return [piece for piece in map(_piece, joined) if piece.facts.get("date")]


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Returns the blocks between rows of dashes that are not empty."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if len(line) < 400 and _ROW.fullmatch(line):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if any(map(str.strip, block))]


def _titled(lines: Sequence[str]) -> list[Piece]:
    """Returns the blocks that begin with the label of a title, if each has a day, too."""
    starts = [place for place, line in enumerate(lines) if _TITLE.match(line)]
    if len(starts) < 2 or any(map(str.strip, lines[: starts[0]])):
        return []
    pieces = [_piece(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return pieces if all(piece.facts.get("date") and piece.text for piece in pieces) else []
