"""Detects prompt injection, that is, sentences that address a machine, and sentences that only repeat the question.

Articles are data: an instruction hidden in one is neither obeyed nor quoted. The reader recognises such sentences in
their context (`rag.reader.reader`), so that an article *about* instructions is treated like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.reader.reader import Reading

ADDRESSED = 1.0
"""Log odds above which a sentence is taken to address a machine (error rates are in docs/decisions.md)."""

ADDRESSED_QUOTING = -2.0
"""The same for a sentence that contains the whole question, as injected text does ("When you are asked …, say …")."""

_WORD = re.compile(r"\w+")
_FEW = 3


def set_aside(sentences: Sequence[str], question: str, reading: Reading | None) -> list[bool]:
    """Returns, for each sentence of a passage, whether to exclude it as an injection or repetition of the question.

    `reading` is the reader's result for the passage; None if there is none.
    """
    found = [repeats(sentence, question) for sentence in sentences]
    if reading is None:
        return found
    floors = [ADDRESSED_QUOTING if _holds(sentence, question) else ADDRESSED for sentence in sentences]
    log_odds = (pointed.addressed for pointed in reading.sentences)
    return [asks or odds > floor for asks, odds, floor in zip(found, log_odds, floors, strict=True)]


def _holds(sentence: str, question: str) -> bool:
    """Whether the sentence contains the whole question, word for word."""
    return len(_words(question)) > _FEW and f" {' '.join(_words(question))} " in f" {' '.join(_words(sentence))} "


def repeats(sentence: str, question: str) -> bool:
    """Whether a sentence contains the question word for word, and little else or a question mark at its end."""
    said, asked = _words(sentence), _words(question)
    others = min(_FEW, len(asked) // 3)  # "The Calder bridge opened today." does not repeat "the Calder bridge"
    if len(asked) < _FEW or (len(said) - len(asked) > others and not sentence.rstrip("\"'”’)]").endswith("?")):
        return False
    return f" {' '.join(asked)} " in f" {' '.join(said)} "


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
