"""The Question: as typed, what it asks for, and what it leans on of the conversation. Made once, then passed along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from index.errors import EMPTY_QUESTION, WrongUse
from rag.question.kinds import Kind
from rag.question.period import Period

ENGLISH = "en"
"""The language that the embedded models were trained on; questions in others are answered by their words."""

MAX_QUESTION_CHARACTERS = 4_000
"""Longest accepted question: longer than people's questions are (about 600 words), short enough to search at once."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of the conversation, as typed, and the answer to it without markers; "" if there was none."""

    question: str
    answer: str = ""


History: TypeAlias = Sequence[str | Exchange]
"""A conversation so far, oldest first: questions alone, or with their answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    `typed` is what the reader typed, never changed. `leans_on` are the earlier questions without which it cannot be
    understood, oldest first; for a request about the last answer the question that was answered. `corrected` is
    `typed` with misspelt words put right, `corrected_earlier` are those earlier questions in one line, put right;
    empty if no word is misspelt. `period` is the time that it names, a wish and no
    limit. `number` is the probability in [0, 1] that it wants a number or a date. `language` is the question's (ISO
    639-1).
    """

    typed: str
    kind: Kind = Kind.FACT
    leans_on: tuple[str, ...] = ()
    corrected: str = ""
    corrected_earlier: str = ""
    period: Period | None = None
    number: float = 0.0
    language: str = ENGLISH

    @property
    def plain(self) -> str:
        """The question by itself, in the right spelling."""
        return self.corrected or self.typed

    @property
    def earlier(self) -> str:
        """What the question leans on, in one line and in the right spelling; empty if it stands alone."""
        return self.corrected_earlier or " ".join(" ".join(self.leans_on).split())

    @property
    def standalone(self) -> str:
        """The question after what it leans on, as typed, in one line."""
        return " ".join(" ".join((*self.leans_on, self.typed)).split())

    @property
    def searched(self) -> str:
        """What is searched for: the question after what it leans on, in one line."""
        return f"{self.earlier} {' '.join(self.plain.split())}".strip()


def checked_question(question: str) -> str:
    """Returns the question without surrounding white space. Raises WrongUse if it is empty or over 4,000 characters."""
    question = question.strip()
    if not question:
        raise WrongUse(EMPTY_QUESTION)
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise WrongUse(
            f"The question has {len(question):,} characters; clippings reads at most {MAX_QUESTION_CHARACTERS:,}. "
            "Shorten it, or index the text as an article and ask about it."
        )
    return question
