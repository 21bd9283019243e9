"""What a file for `clippings eval` holds: questions with answers or with nuggets, dialogues, and support pairs.

The types only; `load` makes them of a file. A nugget is a fact that an answer must hold, in one of several wordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

NO_ANSWER = frozenset({"absent", "nearmiss", "false_premise"})
"""Kinds of questions that the articles do not answer, whatever `answerable` says."""

FALSE_PREMISE = "false_premise"
"""The kind whose nuggets are the correction of what the question takes for granted."""

CHAT = frozenset({"smalltalk", "meta", "command", "archive", "talk"})
"""Kinds of turns that ask for nothing in the articles: small talk, the archive itself, requests about an answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with accepted answers; `article` names the one that holds the answer, None for any."""

    text: str
    answers: tuple[str, ...]
    answerable: bool
    article: str | None = None
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nugget:
    """A fact that an answer should hold: `wordings` are accepted strings, any one is enough. Good needs the vital."""

    wordings: tuple[str, ...]
    vital: bool = True


@dataclass(frozen=True, slots=True)
class NuggetQuestion:
    """One question with nuggets. `forbidden` are strings that make an answer wrong; `history` as typed, oldest first.

    `answerable` is always true for the kinds in `CHAT`, and false for those in `NO_ANSWER`.
    """

    text: str
    kind: str | None
    answerable: bool
    nuggets: tuple[Nugget, ...] = ()
    forbidden: tuple[str, ...] = ()
    history: tuple[str, ...] = ()

    @property
    def is_chat(self) -> bool:
        """Whether it asks for nothing in the articles."""
        return self.kind in CHAT

    @property
    def vital(self) -> tuple[Nugget, ...]:
        """The nuggets that a good answer holds."""
        return tuple(nugget for nugget in self.nuggets if nugget.vital)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a dialogue, its `number` from 1, and whether it leans on earlier ones to be understood."""

    question: NuggetQuestion
    follow_up: bool
    number: int


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Questions that one person asks in a row, at least one; each carries the typed ones before it as its history."""

    turns: tuple[Turn, ...]


class Label(Enum):
    """What a person says of a support pair."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Pair:
    """A clipping and a claim, and whether the first supports the second.

    With a `question` the claim is a short answer to it. `phenomenon` names what the pair tests, None for nothing.
    """

    clipping: str
    claim: str
    label: Label
    question: str | None = None
    phenomenon: str | None = None


Row: TypeAlias = Question | NuggetQuestion | Dialogue | Pair


def count_items(rows: Sequence[Row]) -> int:
    """How many questions, turns and pairs the rows hold."""
    return sum(len(row.turns) if isinstance(row, Dialogue) else 1 for row in rows)
