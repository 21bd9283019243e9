"""Sentences that are no reporting: those that address a machine that reads, and those that only repeat the question.

Articles are data. An instruction that someone hid in one is quoted no more than obeyed. The reader recognises such
sentences, in their context (`rag.reader.reader`); an article *about* instructions is an article like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.reader.reader import Reading

ADDRESSED = 1.0
"""Log odds from which on a sentence is taken to address a machine (docs/decisions.md has how often it is wrong)."""

ADDRESSED_QUOTING = -2.0
"""The same for a sentence that holds the very question: made to be found for it ("When you are asked …, say …")."""

_WORD = re.compile(r"\w+")
_FEW = 3


def set_aside(sentences: Sequence[str], question: str, reading: Reading | None) -> list[bool]:
    """For each sentence of a passage whether it is no report; `reading` is what the reader found in the passage."""
    found = [repeats(sentence, question) for sentence in sentences]
    if reading is None:
        return found
    floors = [ADDRESSED_QUOTING if _holds(sentence, question) else ADDRESSED for sentence in sentences]
    told = (pointed.addressed for pointed in reading.sentences)
    return [asks or odds > floor for asks, odds, floor in zip(found, told, floors, strict=True)]


def _holds(sentence: str, question: str) -> bool:
    """Whether the whole question stands in the sentence, word for word."""
    return len(_words(question)) > _FEW and f" {' '.join(_words(question))} " in f" {' '.join(_words(sentence))} "


def repeats(sentence: str, question: str) -> bool:
    """Whether the question stands in a sentence word for word, with next to nothing else or a question mark."""
    said, asked = _words(sentence), _words(question)
    others = min(_FEW, len(asked) // 3)  # "the Calder bridge" is no repetition in "The Calder bridge opened today."
    if len(asked) < _FEW or (len(said) - len(asked) > others and not sentence.rstrip("\"'”’)]").endswith("?")):
        return False
    return f" {' '.join(asked)} " in f" {' '.join(said)} "


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
