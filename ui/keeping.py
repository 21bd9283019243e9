"""Between the conversations on the page and the file that keeps them: one owner's view of a History."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ui.conversation import Conversation, Stage, Turn
from ui.history import History, Owner


@dataclass(frozen=True, slots=True)
class Kept:
    """A `ui.conversation.Keeper` over a History."""

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
        """A conversation as it was left; None if it is not there. What was being answered counts as stopped."""
        turns = self.history.turns(self.owner, conversation)
        if turns is None:
            return None
        turns = [replace(turn, stage=Stage.STOPPED) if turn.stage.running else turn for turn in turns]
        last = turns[-1].number if turns else 0
        return Conversation(turns, numbers_given=last, showing=last, keeper=self, id=conversation)
