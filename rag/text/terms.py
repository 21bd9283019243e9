"""Normalised terms of a text, for comparison: word stems, names and numbers.

"33" and "thirty-three", "Feb." and "February", "wounded" and "wounding" are normalised to the same term. Used to select
evidence, to judge whether anything relevant was found, and to check that a sentence is supported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from index.language.calendar_words import MONTHS, SHORT_MONTHS
from index.language.number_words import PLAIN_NUMBER, SCALES, SPELLED, first_number, shortest
from index.language.stems import stem
from index.language.stopwords import STOPWORDS

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|\w+")
_POSSESSIVE = re.compile(r"['’]s?$")
_QUESTION_WORDS = frozenset(
    (
        "who whom whose what which when where why how many much long often far old name tell list "
        "say said did does do is are was were has have had can could would should please give explain describe"
    ).split()
)

REQUESTS = frozenset(
    (
        "summarise summarize summarising summarizing summary tldr gist takeaway takeaways nutshell rundown recap "
        "overview timeline chronology pls plz gimme article articles archive"
    ).split()
)
"""Words that say what the answer should be like, not what it should be about."""

_OPERATORS = frozenset(("and", "or", "not"))
"""Stop words that are no names even in capitals: people write them so between words to search for."""

_ASKED_KIND = re.compile(r"\b(?:what|which) (?:year|date|month|day|decade|century|time)s?\b", re.I)


@dataclass(frozen=True, slots=True)
class Word:
    """One content word of a text (not a stop word).

    `stem` is its stem in lower case (for a number its plain digits, for a month its full name). `name` is true for a
    capitalised word, unless the whole text is in capitals; `number` is true for a number.
    """

    stem: str
    name: bool
    number: bool


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[Word, ...]:
    """Returns the content words of `text`, in order, with repetitions."""
    shouting = not any(c.islower() for c in text)
    found: list[Word] = []
    for match in _WORD.finditer(text):
        for part in re.split(r"[-–]", match.group()):
            word = _word(part, shouting)
            if word is not None:
                found.append(word)
    return tuple(_join_numbers(found))


def placed(text: str) -> list[tuple[tuple[int, int], Word]]:
    """Returns the content words of `text` with their spans; hyphenated compounds stay whole, numbers are not joined."""
    shouting = not any(c.islower() for c in text)
    found = [(match, _word(match.group(), shouting)) for match in _WORD.finditer(text)]
    return [((m.start(), m.start() + len(m.group().rstrip("."))), word) for m, word in found if word is not None]


def stems(text: str) -> frozenset[str]:
    """Returns the stems of the content words of `text`."""
    return frozenset(word.stem for word in words(text))


def names(text: str) -> frozenset[str]:
    """Returns the stems of the capitalised words of `text`, without months and numbers."""
    return frozenset(word.stem for word in words(text) if word.name and word.stem not in MONTHS)


def numbers(text: str) -> frozenset[str]:
    """Returns the numbers in `text`, in digits without thousands separators."""
    return frozenset(word.stem for word in words(text) if word.number)


def question_stems(question: str) -> frozenset[str]:
    """Returns the stems of the question's content words without question words, requests and phrases ("which year").

    If none is left, returns all stems.
    """
    return _content(question) or stems(question)


def names_something(question: str) -> bool:
    """Returns whether the question has a content word that an article could hold; "why?" and "how come" have none."""
    return bool(_content(question))


def _content(question: str) -> frozenset[str]:
    return frozenset(w.stem for w in words(_ASKED_KIND.sub(" ", question)) if w.stem not in _ASKING)


def _word(raw: str, shouting: bool) -> Word | None:
    lower = _POSSESSIVE.sub("", raw).rstrip(".").lower()
    if not lower:
        return None
    if lower[0].isdigit():
        return Word(_digits(lower), name=False, number=True)
    if (raw.endswith(".") or raw[0].isupper()) and lower in SHORT_MONTHS:
        return Word(SHORT_MONTHS[lower], name=True, number=False)
    if lower in MONTHS:
        return Word(lower, name=raw[0].isupper(), number=False)
    if lower in SPELLED or lower in SCALES:
        return Word(lower, name=False, number=True)
    may_be_name = raw.isupper() and len(raw) > 1 and not shouting and lower not in _OPERATORS  # "US", "WHO"
    if lower in STOPWORDS and not may_be_name:
        return None
    return Word(stem(lower), name=raw[0].isupper() and not shouting, number=False)


def _digits(text: str) -> str:
    """Removes thousands separators and the trailing zeros of a fraction from a number: "1,200.50" -> "1200.5"."""
    number = re.sub(r",(?=\d{3}\b)", "", text)
    if not PLAIN_NUMBER.fullmatch(number):
        return number  # "1.5.2019" or "3,7": no plain number, so it is left as it is
    return shortest(Decimal(number))


def _join_numbers(found: list[Word]) -> list[Word]:
    """Joins consecutive number words into one number: "thirty three", "one hundred and five", "3 million"."""
    joined: list[Word] = []
    run: list[str] = []
    for word in [*found, Word("", False, False)]:
        if word.number:
            run.append(word.stem)
            continue
        while run:
            number, taken = first_number(run)
            joined.append(Word(number, name=False, number=True))
            run = run[taken:]
        if word.stem:
            joined.append(word)
    return joined


_ASKING = frozenset(stem(word) for word in _QUESTION_WORDS | REQUESTS)
