"""Ratings of answers (thumbs up and down): stored with the turn, and written to a file that `clippings eval` reads.

A line holds what is known of the right answer: the quoted clipping for a thumb up, the answer that the reader typed for
a thumb down, or that the articles do not say. Where nothing is known, `answerable` is null; eval skips such lines.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import CannotRun, ClippingsError
from rag.answer import Outcome
from ui.conversations.conversation import Conversation, Stage, Turn

FILE = "feedback.jsonl"

NOT_IN_ARTICLES = "the articles do not say this"
"""A reason for a thumb down: the question should have been refused."""

REASONS = ("the answer is wrong", "it does not answer the question", "something is missing", NOT_IN_ARTICLES)

REFUSAL_REASONS = ("the articles do say it",)
"""Reasons for a thumb down on a refusal."""


def judge(path: Path, conversation: Conversation, number: int, verdict: str, why: str = "", right: str = "") -> str:
    """Store a verdict, "up" or "down", on a finished turn. Returns an error message for people, empty on success.

    The same verdict for the same reason is written once.
    """
    turn = conversation.find(number)
    if turn is None or turn.answer is None or (turn.verdict, turn.why) == (verdict, why):
        return ""
    earlier = tuple(t.question for t in conversation.turns if t.number < number and t.stage is not Stage.FAILED)
    try:
        _write(path, _line(turn, verdict, why, right, earlier))
    except ClippingsError as error:
        return str(error)
    conversation.keep(conversation.replace(replace(turn, verdict=verdict, why=why)))
    return conversation.unkept


def reasons(turn: Turn) -> tuple[str, ...]:
    """Returns the reasons that can be chosen for a thumb down on this answer."""
    return REFUSAL_REASONS if turn.stage is Stage.REFUSED else REASONS


def _line(turn: Turn, verdict: str, why: str = "", right: str = "", history: tuple[str, ...] = ()) -> dict[str, Any]:
    """Returns a line of the file. `right` is the right answer if it is known, `history` the earlier questions."""
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


def _write(path: Path, row: dict[str, Any]) -> None:
    """Append a line to the file. Raises CannotRun if it cannot be written."""
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
        return [], None  # not a question about the articles
    if turn.stage is Stage.REFUSED:
        return [], False if verdict == "up" else None
    if verdict == "down" or turn.answer is None:
        return [], False if why == NOT_IN_ARTICLES else None
    quotes = list(dict.fromkeys(citation.quote for citation in turn.citations))
    found = turn.answer.found
    return [found] if found and any(found in quote for quote in quotes) else quotes, True
