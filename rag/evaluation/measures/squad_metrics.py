"""Scores of answers against accepted answers: F1 as in SQuAD, and matching by whole words.

Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text", section 4: case, punctuation
and the articles a, an, the are ignored; F1 is computed over the words of the answer and the accepted answer.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

from index.language.searchable import spaced

_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—…。，、！？：；（）《》「」『』·«»؟،؛")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: str) -> str:
    """Returns the text in lower case, without punctuation and articles, with single spaces between words.

    Every letter of a script without spaces counts as a word.
    """
    return " ".join(_ARTICLES.sub(" ", spaced(text.lower()).translate(_PUNCTUATION)).split())


def contains(text: str, answers: Iterable[str]) -> bool:
    """Whether the text contains one of the answers, as whole words."""
    haystack = f" {normalise(text)} "
    return any(needle.strip() and needle in haystack for needle in (f" {normalise(answer)} " for answer in answers))


def f1(text: str, answers: Iterable[str]) -> float:
    """Returns the highest token F1, in [0, 1], of the text with any of the answers; 0 without answers."""
    return max((_f1(normalise(text).split(), normalise(answer).split()) for answer in answers), default=0.0)


def _f1(said: list[str], accepted: list[str]) -> float:
    common = sum((Counter(said) & Counter(accepted)).values())
    return 2 * common / (len(said) + len(accepted)) if common else 0.0


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Returns the probability that a positive scores higher than a negative; ties count half.

    Hanley and McNeil 1982. Both sequences must not be empty.
    """
    below = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    return below / (len(positive) * len(negative))


def first_words(texts: Iterable[str], count: int) -> str:
    """Returns the first `count` words of the joined texts."""
    return " ".join(" ".join(texts).split()[:count])
