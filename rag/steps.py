"""What a reader sees of an answer in the making: each step as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rag.answer import Answer, Citation, Evidence, Sentence


@dataclass(frozen=True, slots=True)
class Found:
    """First step, unless we must wait: the question as it was searched for, and the passages; no word is written."""

    standalone: str
    passages: tuple[Evidence, ...]


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


Step: TypeAlias = Found | Waiting | Begun | Said | Answer
