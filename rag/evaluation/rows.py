"""Data types of the rows of a file for `clippings eval`: questions with answers or nuggets, dialogues, support pairs.

`load` creates them from a file. A nugget is a fact that an answer must contain, in one of several wordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

NO_ANSWER = frozenset({"absent", "nearmiss", "false_premise"})
"""Kinds of questions that the articles do not answer, regardless of the field `answerable`."""

FALSE_PREMISE = "false_premise"
"""The kind of questions with a false premise; their nuggets are the correction of it."""

CHAT = frozenset({"smalltalk", "meta", "command", "archive", "talk"})
"""Kinds of turns that ask for no content of articles: small talk, the archive itself, requests about an answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with accepted answers; `article` is the id or URI of the article with the answer, None for any."""

    text: str
    answers: tuple[str, ...]
    answerable: bool
    article: str | None = None
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nugget:
    """A fact that an answer should contain, as any one of the strings `wordings`. A good answer has all vital ones."""

    wordings: tuple[str, ...]
    vital: bool = True


@dataclass(frozen=True, slots=True)
class NuggetQuestion:
    """One question with nuggets.

    `forbidden` are strings that make an answer wrong; `history` has the earlier questions as typed, oldest first.
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
        """Whether the question asks for no content of articles, because its kind is in `CHAT`."""
        return self.kind in CHAT

    @property
    def vital(self) -> tuple[Nugget, ...]:
        """The nuggets that a good answer must contain."""
        return tuple(nugget for nugget in self.nuggets if nugget.vital)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a dialogue, its `number` from 1, and whether it depends on earlier questions."""

    question: NuggetQuestion
    follow_up: bool
    number: int


@dataclass(frozen=True, slots=True)
class Dialogue:
    """At least one question in a conversation of one person; each has the typed questions before it as its history."""

    turns: tuple[Turn, ...]


class Label(Enum):
    """A person's judgement of a support pair."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Pair:
    """A support pair: a clipping, a claim, and the label whether the clipping supports the claim.

    With a `question`, the claim is a short answer to it. `phenomenon` names what the pair tests, or is None.
    """

    clipping: str
    claim: str
    label: Label
    question: str | None = None
    phenomenon: str | None = None


Row: TypeAlias = Question | NuggetQuestion | Dialogue | Pair


def count_items(rows: Sequence[Row]) -> int:
    """Returns the number of questions, turns and pairs in the rows."""
    return sum(len(row.turns) if isinstance(row, Dialogue) else 1 for row in rows)
