"""Finds the lists that an article prints line by line: numbered, bulleted or short lines, and headings of paragraphs.

Numbered lines may be headings, too, with paragraphs between them, and may count down ("10." to "1.").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.language.sentences import Span

FEWEST = 3
"""The fewest items of a list."""

FEWEST_UNMARKED = 4
"""The fewest lines without number or bullet that count as a list: many articles have two or three subheadings."""

LONGEST_UNMARKED = 14
"""The most words of such a line."""

LONGEST_ITEM = 30
"""The most words of a numbered or bulleted line that is an item as a whole; of a longer one its first sentence is,
or what is in bold at its beginning."""

_MARK = re.compile(r"[*_]{0,3}(?:(?P<number>\d{1,3})[.)]|(?P<bullet>[-–—•*·▪◦‣]))[*_]{0,3}\s+(?=\S)")
_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", "。", "！", "？")
_FIRST_SENTENCE = re.compile(r".+?[.!?…。！？][*_\"”’')]*(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the text, not empty. `item` is its span without bullet or number, of a long one its first sentence."""

    item: Span
    words: int
    number: int | None
    bulleted: bool
    ended: bool

    @property
    def unmarked(self) -> bool:
        """Whether the line can be an item without number or bullet, or a heading."""
        return self.number is None and not self.bulleted and not self.ended and self.words <= LONGEST_UNMARKED

    @property
    def is_paragraph(self) -> bool:
        """Whether the line is running text, as it follows a heading."""
        return self.ended and self.words > LONGEST_UNMARKED


def printed_lists(text: str) -> list[tuple[Span, ...]]:
    """Returns the items of each list, as spans of the text without their numbers and bullets."""
    lines = list(_lines(text))
    found = (*_numbered(lines), *_bulleted(lines), *_short_lines(lines), *_headings(lines))
    return [tuple(line.item for line in some) for some in found]


def _lines(text: str) -> Iterator[_Line]:
    for found in re.finditer(r"\S[^\n]*", text):
        line = found.group().rstrip()
        mark = _MARK.match(line)
        start = mark.end() if mark else 0
        words = len(line[start:].split())
        bold = line.find("**", start) if mark and line.startswith("**") else -1
        first = _FIRST_SENTENCE.match(line, start) if words > LONGEST_ITEM else None
        end = bold if bold > 0 else first.end() if first else len(line)
        number = int(mark["number"]) if mark and mark["number"] else None
        bulleted = mark is not None and number is None
        ended = line.rstrip("*_\"”’')").endswith(_SENTENCE_ENDS)
        end = len(line[:end].rstrip("*_"))
        yield _Line((found.start() + start, found.start() + end), words, number, bulleted, ended)


def _numbered(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields runs of numbered lines that count up from 1 or down to 1, whatever stands between them."""
    run: list[tuple[int, _Line]] = []
    for line in lines:
        if line.number is None:
            continue
        if not (run and abs(line.number - run[-1][0]) == 1 and _goes_on([n for n, _ in run], line.number)):
            yield from _whole(run)
            run = []
        run.append((line.number, line))
    yield from _whole(run)


def _goes_on(numbers: Sequence[int], number: int) -> bool:
    """Whether a number continues the direction of those before it."""
    return len(numbers) < 2 or number - numbers[-1] == numbers[-1] - numbers[-2]


def _whole(run: Sequence[tuple[int, _Line]]) -> Iterator[list[_Line]]:
    if len(run) >= FEWEST and 1 in (run[0][0], run[-1][0]):
        yield [line for _, line in run]


def _bulleted(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields runs of bulleted lines that follow each other."""
    for bulleted, run in groupby(lines, key=lambda line: line.bulleted):
        items = list(run)
        if bulleted and len(items) >= FEWEST:
            yield items


def _short_lines(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields runs of short lines that do not end as sentences do."""
    for short, run in groupby(lines, key=lambda line: line.unmarked):
        items = list(run)
        if short and len(items) >= FEWEST_UNMARKED:
            yield items


def _headings(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yields the headings of the whole article that stand over paragraphs; bulleted lines between them do not count."""
    unbulleted = [line for line in lines if not line.bulleted]
    headings = [line for line, following in pairwise(unbulleted) if line.unmarked and following.is_paragraph]
    if len(headings) >= FEWEST_UNMARKED:
        yield headings
