"""What an answer should look like: a fact, a list, or an account of what happened. Told from the question's form."""

from __future__ import annotations

import re
from enum import Enum


class Shape(Enum):
    """The shapes, and how many clippings each may show."""

    FACT = 2
    """One sentence; a second where it is nearly as likely to hold the answer."""
    ACCOUNT = 3
    """What happened, why, how: a few sentences."""
    LIST = 5
    """Several things of one kind: one clipping a line."""


_LIST = re.compile(
    r"^(?:please\s+)?(?:list|name|enumerate)\s"
    r"|^(?:which|what)\s+(?:other\s+|different\s+|\w+ing\s+|\w+ed\s+)?(?!was|is|has|does|years?\b)\w+[^s\Wu']s\s"
    r"(?:were|are|have|had|did|do|will|can|took|voted|got|in|of|on|from|with|that|who)\b"
    r"|^(?:what|which|who) (?:are|were) (?:all )?(?:the|some)(?: of the)?\s+(?:\w+\s+){0,3}\w+[^s\Wu']s\b"
    r"|^(?:who|what|which) (?:all|else)\b"
    r"|^(?:what|who|when|where|how (?:much|many)) (?:did|does|do|was|were|is|are|has|have|will) (?:each|every)\s",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\bwhat (?:has |had )?happened\b|\bwhat (?:is|was) (?:going on|the (?:background|story))\b"
    r"|^(?:why|describe|explain|summari[sz]e|how (?:did|does|do|was|were|is|are|has|have|had|come))\b"
    r"|\btell me (?:more )?about\b|\bwhat (?:do|does|did) (?:we|you|they|the articles?) (?:know|say|report)\b"
    r"|\bwhat led to\b|\bhow did .* (?:change|react|respond|develop)\b",
    re.IGNORECASE,
)


def shape(question: str) -> Shape:
    """The shape that the question asks for."""
    plain = question.strip()
    if _ACCOUNT.search(plain):
        return Shape.ACCOUNT
    return Shape.LIST if _LIST.search(plain) else Shape.FACT
