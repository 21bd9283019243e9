"""Whether two articles tell the same story in nearly the same words.

Decided on the exact Jaccard similarity of their word shingles (Broder 1997), and on their figures: a weekly report is
last week's form with other numbers in it, and nobody's duplicate. How it was fitted is in docs/decisions.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.article import Article

MIN_WORDS = 30
"""A shorter text is never a duplicate: "Qtly div 10 cts vs 10 cts prior" is every company's."""

SIMILARITY = 0.4
"""Jaccard similarity of the shingles from which two texts are the same: a third may be cut, a sentence rewritten."""

SAME_FIGURES = 0.8
"""Share of the figures of the text that has fewer that must stand in the other, too."""

CORRECTED_FIGURES = 0.5
"""The same where one of them says that it corrects: figures are what is corrected."""

DAYS_APART = 7
"""Reports published further apart are different events in the same words; without a date nothing is assumed."""

CONTAINED = 0.5
"""Share of a passage's shingles that must stand in an article for the article to hold the passage."""

_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d+(?:[.,/-]\d+)*|[a-z]+")
_FIGURE_WORDS = frozenset(
    (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sep sept oct nov dec"
    ).split()
)
_CORRECTS_TITLE = re.compile(r"\b(?:corrects|corrected|correction|clarification|retraction|erratum)\b", re.IGNORECASE)
_CORRECTS_TEXT = re.compile(r"(?:^|[(\n]|[.:] )(?:Corrects|Corrected|Correction)\b|\bcompany corrects\b")


def shingles(text: str) -> frozenset[str]:
    """Every run of three words of the text, lower case, without punctuation."""
    words = _WORD.findall(text.lower())
    runs = zip(words, words[1:], words[2:], strict=False)
    return frozenset(" ".join(run) for run in runs)


def says_it_corrects(article: Article) -> bool:
    """Whether the title or the text announces a correction: "CORRECTED - …", "(Corrects paragraph 2)"."""
    return bool(_CORRECTS_TITLE.search(article.title) or _CORRECTS_TEXT.search(article.text))


@dataclass(frozen=True)
class Likeness:
    """What is compared of one article."""

    published: date | None
    shingles: frozenset[str]
    figures: frozenset[str]
    corrects: bool

    @classmethod
    def of(cls, article: Article) -> Likeness:
        """Computed from the article's text, never its title: a wire story has many."""
        found = _FIGURE.findall(article.text.lower())
        figures = frozenset(word for word in found if word[0].isdigit() or word in _FIGURE_WORDS)
        return cls(article.published, shingles(article.text), figures, says_it_corrects(article))

    def is_same_story(self, other: Likeness) -> bool:
        """Whether both tell the same story; symmetric, and a function of the two articles alone."""
        if self.published and other.published and abs((self.published - other.published).days) > DAYS_APART:
            return False
        shared = len(self.shingles & other.shingles)
        if shared < SIMILARITY * (len(self.shingles) + len(other.shingles) - shared) or not shared:
            return False
        wanted = CORRECTED_FIGURES if self.corrects or other.corrects else SAME_FIGURES
        return len(self.figures & other.figures) >= wanted * min(len(self.figures), len(other.figures))


def is_long_enough(text: str) -> bool:
    """Whether the text has the words that it takes to be a duplicate of anything."""
    return sum(1 for _ in zip(_WORD.finditer(text), range(MIN_WORDS), strict=False)) == MIN_WORDS


def holds(article: frozenset[str], passage: frozenset[str]) -> bool:
    """Whether an article with these shingles has the passage with those."""
    return bool(passage) and len(article & passage) >= CONTAINED * len(passage)
