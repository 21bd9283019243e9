"""Puts the text of scanned pages in its order: columns side by side one after the other, without heads of pages.

What stands on both sides of the end of a page is joined again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_GAP = re.compile(r"(?<=\S) {3,}(?=\S)|^ {20,}(?=\S)")
_FEWEST_LINES = 5
_MOST_LINES = 300
# Number of characters and words that a line of a column has on average; the cells of tables have fewer.
_NARROWEST = 18
_FEWEST_WORDS = 3.0

_NUMBER_BESIDE = re.compile(r"(?P<before>\d{1,4})\s+\S.*|\S.*\s(?P<after>\d{1,4})")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LONGEST_HEAD = 100
_MOST_CAPITALS = 0.6
_ALIKE = 0.6
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’)\]]*$")


def in_order(text: str) -> tuple[str, tuple[str, ...]]:
    """Returns the text with its columns in order, and the heads of pages that were taken out of it."""
    lines = list(_columns_in_order(text.splitlines())) if _has_gaps(text) else text.splitlines()
    heads = _running_heads(lines)
    if not heads and "   " not in text:
        return text, ()
    kept: list[str] = []
    joins = False
    for place, line in enumerate(lines):
        if place in heads:
            while kept and not kept[-1].strip():
                kept.pop()
            joins = bool(kept) and not _SENTENCE_END.search(kept[-1])
        elif joins and line[:1].islower() and kept[-1].endswith("-"):  # a word that was broken
            kept[-1] = kept[-1][:-1] + line
            joins = False
        elif line.strip() or not joins:
            kept.append(line)
            joins = False
    return "\n".join(kept), tuple(lines[place].strip() for place in heads)


def _has_gaps(text: str) -> bool:
    return sum(1 for _, _ in zip(range(_FEWEST_LINES), re.finditer(r"\S {3,}\S", text), strict=False)) >= _FEWEST_LINES


def _columns_in_order(lines: Sequence[str]) -> Iterator[str]:
    """Yields the lines, of each block that stands in two columns of prose first the left ones."""
    lines = [line.expandtabs(4).rstrip() for line in lines]
    starts = [{match.end() for match in _GAP.finditer(line)} for line in lines]
    place = 0
    while place < len(lines):
        end, column = max((_block_end(lines, starts, place, column), column) for column in starts[place] or {0})
        left = [line[:column].rstrip() for line in lines[place:end]]
        right = [line[column:].strip() for line in lines[place:end]]
        if end and _is_prose(left) and _is_prose(right):
            yield from (*left, "", *right)
        else:
            yield from lines[place : end or place + 1]
        place = end or place + 1


def _block_end(lines: Sequence[str], starts: Sequence[set[int]], start: int, column: int) -> int:
    """Returns the end of the lines from a place on that have text on both sides of a column, or on one; 0 if few."""
    both = end = start
    count = 0
    most = min(len(lines), start + _MOST_LINES)
    while column and end < most and not lines[end][column - 2 : column].strip():
        if column in starts[end]:
            count, both = count + 1, end + 1
        end += 1
    return both if count >= _FEWEST_LINES and 2 * count >= sum(map(bool, lines[start:both])) else 0


def _is_prose(lines: Sequence[str]) -> bool:
    filled = [line.strip() for line in lines if line.strip()]
    words = sum(len(line.split()) for line in filled)
    return words >= _FEWEST_WORDS * len(filled) and sum(map(len, filled)) >= _NARROWEST * len(filled)


def _running_heads(lines: Sequence[str]) -> set[int]:
    """Returns the places of the lines that name the paper and the page again, after the first of them."""
    found = [
        (place, set(_WORD.findall(line.upper())))
        for place, line in enumerate(lines)
        if len(line) <= _LONGEST_HEAD and _NUMBER_BESIDE.fullmatch(line.strip()) and _is_alone(lines, place)
    ]
    heads = set()
    for number, (place, words) in enumerate(found):
        earlier = (other for _, other in found[:number])
        if words and any(len(words & other) >= _ALIKE * len(words | other) for other in earlier):
            heads.add(place)
    return heads


def _is_alone(lines: Sequence[str], place: int) -> bool:
    """Returns whether a line in capitals has no other right above and below it."""
    letters = [character for character in lines[place] if character.isalpha()]
    capitals = sum(map(str.isupper, letters))
    beside = (lines[n].strip() for n in (place - 1, place + 1) if 0 <= n < len(lines))
    return bool(letters) and capitals >= _MOST_CAPITALS * len(letters) and not any(beside)
