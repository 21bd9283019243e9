"""What every part of the page uses: the chatbot, and where the visitors' data is stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index import Status
from index.errors import ClippingsError
from rag.chatbot import Chatbot
from ui.access.visitor import Visited, owner_of
from ui.conversations import feedback, history
from ui.conversations.conversation import Conversation
from ui.conversations.history import History, Owner
from ui.conversations.keeping import Kept
from ui.page.ask_flow import Asked
from ui.page.preferences import fitted


@dataclass(frozen=True, slots=True)
class Workroom:
    """The chatbot, and where data is stored: `folder` for conversations and verdicts, `archive` for the index.

    `private_addresses` says whether articles in the server's own network may be fetched, which other users must not.
    """

    chatbot: Asked
    folder: Path
    archive: str
    private_addresses: bool = True

    @property
    def history(self) -> History:
        """The conversations of all visitors."""
        return History(self.folder / history.FILE)

    @property
    def verdicts(self) -> Path:
        """The path of the file with the ratings of answers."""
        return self.folder / feedback.FILE

    def status(self) -> Status | None:
        """Returns the index's status; None if it cannot be read, for example because its folder was removed."""
        try:
            return self.chatbot.index.status()
        except ClippingsError:
            return None

    def owner(self, request: Visited) -> Owner | None:
        """Returns the owner of the visitor's conversations; None for a browser that accepts no cookie."""
        name = owner_of(request)
        return Owner(name, self.archive) if name else None

    def preferences(self, request: Visited) -> dict[str, str]:
        """Returns the visitor's preferences; empty if they cannot be read."""
        owner = self.owner(request)
        try:
            return self.history.preferences(owner) if owner else {}
        except ClippingsError:
            return {}

    def chatbot_for(self, request: Visited) -> Asked:
        """Returns the chatbot with the visitor's preferences."""
        return fitted(self.chatbot, self.preferences(request)) if isinstance(self.chatbot, Chatbot) else self.chatbot

    def kept(self, request: Visited) -> Kept | None:
        """Returns the visitor's stored conversations; None if none can be stored."""
        owner = self.owner(request)
        return Kept(self.history, owner) if owner else None

    def keeping(self, conversation: Conversation, request: Visited) -> Conversation:
        """Returns the conversation, which is stored from now on."""
        if conversation.keeper is None:
            conversation.keeper = self.kept(request)
        return conversation
