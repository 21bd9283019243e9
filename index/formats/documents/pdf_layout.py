"""Joins the lines of printed pages into paragraphs.

A page is given as lines with their positions. Lines that recur at the edges of pages (headers, footers, page numbers)
are removed; the others are joined into paragraphs by their gaps, indentation and short last lines, also across columns
and pages. Words hyphenated at the end of a line are rejoined. Independent of the file format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from index.cleaning.broken_words import HYPHENS, BrokenWords
from index.cleaning.paragraphs import as_item

# Largest number of lines of a page's header or footer.
_EDGE = 2
# A recurring line is a header or footer if it is on at least so many pages, and on a third of them.
_RECURS = 3
# Gaps and font sizes that differ by up to this factor are the same but for rounding.
_LIKE = 1.2

_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|p\.|pp?\.?|página|pagina|стр\.?) ?)?\d{1,4}(?: ?(?:of|/|von|de|sur|di|–|-) ?\d{1,4})?\W*",
    re.I,
)
_DIGITS = re.compile(r"\d+")
_ENDED = re.compile(r"[.!?…:;][\"'”’»)\]]*$")


# Approximate widths of characters in Helvetica, as fractions of the font size. The file does not give the right end of
# a line, and the estimate is only compared with those of other lines in the same type.
_WIDTHS = {" ": 0.28, "m": 0.83, "w": 0.72, "M": 0.83, "W": 0.94, "—": 1.0, "…": 1.0} | dict.fromkeys(
    "ijlI.,;:!'|’‘", 0.25
)
_WIDTHS |= dict.fromkeys('ftr()[]-/“”"', 0.32)


class Line(NamedTuple):
    """A printed line: its left end, its vertical position (increasing upwards) and its font size, all in points."""

    text: str
    left: float
    y: float
    size: float

    @property
    def right(self) -> float:
        """The estimated position of its right end."""
        return self.left + width(self.text) * self.size


def width(text: str) -> float:
    """Returns the estimated width of `text`, as a multiple of the font size."""
    return sum(_WIDTHS.get(character, 0.67 if character.isupper() else 0.53) for character in text)


@dataclass(frozen=True, slots=True)
class Pages:
    """The paragraphs of pages in reading order, and the lines removed with the reason."""

    paragraphs: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...]


def join_pages(pages: Sequence[Sequence[Line]]) -> Pages:
    """Joins the lines of the pages, which are given in reading order, into paragraphs."""
    edges = _headers_and_footers(pages)
    kept: list[list[Line]] = []
    dropped: list[tuple[str, str]] = []
    for page, out in zip(pages, edges, strict=True):
        dropped += [(page[n].text, reason) for n, reason in sorted(out.items())]
        kept.append([line for n, line in enumerate(page) if n not in out])
    layout = _Layout.of(kept)
    groups: list[list[Line]] = []
    for page_lines in kept:
        for n, line in enumerate(page_lines):
            if groups and layout.continues(groups[-1], line, turned=n == 0):
                groups[-1].append(line)
            else:
                groups.append([line])
    words = BrokenWords([line.text for page_lines in kept for line in page_lines])
    return Pages(tuple(words.join([line.text for line in group]) for group in groups), tuple(dropped))


def _headers_and_footers(pages: Sequence[Sequence[Line]]) -> list[dict[int, str]]:
    """Returns for each page the indices of its headers, footers and page numbers, with the reason to remove them."""
    edges = [_edges(page) for page in pages]
    seen = Counter(
        key for page, places in zip(pages, edges, strict=True) for key in {_recurring(page[n].text) for n in places}
    )
    enough = max(_RECURS, len(pages) / 3)
    found: list[dict[int, str]] = []
    for page, places in zip(pages, edges, strict=True):
        out = {n: "page header or footer" for n in places if seen[_recurring(page[n].text)] >= enough}
        for n in places[:1] + places[-1:]:
            if _PAGE_NUMBER.fullmatch(page[n].text):
                out[n] = "page number"
        found.append(out)
    return found


def _edges(page: Sequence[Line]) -> list[int]:
    """Returns the indices of the top and the bottom lines, from top to bottom; all lines if there are few."""
    order = sorted(range(len(page)), key=lambda n: -page[n].y)
    return order if len(order) <= 2 * _EDGE else order[:_EDGE] + order[-_EDGE:]


def _recurring(text: str) -> str:
    return _DIGITS.sub("0", text.casefold())


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of a document: the usual line distance for each font size, and the right end of each column."""

    gaps: dict[int, float]
    rights: dict[int, float]

    @classmethod
    def of(cls, pages: Sequence[Sequence[Line]]) -> _Layout:
        gaps: dict[int, list[float]] = {}
        rights: dict[int, list[float]] = {}
        for page in pages:
            for line in page:
                rights.setdefault(_column(line), []).append(line.right)
            for above, below in pairwise(page):
                gap = above.y - below.y
                if 0 < gap < 3 * below.size:
                    gaps.setdefault(round(below.size), []).append(gap)
        # The lower quartile, since the median is the gap between paragraphs if most of these have one line.
        usual = {size: sorted(found)[len(found) // 4] for size, found in gaps.items()}
        return cls(usual, {column: _usual_end(found) for column, found in rights.items()})

    def continues(self, open_lines: Sequence[Line], line: Line, *, turned: bool) -> bool:
        """Returns whether `line` continues the paragraph of `open_lines`; `turned`: it is the first on its page."""
        last = open_lines[-1]
        if max(last.size, line.size) > _LIKE * min(last.size, line.size):
            return False
        # "in May\n5. The" or a dash can continue a sentence: a marker counts only after an ended line, or in a list.
        if as_item(line.text) and (_ENDED.search(last.text) or as_item(open_lines[0].text)):
            return False
        if line.text[0].islower() and last.text[-1] in HYPHENS + ",":
            return True
        gap = last.y - line.y
        if turned or gap < -0.5 * line.size:  # a new page, or the next column
            return not _ENDED.search(last.text)
        if gap > _LIKE * self.gaps.get(round(line.size), gap):
            return False
        if abs(gap) < 0.5 * line.size:  # another piece of the same line
            return True
        if line.left > last.left + 0.7 * line.size and len(open_lines) > 1:
            return False
        return not self._room_for(line, last)

    def _room_for(self, line: Line, last: Line) -> bool:
        """Returns whether the first word of `line` would have fitted after `last`, so that a paragraph ended there."""
        end = self.rights.get(_column(last), last.right)
        first = line.text.split(None, 1)[0]
        # With one letter more, since widths are estimates.
        return last.right + width(f" {first}n") * line.size < end


def _column(line: Line) -> int:
    """Returns the number of the line's column: its left end in steps of 60 points, so that indents do not count."""
    return round(line.left / 60)


def _usual_end(rights: Sequence[float]) -> float:
    """Returns the right end of full lines: the 95th percentile, so that a few longer lines do not count."""
    return sorted(rights)[int(0.95 * (len(rights) - 1))] if len(rights) > 2 else median(rights)
