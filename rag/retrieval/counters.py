"""Finds in a sentence who gave a figure: "the police" in "Some 38,000 marched, the police said"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.language.calendar_words import DAYS, MONTHS
from index.language.sentences import Span
from index.language.stopwords import STOPWORDS
from rag.text import terms

MOST_WORDS = 9
"""The most words of the name of who gave a figure; a longer run is no name."""

_SAYS = re.compile(
    r"\b(?:said|says?|puts?|claim(?:s|ed)?|estimate[sd]?|count(?:s|ed)|report(?:s|ed)|recorded|announced"
    r"|sp(?:oke|eaks?) of|believes?|insist(?:s|ed))\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:according to|(?:estimated|counted|put)\b(?:[^.;,]|(?<=\d)[.,](?=\d)){1,30}\bby)\s+", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:[-.’'][^\W_]+)*")
_WITHIN = frozenset(("the", "of", "for", "in", "at", "a", "an"))
_TIMES = frozenset(name.capitalize() for name in (*DAYS, *MONTHS))
_JOINS = frozenset(("today", "yesterday", "later", "earlier", "meanwhile", "while"))


def counter(sentence: str, figure: Span) -> str:
    """Returns who gave the figure, in the sentence's words; empty if nobody is named.

    `figure` is where the figure stands in the sentence. Of several, it is who is named without another figure in
    between, rather before the figure than after it, and the nearest.
    """

    def distance(found: tuple[Span, str]) -> tuple[bool, bool, int]:
        (start, end), _ = found
        before = end <= figure[0]
        between = (end, figure[0]) if before else (figure[1], start)
        return bool(terms.numbers(sentence[slice(*between)])), not before, between[1] - between[0]

    return min(_named(sentence), key=distance, default=((0, 0), ""))[1]


def _named(sentence: str) -> Iterator[tuple[Span, str]]:
    """Yields who says something, with where that stands in the sentence."""
    for verb in _SAYS.finditer(sentence):
        if who := _name(_back_from(sentence, verb.start())):
            yield verb.span(), who
    for verb in _BY.finditer(sentence):
        if who := _name(_on_from(sentence, verb.end())):
            yield verb.span(), who


def _back_from(sentence: str, end: int) -> str:
    """Returns the words before a verb, back to a comma, a word that joins clauses, or a time."""
    start = end
    for word in reversed(list(_WORD.finditer(sentence, 0, end))):
        if sentence[word.end() : start].strip() or _ends_a_name(word[0]):
            break
        start = word.start()
    return sentence[start:end]


def _on_from(sentence: str, start: int) -> str:
    """Returns the words after "according to", up to a comma, a word that joins clauses, or a time."""
    end = start
    for word in _WORD.finditer(sentence, start):
        if sentence[end : word.start()].strip() or _ends_a_name(word[0]) or _SAYS.fullmatch(word[0]):
            break
        end = word.end()
    return sentence[start:end]


def _ends_a_name(word: str) -> bool:
    lower = word.lower()
    joins = lower in _JOINS or (lower in STOPWORDS and lower not in _WITHIN and not word.isupper())
    return joins or word in _TIMES


def _name(words: str) -> str:
    """Returns the words as a name; empty if they are none: too many, with a figure, or nothing but small words."""
    kept = words.split()
    while kept and kept[0].lower() in _WITHIN - {"the", "a", "an"}:
        del kept[0]
    while kept and kept[-1].lower() in _WITHIN:
        del kept[-1]
    text = " ".join(kept)
    return text if kept and len(kept) <= MOST_WORDS and terms.stems(text) and not terms.numbers(text) else ""
