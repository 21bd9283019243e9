"""Thumbs up and down, with the reason, as lines of a file that `clippings eval` reads as questions.

A line says what is known of the right answer: the clipping quoted for a thumb up, the answer that was typed for a
thumb down, or that the articles do not say. Where nothing is known, `answerable` is null; eval passes over it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import CannotRun
from rag.answer import Outcome
from ui.conversation import Stage, Turn

FILE = "feedback.jsonl"

NOT_IN_ARTICLES = "the articles do not say this"
"""A reason for a thumb down: the question should have been refused."""

REASONS = ("the answer is wrong", "it does not answer the question", "something is missing", NOT_IN_ARTICLES)

REFUSAL_REASONS = ("the articles do say it",)
"""Reasons for a thumb down on a refusal."""


def line(turn: Turn, verdict: str, why: str = "", right: str = "", history: tuple[str, ...] = ()) -> dict[str, Any]:
    """One line of the file. `right` is the right answer if the reader knows it, `history` the earlier questions."""
    answers, answerable = _known(turn, verdict, why, right.strip())
    return {
        "question": turn.question,
        "answers": answers,
        "answerable": answerable,
        "history": list(history),
        "verdict": verdict,
        "why": why,
        "answer": turn.answer.text if turn.answer else "",
        "limits": turn.limits,
        "model": turn.answer.model if turn.answer else None,
        "index_version": turn.answer.index_version if turn.answer else None,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write(path: Path, row: dict[str, Any]) -> None:
    """Add a line to the file. CannotRun if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise CannotRun(f"Your verdict cannot be written to {path}: {error.strerror}.") from error


def _known(turn: Turn, verdict: str, why: str, right: str) -> tuple[list[str], bool | None]:
    if right:
        return [right], True
    if turn.answer and turn.answer.outcome is Outcome.TALK:
        return [], None  # no question to the articles
    if turn.stage is Stage.REFUSED:
        return [], False if verdict == "up" else None
    if verdict == "down" or turn.answer is None:
        return [], False if why == NOT_IN_ARTICLES else None
    quotes = list(dict.fromkeys(citation.quote for citation in turn.citations))
    found = turn.answer.found
    return [found] if found and any(found in quote for quote in quotes) else quotes, True
