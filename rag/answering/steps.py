"""The steps that `Chatbot.stream` yields while an answer is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rag.answer import Answer, Citation, Evidence, Sentence
from rag.question.question import Question


@dataclass(frozen=True, slots=True)
class Found:
    """The first step, apart from `Waiting`: the question, and the passages found, before any sentence is written."""

    question: Question
    passages: tuple[Evidence, ...]

    @property
    def standalone(self) -> str:
        """The question as typed, preceded by the earlier questions that it depends on."""
        return self.question.standalone


@dataclass(frozen=True, slots=True)
class Lead:
    """Text of clippings itself before the sentences, without citations; `listed`: one sentence per line follows."""

    text: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One complete, checked sentence with its citations."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The position in a queue changed: before `Found` the queue for searches, after it the queue for the model.

    `place` is 1 for the next to be served, 0 when the wait is over.
    """

    place: int


@dataclass(frozen=True, slots=True)
class Begun:
    """Between `Found` and `Said`: the model starts to read its prompt, which has text of `read` passages."""

    read: int


Step: TypeAlias = Found | Waiting | Begun | Lead | Said | Answer
