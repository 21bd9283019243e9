"""Normalised terms of a text, for comparison: word stems, names and numbers.

"33" and "thirty-three", "Feb." and "February", "wounded" and "wounding" are normalised to the same term. Used to select
evidence, to judge whether anything relevant was found, and to check that a sentence is supported.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import snowballstemmer

from index.english.word_forms import BASE
from index.search.search import STOPWORDS


class _Stemmer(threading.local):
    """One stemmer per thread, because a stemmer stores the word it is processing and so is not thread-safe."""

    def __init__(self) -> None:
        self.one = snowballstemmer.stemmer("english")


_STEMMER = _Stemmer()

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|\w+")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_POSSESSIVE = re.compile(r"['’]s?$")
_QUESTION_WORDS = frozenset(
    (
        "who whom whose what which when where why how many much long often far old name tell list "
        "say said did does do is are was were has have had can could would should please give "
        "explain describe"
    ).split()
)

REQUESTS = frozenset(
    (
        "summarise summarize summarising summarizing summary tldr gist takeaway takeaways nutshell rundown recap "
        "overview timeline chronology pls plz gimme"
    ).split()
)
"""Words that say what the answer should be like, not what it should be about."""

_OPERATORS = frozenset(("and", "or", "not"))
"""Stop words that are no names even in capitals: people write them so between words to search for."""

_ASKED_KIND = re.compile(r"\b(?:what|which) (?:year|date|month|day|decade|century|time)s?\b", re.I)

MONTHS = "january february march april may june july august september october november december".split()
_SHORT = {name[:3]: name for name in MONTHS} | {"sept": "september"}
_SMALL = {
    word: value
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        ).split()
    )
}
_TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SPELLED = _SMALL | _TENS
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


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
    if (raw.endswith(".") or raw[0].isupper()) and lower in _SHORT:
        return Word(_SHORT[lower], name=True, number=False)
    if lower in MONTHS:
        return Word(lower, name=raw[0].isupper(), number=False)
    if lower in _SPELLED or lower in _SCALES:
        return Word(lower, name=False, number=True)
    may_be_name = raw.isupper() and len(raw) > 1 and not shouting and lower not in _OPERATORS  # "US", "WHO"
    if lower in STOPWORDS and not may_be_name:
        return None
    return Word(stem(lower), name=raw[0].isupper() and not shouting, number=False)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Returns the stem of a lower-case word, or of its base form if it is irregular; drops dots, and reads ’ as '."""
    plain = word.replace(".", "").replace("’", "'")
    return str(_STEMMER.one.stemWord(BASE.get(plain, plain)))


def _digits(text: str) -> str:
    """Removes thousands separators and the trailing zeros of a fraction from a number: "1,200.50" -> "1200.5"."""
    number = re.sub(r",(?=\d{3}\b)", "", text)
    if not _PLAIN.fullmatch(number):
        return number  # "1.5.2019" or "3,7": no plain number, so it is left as it is
    return _shortest(Decimal(number))


def _shortest(value: Decimal) -> str:
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _join_numbers(found: list[Word]) -> list[Word]:
    """Joins consecutive number words into one number: "thirty three", "one hundred and five", "3 million"."""
    joined: list[Word] = []
    run: list[str] = []
    for word in [*found, Word("", False, False)]:
        if word.number:
            run.append(word.stem)
            continue
        while run:
            number, taken = _first_number(run)
            joined.append(Word(number, name=False, number=True))
            run = run[taken:]
        if word.stem:
            joined.append(word)
    return joined


def _first_number(run: list[str]) -> tuple[str, int]:
    """Returns the first number in a run of number words, and how many of the words it consists of."""
    if run[0] not in _SPELLED:
        scaled = _PLAIN.fullmatch(run[0]) and run[1:] and run[1] in _SCALES
        return (_shortest(Decimal(run[0]) * _SCALES[run[1]]), 2) if scaled else (run[0], 1)
    total = taken = 0
    limit = max(_SCALES.values()) + 1
    while taken < len(run) and run[taken] in _SPELLED:
        part, size = _below_thousand(run[taken:])
        scale = _SCALES.get("".join(run[taken + size : taken + size + 1]), 1)
        if scale >= limit:
            break
        total, taken, limit = total + part * scale, taken + size + (scale > 1), scale
    return str(total), taken


def _below_thousand(run: list[str]) -> tuple[int, int]:
    """Returns the value, and the number of words, of "twenty one" or "one hundred (and) five" at the start of `run`."""
    value, size = _below_hundred(run)
    if run[size : size + 1] != ["hundred"]:
        return value, size
    value, size = 100 * value, size + 1
    if run[size:] and run[size] in _SPELLED:
        rest, more = _below_hundred(run[size:])
        if run[size + more : size + more + 1] != ["hundred"]:  # "two hundred and three hundred" are two numbers
            return value + rest, size + more
    return value, size


def _below_hundred(run: list[str]) -> tuple[int, int]:
    value = _SPELLED[run[0]]
    unit = _SPELLED.get(run[1], 0) if value >= 20 and run[1:] else 0
    return (value + unit, 2) if 0 < unit < 10 else (value, 1)


_ASKING = frozenset(stem(word) for word in _QUESTION_WORDS | REQUESTS)
