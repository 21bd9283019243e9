"""Take a question apart when it asks for several things, so that each can be searched for.

    "What did both Ms Tansley and Mr Revell say about the price?" -> what each of them said
    "Which came first, the flood or the inquiry?"                 -> when each was
    "Who won, and how many votes did she get?"                    -> both questions
    "How did the toll change between March and June 2021?"         -> one part for each month

Told by form alone; a question of no such form is one part, itself.
"""

from __future__ import annotations

import re

_BOTH = re.compile(
    r"\bboth\s+(?P<a>(?:the )?[^,?]+?)\s+and\s+(?P<b>(?:the )?[A-Z][\w’'.-]*(?: [A-Z][\w’'.-]*)*|the \w+)"
)
_FIRST = re.compile(
    r"^(?:which|what|who)\b.*?\b(?:first|earlier|later|last)\b\s*[:,–-]\s*(?P<a>[^?]+?),?\s+or\s+(?P<b>[^?]+)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r",?\s+and\s+(?=(?:who|whom|when|where|why|how|what|which|in (?:what|which))\b)|\?\s+(?=\w)", re.IGNORECASE
)
_BETWEEN = re.compile(r"\b(?P<all>(?:between|from)\s+(?P<a>[^?,]+?)\s+(?:and|to|until)\s+(?P<b>[^?,]+))", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b", re.IGNORECASE
)

MAX_PARTS = 4
"""More are not searched for: each takes its share of the passages that are shown."""


def parts(question: str) -> list[str]:
    """The questions that `question` consists of, in order; itself alone if it asks one thing."""
    found = _of_both(question) or _which_first(question) or _over_time(question) or _joined(question)
    return found[:MAX_PARTS] or [question]


def _of_both(question: str) -> list[str]:
    match = _BOTH.search(question)
    if not match:
        return []
    return [f"{question[: match.start()]}{one}{question[match.end() :]}" for one in (match["a"], match["b"])]


def _which_first(question: str) -> list[str]:
    match = _FIRST.search(question)
    return [f"When was {one.strip()}?" for one in (match["a"], match["b"])] if match else []


def _over_time(question: str) -> list[str]:
    """Of "between March and June 2021": in March 2021, in June 2021; only where both ends are months or years."""
    match = _BETWEEN.search(question)
    if not match or not all(_YEAR.search(end) or _MONTH.search(end) for end in (match["a"], match["b"])):
        return []
    year = _YEAR.search(match["b"])
    ends = [end if _YEAR.search(end) or not year else f"{end} {year.group()}" for end in (match["a"], match["b"])]
    return [f"{question[: match.start()]}in {end}{question[match.end() :]}" for end in ends]


def _joined(question: str) -> list[str]:
    pieces = [piece.strip(" ?") for piece in _JOINED.split(question) if piece.strip(" ?")]
    return [f"{piece[:1].upper()}{piece[1:]}?" for piece in pieces] if len(pieces) > 1 else []
