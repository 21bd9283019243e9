"""What a reader sees of an answer in the making: each step as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rag.answer import Answer, Citation, Evidence, Sentence
from rag.question.question import Question


@dataclass(frozen=True, slots=True)
class Found:
    """First step, unless we must wait: the question, and the passages found; no word is written."""

    question: Question
    passages: tuple[Evidence, ...]

    @property
    def standalone(self) -> str:
        """The question after what it leans on, as typed."""
        return self.question.standalone


@dataclass(frozen=True, slots=True)
class Lead:
    """Before the sentences: words of ours that cite nothing. `listed` says that each sentence is a line of its own."""

    text: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Next steps: one finished, checked sentence with its citations."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Others are before us: before `Found` in the queue to search, after it in the queue for the model.

    `place` is 1 for whoever is next, 0 when the wait is over.
    """

    place: int


@dataclass(frozen=True, slots=True)
class Begun:
    """Between `Found` and `Said`: the model's turn has come, and it reads sentences of `read` of the passages."""

    read: int


Step: TypeAlias = Found | Waiting | Begun | Lead | Said | Answer
