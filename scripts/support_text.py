"""What the rules of the support pairs share: a clipping with its surroundings, names, numbers and dates in it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

MONTHS = "January February March April May June July August September October November December".split()
MONTH = f"(?:{'|'.join(MONTHS)})"
_WORD = r"[A-Z][^\W\d_]*[a-z][^\W\d_]*(?:-[A-Z][^\W\d_]+)?"
NAME = rf"{_WORD}(?:(?: of| of the| de| von| van)? {_WORD})*"
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
SAYING = (
    "said says stated states argued argues claimed claims wrote writes noted notes suggested suggests reported reports "
    "concluded concludes announced declared asserted asserts alleged alleges believed believes explained maintained "
    "maintains warned observed remarked estimated"
).split()
"""Verbs that tell who says something, with "that" after them."""

_NOT_NAMES = frozenset(
    (
        "The A An In On At By For From With As It Its He She They We This That These Those There Their His Her Our And "
        "But Or If When While After Before During Since Until Although Though Because However Many Most Some Several "
        "All Both Each Every No Not Other Another Such One Two Three Four Five According Despite Under Over Between "
        "Among Through Throughout Within Without Also Additionally Then Thus Here Where Who What Which To Today Later "
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    ).split()
) | frozenset(MONTHS)
_STARTERS = frozenset(word.lower() for word in _NOT_NAMES - set(MONTHS))
_LITTLE = frozenset("the and was were are has had have been did does from with that this for its".split())
_ADJECTIVE = re.compile(r"(?:an|ish|ese|ch|ic|i)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a passage; `answers` are (offset, text), none if the passage does not hold one."""

    question: str
    answers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A clipping: one sentence, its passage and article, the questions that it answers (with the answers accepted),
    and the questions on its passage's topic that the passage does not answer.
    """

    clipping: str
    passage: str
    article: Article
    asked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(slots=True)
class Article:
    """An article's title, the names that it uses more than once, and its sentences."""

    title: str
    names: tuple[str, ...]
    sources: list[Source] = field(default_factory=list)


Rule: TypeAlias = Callable[[Source, random.Random], str | None]
"""Makes a sentence of a clipping; None where the rule does not fit."""


def names_of(sentences: Iterable[str]) -> tuple[str, ...]:
    """Names that occur twice or more within sentences, in order of first use."""
    found = Counter(m.group() for s in sentences for m in re.finditer(NAME, s) if m.start() and _is_name(m.group()))
    return tuple(name for name, count in found.items() if count >= 2)


def names_in(text: str, source: Source) -> list[re.Match[str]]:
    """The names of the text; at its start only those that the article uses elsewhere too."""
    return [
        match
        for match in re.finditer(rf"\b{NAME}\b", text)
        if _is_name(match.group()) and (match.start() or match.group() in source.article.names)
    ]


def _is_name(text: str) -> bool:
    return not set(text.split()) & _NOT_NAMES


def differ(one: str, other: str) -> bool:
    """Whether two names cannot mean the same: no word begins alike, neither is the other's initials."""
    left, right = ({word[:4].lower() for word in name.split()} for name in (one, other))
    initials = ["".join(word[0] for word in name.split() if word[0].isupper()) for name in (one, other)]
    same_sort = bool(_ADJECTIVE.search(one)) == bool(_ADJECTIVE.search(other))
    return same_sort and not left & right and one not in initials and other not in initials


def capitalised(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The text as it goes on after another word: a small letter, unless it begins with a name."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    return text[:1].lower() + text[1:] if first.lower() in _STARTERS else text


def replaced(text: str, match: re.Match[str], new: str) -> str:
    """The text with `new` where the match is."""
    return text[: match.start()] + new + text[match.end() :]


def one_of(rng: random.Random, matches: Iterable[re.Match[str]]) -> re.Match[str] | None:
    """One match by chance; None if there is none."""
    found = list(matches)
    return rng.choice(found) if found else None


def content(text: str) -> set[str]:
    """First four letters of the words of the text that are longer than three, and its numbers."""
    return {word[:4] for word in re.findall(r"[^\W\d_]{4,}", text.lower())} | set(re.findall(r"\d+", text))


def in_its_words(sentence: str, clipping: str) -> bool:
    """Whether the sentence needs no synonym: each word that means something begins like one of the clipping's."""
    said, source = (
        {word[:4] for word in re.findall(r"[^\W_]{3,}", text.lower()) if word not in _LITTLE}
        for text in (sentence, clipping)
    )
    return said <= source
