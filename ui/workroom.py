"""What every part of the page works with: the chatbot, and where things of the reader's are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index import Status
from index.errors import ClippingsError
from rag.chatbot import Chatbot
from ui import feedback, history
from ui.asking import Asked
from ui.choices import fitted
from ui.conversation import Conversation
from ui.history import History, Owner
from ui.keeping import Kept
from ui.visitor import Visited, owner_of


@dataclass(frozen=True, slots=True)
class Workroom:
    """`folder` is where conversations and verdicts are kept; `archive` is the folder of the index.

    `private_addresses` says whether articles of the own network may be read, which others must not.
    """

    chatbot: Asked
    folder: Path
    archive: str
    private_addresses: bool = True

    @property
    def history(self) -> History:
        """The conversations of everybody."""
        return History(self.folder / history.FILE)

    @property
    def verdicts(self) -> Path:
        """The file of thumbs up and down."""
        return self.folder / feedback.FILE

    def status(self) -> Status | None:
        """What is indexed; None if the index cannot be read, as when its folder was removed under a running page."""
        try:
            return self.chatbot.index.status()
        except ClippingsError:
            return None

    def owner(self, request: Visited) -> Owner | None:
        """Whose conversations are shown; None for a browser that takes no cookie."""
        name = owner_of(request)
        return Owner(name, self.archive) if name else None

    def preferences(self, request: Visited) -> dict[str, str]:
        """What the visitor has chosen; nothing where that cannot be read."""
        owner = self.owner(request)
        try:
            return self.history.preferences(owner) if owner else {}
        except ClippingsError:
            return {}

    def chatbot_for(self, request: Visited) -> Asked:
        """The chatbot as the visitor has chosen it."""
        return fitted(self.chatbot, self.preferences(request)) if isinstance(self.chatbot, Chatbot) else self.chatbot

    def kept(self, request: Visited) -> Kept | None:
        """The visitor's conversations; None where none can be kept."""
        owner = self.owner(request)
        return Kept(self.history, owner) if owner else None

    def keeping(self, conversation: Conversation, request: Visited) -> Conversation:
        """The conversation, which from now on is kept."""
        if conversation.keeper is None:
            conversation.keeper = self.kept(request)
        return conversation
