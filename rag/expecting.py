"""What kind of thing a question asks for, and whether a sentence holds one that the question does not name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from rag import wording
from rag.wording import Word


class Expects(Enum):
    """The kinds that the wording of a question gives away."""

    DATE = "date"
    SHARE = "share"
    MONEY = "money"
    COUNT = "count"
    NUMBER = "number"
    PERSON = "person"
    PLACE = "place"
    ANYTHING = "anything"


_SIGNS: tuple[tuple[Expects, str], ...] = (
    (Expects.DATE, r"\bwhen\b|\b(?:what|which) (?:year|date|month|day|decade|century|time)\b"),
    (Expects.SHARE, r"\b(?:what|which) (?:percent\w*|per cent|share|proportion|fraction)\b|\bhow much of\b"),
    (
        Expects.MONEY,
        r"\bhow much (?:money|did \w+ (?:pay|cost|owe|spend|earn)|(?:does|do|did|will|would) .*\bcosts?\b)"
        r"|\bhow much .*\b(?:cost|pay|paid|owed?|spen[dt]|earn\w*|worth|raised?|invest\w*|debts?)\b"
        r"|\bwhat (?:is|was|were) the (?:\w+ )?(?:cost|price|budget|fee|fine|salary|value)\b",
    ),
    (Expects.COUNT, r"\bhow many\b|\b(?:what|which) (?:is|was|were) the (?:\w+ )?number of\b"),
    (
        Expects.NUMBER,
        r"\bhow (?:much|old|long|far|tall|high|large|big|often|fast|deep|wide)\b"
        r"|\b(?:what|which) (?:number|amount|age|population|size|rate|score)\b"
        r"|\bwhat (?:is|was|were) the (?:\w+ )?(?:population|total|percentage|toll|age|length|height|speed)\b",
    ),
    (Expects.PERSON, r"\bwho(?:m|se)?\b"),
    (Expects.PLACE, r"\bwhere\b"),
)
_PATTERNS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SIGNS]

_DATE_WORDS = frozenset(wording.MONTHS) | {
    wording.stem(word)
    for word in (
        "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow "
        "century decade spring summer autumn winter"
    ).split()
}
_MONEY = re.compile(
    r"[$€£¥]|\b(?:dollars?|euros?|pounds?|crowns?|cents?|yen|yuan|francs?|rubles?|roubles?|rupees?|pesos?|liras?"
    r"|shillings?|marks?|kron(?:er|or)|USD|EUR|GBP)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"%|\bper ?cent\b|\b(?:half|thirds?|quarters?|fifths?|tenths?|majority|all|none)\b|\b\w+ (?:in|of) ten\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\b(?:how many|number of) (.+)", re.IGNORECASE)

_LENGTH = r"(?:(?:kilo|centi|milli)?met(?:re|er)s?|km|cm|mm|m|miles?|yards?|feet|foot|ft|inch(?:es)?|leagues?)"
_TIME = r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies))"
_MEASURED = (
    (re.compile(r"\bhow long\b", re.IGNORECASE), re.compile(rf"\b(?:{_LENGTH}|{_TIME})\b", re.IGNORECASE)),
    (
        re.compile(r"\bhow (?:far|tall|deep|wide)\b|\b(?:height|depth|width)\b", re.IGNORECASE),
        re.compile(rf"\b{_LENGTH}\b", re.IGNORECASE),
    ),
)

MAX_BETWEEN = 3
"""Words that may stand between a number and what it counts ("40 badly damaged houses")."""


def expectation(question: str) -> Expects:
    """What kind of thing the question asks for."""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(question)), Expects.ANYTHING)


def holds(kind: Expects, sentence: str, asked: frozenset[str]) -> bool:
    """Whether `sentence` holds a thing of that kind that is not among the question's stems `asked`."""
    new = [word for word in wording.words(sentence) if word.stem not in asked]
    number = any(word.number for word in new)
    if kind is Expects.ANYTHING:
        return bool(new)
    if kind in (Expects.PERSON, Expects.PLACE):
        return any(word.name for word in new)
    if kind is Expects.DATE:
        return number or any(word.stem in _DATE_WORDS for word in new)
    if kind is Expects.SHARE:
        return bool(_SHARE.search(sentence))
    return number and (kind is not Expects.MONEY or bool(_MONEY.search(sentence)))


def measures(question: str, sentence: str) -> bool:
    """Whether `sentence` holds a unit of what the question wants measured; True if it wants no length and no time."""
    return next((bool(unit.search(sentence)) for asked, unit in _MEASURED if asked.search(question)), True)


def counted(question: str) -> frozenset[str]:
    """Stems of what a "how many" question counts: its first two words of meaning; empty for other questions."""
    match = _COUNTED.search(question)
    return frozenset(word.stem for word in wording.words(match[1])[:2]) if match else frozenset()


def counts(things: frozenset[str], words: Sequence[Word]) -> bool:
    """Whether a number among the words counts one of the things."""
    return any(
        word.number and any(after.stem in things for after in words[i + 1 : i + 2 + MAX_BETWEEN])
        for i, word in enumerate(words)
    )
