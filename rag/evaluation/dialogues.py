"""Evaluates dialogues: each turn is asked with the typed questions before it as history.

Measures: `alone_good` and `followup_good`, whether the answer is good, for independent turns and for follow-ups;
`merged`, the share of independent turns whose search query differed from the typed question; `chat_answered`, for small
talk, questions about the archive and requests about the last answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.chatbot import Chatbot
from rag.evaluation.grading import Reply, is_good
from rag.evaluation.nuggets import put, reply_to_json
from rag.evaluation.rows import Dialogue, Turn


@dataclass(frozen=True, slots=True)
class TurnResult:
    """The result of one turn of a dialogue."""

    turn: Turn
    reply: Reply

    @property
    def kind(self) -> str | None:
        """The kind of the turn's question."""
        return self.turn.question.kind

    @property
    def measures(self) -> dict[str, float]:
        """The value, 1 or 0, of each measure that applies to this turn."""
        if self.turn.question.is_chat:
            return {"chat_answered": float(not self.reply.refused)}
        good = float(is_good(self.turn.question, self.reply))
        return {"followup_good": good} if self.turn.follow_up else {"alone_good": good} | self._merged

    @property
    def _merged(self) -> dict[str, float]:
        """For an independent turn, whether its search query differs from the typed text; empty for the first turn."""
        typed, searched = (" ".join(text.split()) for text in (self.turn.question.text, self.reply.searched))
        return {"merged": float(typed != searched)} if self.turn.number > 1 else {}

    def to_json(self) -> dict[str, Any]:
        """Returns the result as plain values, for `--out`."""
        place = {"turn": self.turn.number, "follow_up": self.turn.follow_up}
        return reply_to_json(self.turn.question, self.reply, self.measures) | place


def hold(chatbot: Chatbot, dialogue: Dialogue) -> Iterator[TurnResult]:
    """Asks the turns one after the other, and yields their results."""
    for turn in dialogue.turns:
        yield TurnResult(turn, put(chatbot, turn.question))
