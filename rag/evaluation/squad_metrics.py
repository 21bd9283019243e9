"""How answers are scored: normalised as SQuAD does, matched on whole words.

Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text", section 4: case, punctuation
and the articles a, an, the are ignored; F1 is over the words of answer and accepted answer.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—…")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: str) -> str:
    """Lower case, without punctuation and articles, words separated by one space."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def contains(text: str, answers: Iterable[str]) -> bool:
    """Whether the text holds one of the answers, as whole words."""
    haystack = f" {normalise(text)} "
    return any(needle.strip() and needle in haystack for needle in (f" {normalise(answer)} " for answer in answers))


def f1(text: str, answers: Iterable[str]) -> float:
    """Best token F1, in [0, 1], of the text with one of the answers; 0 without answers."""
    return max((_f1(normalise(text).split(), normalise(answer).split()) for answer in answers), default=0.0)


def _f1(said: list[str], accepted: list[str]) -> float:
    common = sum((Counter(said) & Counter(accepted)).values())
    return 2 * common / (len(said) + len(accepted)) if common else 0.0


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half (Hanley and McNeil 1982); needs both."""
    below = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    return below / (len(positive) * len(negative))


def first_words(texts: Iterable[str], count: int) -> str:
    """The first `count` words of the texts in order."""
    return " ".join(" ".join(texts).split()[:count])
