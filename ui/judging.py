"""Thumbs up and down on an answer: shown with it, kept with it, and written to the file of verdicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.errors import ClippingsError
from ui import feedback
from ui.conversation import Conversation, Stage, Turn


def judge(path: Path, conversation: Conversation, number: int, verdict: str, why: str = "", right: str = "") -> str:
    """Note a verdict, "up" or "down", on a finished turn; gives what prevented it, for people, or nothing.

    The same verdict for the same reason is written once.
    """
    turn = conversation.find(number)
    if turn is None or turn.answer is None or (turn.verdict, turn.why) == (verdict, why):
        return ""
    earlier = tuple(t.question for t in conversation.turns if t.number < number and t.stage is not Stage.FAILED)
    try:
        feedback.write(path, feedback.line(turn, verdict, why, right, earlier))
    except ClippingsError as error:
        return str(error)
    conversation.keep(conversation.replace(replace(turn, verdict=verdict, why=why)))
    return conversation.unkept


def reasons(turn: Turn) -> tuple[str, ...]:
    """What can be wrong with this answer."""
    return feedback.REFUSAL_REASONS if turn.stage is Stage.REFUSED else feedback.REASONS
