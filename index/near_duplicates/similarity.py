"""Decides whether two articles report the same story in nearly the same words.

By the exact Jaccard similarity of their word shingles (Broder 1997), and by their figures: a weekly report repeats last
week's words with other numbers, and is not its duplicate. How the thresholds were fitted is in docs/decisions.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.article import Article
from index.language.calendar_words import ENGLISH_MONTHS
from index.language.number_words import SPELLED

MIN_WORDS = 30
"""Minimum number of words; shorter texts are never duplicates: "Qtly div 10 cts vs 10 cts prior" fits every company."""

SIMILARITY = 0.4
"""Minimum Jaccard similarity of the shingles of two texts: a third may be cut, a sentence rewritten."""

SAME_FIGURES = 0.8
"""Minimum share of the figures that must be in both texts, of those in the text that has fewer."""

CORRECTED_FIGURES = 0.5
"""The same if one of the two is a correction: figures are what is corrected."""

DAYS_APART = 7
"""Maximum days between publication; further apart, the same words report other events. Needs both dates."""

CONTAINED = 0.5
"""Minimum share of a passage's shingles that an article must have to contain the passage."""

_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d+(?:[.,/-]\d+)*|[a-z]+")
_FIGURE_WORDS = SPELLED.keys() - {"zero"} | {"hundred", "thousand"} | ENGLISH_MONTHS.keys()
_CORRECTS_TITLE = re.compile(r"\b(?:corrects|corrected|correction|clarification|retraction|erratum)\b", re.IGNORECASE)
_CORRECTS_TEXT = re.compile(r"(?:^|[(\n]|[.:] )(?:Corrects|Corrected|Correction)\b|\bcompany corrects\b")


def shingles(text: str) -> frozenset[str]:
    """Returns every sequence of three words of the text, lower case, without punctuation."""
    words = _WORD.findall(text.lower())
    runs = zip(words, words[1:], words[2:], strict=False)
    return frozenset(" ".join(run) for run in runs)


def says_it_corrects(article: Article) -> bool:
    """Returns whether the title or the text announces a correction: "CORRECTED - …", "(Corrects paragraph 2)"."""
    return bool(_CORRECTS_TITLE.search(article.title) or _CORRECTS_TEXT.search(article.text))


@dataclass(frozen=True)
class Likeness:
    """The features of one article that are compared."""

    published: date | None
    shingles: frozenset[str]
    figures: frozenset[str]
    corrects: bool

    @classmethod
    def of(cls, article: Article) -> Likeness:
        """Computes the features; shingles and figures are the text's alone, because a wire story has many titles."""
        found = _FIGURE.findall(article.text.lower())
        figures = frozenset(word for word in found if word[0].isdigit() or word in _FIGURE_WORDS)
        return cls(article.published, shingles(article.text), figures, says_it_corrects(article))

    def is_same_story(self, other: Likeness) -> bool:
        """Returns whether both report the same story; symmetric, and a function of the two articles alone."""
        if self.published and other.published and abs((self.published - other.published).days) > DAYS_APART:
            return False
        shared = len(self.shingles & other.shingles)
        if shared < SIMILARITY * (len(self.shingles) + len(other.shingles) - shared) or not shared:
            return False
        wanted = CORRECTED_FIGURES if self.corrects or other.corrects else SAME_FIGURES
        return len(self.figures & other.figures) >= wanted * min(len(self.figures), len(other.figures))


def is_long_enough(text: str) -> bool:
    """Returns whether the text has the number of words that a duplicate must have."""
    return sum(1 for _ in zip(_WORD.finditer(text), range(MIN_WORDS), strict=False)) == MIN_WORDS


def holds(article: frozenset[str], passage: frozenset[str]) -> bool:
    """Returns whether an article with the first shingles contains the passage with the second."""
    return bool(passage) and len(article & passage) >= CONTAINED * len(passage)
