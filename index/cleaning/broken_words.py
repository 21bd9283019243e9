"""Joins words that were broken at the ends of lines, as printed pages have them: "per-" and "ished".

A hyphen at the end of a line is the typesetter's, and is removed, unless the word has one anywhere ("well-known"). What
is right is learned from the other words of the same text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from index.language.stopwords import STOPWORDS

HYPHENS = "-\u2010\u00ad"
"""Characters that break a word at the end of a line."""

# Share of lines ending in a hyphen above which a text is hyphenated: 5 to 15 % do if it is, 0 to 5 % if not.
_HYPHENATED = 0.06

_LAST_WORD = re.compile(rf"([^\W\d_]+)[{HYPHENS}]$")
_NUMBER = re.compile(rf"\d[{HYPHENS}]$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\w+(?:-\w+)*")
# "short- and long-term": the hyphen stands for the rest of the word.
_SUSPENDED = re.compile(r"(?:and|or|to|und|oder|bis|et|ou|y|o|e|en|of)\b")


class BrokenWords:
    """The words of a text, by which the lines of it are joined."""

    def __init__(self, lines: Sequence[str], *, fewest: int = 1) -> None:
        """`lines` are all lines of the text, in their order.

        `fewest` is the number of broken words from which their share counts: in typed text, where compounds are broken
        but no other words, a single one says nothing.
        """
        pairs = [pair for line, following in pairwise(lines) if (pair := broken_word(line, following))]
        self._lines = lines
        self._pairs = pairs
        # A broken word that occurs unbroken elsewhere proves hyphenation; otherwise many lines that end in a hyphen do.
        self.hyphenated = any(self._count[f"{first}{second}".lower()] > 0 for first, second in pairs) or (
            len(pairs) >= fewest and len(pairs) > _HYPHENATED * len(lines)
        )

    @cached_property
    def _count(self) -> Counter[str]:
        """The words by their number, counted only if a word is broken; what stands at a break is no word by itself."""
        count = Counter(_WORD.findall("\n".join(self._lines).lower()))
        for first, second in self._pairs:
            count.subtract((first.lower(), second.lower()))
        return count

    def join(self, lines: Sequence[str]) -> str:
        """Returns the lines of a paragraph as one line of text."""
        text = lines[0]
        for line in lines[1:]:
            pair = broken_word(text, line)
            if pair is None:  # "a 20-" and "year" may be one word
                compound = _NUMBER.search(text) and line[:1].islower() and not _SUSPENDED.match(line)
                text = f"{text}{line}" if compound else f"{text} {line}"
            else:
                text = text.rstrip()[:-1] + ("-" if self._is_compound(*pair) else "") + line.lstrip()
        return " ".join(text.split())

    def _is_compound(self, first: str, second: str) -> bool:
        """Returns whether "first-second", broken at the end of a line, keeps its hyphen."""
        whole, parted = self._count[f"{first}{second}".lower()], self._count[f"{first}-{second}".lower()]
        if whole != parted:
            return parted > whole
        if f"{first}{second}".lower() in STOPWORDS:
            return False
        if second[0].isupper() and not first.isupper():  # "Anglo-" and "Saxon"
            return True
        return not self.hyphenated or min(self._count[first.lower()], self._count[second.lower()]) > 0


def broken_word(line: str, following: str) -> tuple[str, str] | None:
    """Returns the parts of the word that is broken between two lines; None if none is."""
    line = line.rstrip()
    if line[-1:] not in HYPHENS:
        return None
    following = following.lstrip()
    first, second = _LAST_WORD.search(line), _FIRST_WORD.match(following)
    if not first or not second or _SUSPENDED.match(following):
        return None
    return first[1], second[0]
