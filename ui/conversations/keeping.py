"""Connects the conversations on the page with the file that stores them: one owner's view of a History."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ui.conversations.conversation import Conversation, Stage, Turn
from ui.conversations.history import History, Owner


@dataclass(frozen=True, slots=True)
class Kept:
    """Implements `ui.conversations.conversation.Keeper` with a History."""

    history: History
    owner: Owner

    def number(self, conversation: str, question: str) -> tuple[str, int]:
        """See `Keeper`."""
        number = self.history.number(self.owner, conversation) if conversation else 0
        if not number:  # the first question, or another tab has deleted the conversation
            conversation = self.history.begin(self.owner, question)
            number = self.history.number(self.owner, conversation)
        return conversation, number

    def put(self, conversation: str, turn: Turn) -> None:
        """See `Keeper`."""
        self.history.put(self.owner, conversation, turn)

    def drop(self, conversation: str, number: int) -> None:
        """See `Keeper`."""
        self.history.drop(self.owner, conversation, number)

    def open(self, conversation: str) -> Conversation | None:
        """Returns a stored conversation; None if it does not exist. Turns that were still running count as stopped."""
        turns = self.history.turns(self.owner, conversation)
        if turns is None:
            return None
        turns = [replace(turn, stage=Stage.STOPPED) if turn.stage.running else turn for turn in turns]
        last = turns[-1].number if turns else 0
        return Conversation(turns, numbers_given=last, showing=last, keeper=self, id=conversation)
