"""The conversation of one browser tab.

A `Turn` is one question with everything that its answer has produced; `after` adds one step of the chatbot to it. Turns
are immutable, so the evidence shown for an earlier answer is always that answer's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from index.errors import ClippingsError
from rag.answer import Answer, Citation, Evidence
from rag.answering.steps import Begun, Found, Lead, Said, Step, Waiting
from rag.question.question import Exchange, Question

if TYPE_CHECKING:
    from ui.conversations.run import Run

_Given = TypeVar("_Given")


class Stage(Enum):
    """The state of a turn."""

    SEARCHING = "searching"
    READING = "reading"
    ANSWERED = "answered"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def running(self) -> bool:
        """Whether more steps are expected."""
        return self in (Stage.SEARCHING, Stage.READING)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer and its state.

    `number` is unique within the conversation and never used again. `place` is the position in the queue for the
    search, then for the model, 0 if nobody is ahead; `read` is the number of passages that the model reads, 0 until it
    starts. `problem` is the error message of a failed turn, for people. `limits` describes which articles were
    searched, for people; empty if all. `understood` is the question as it was searched for, once that is known. `lead`
    comes before the sentences and cites nothing; with `listed` each sentence is a line of its own. `asked` is an ISO
    time in UTC. `verdict` is the reader's rating of the answer, "up" or "down", and `why` the reason given.
    """

    number: int
    question: str
    stage: Stage = Stage.SEARCHING
    place: int = 0
    read: int = 0
    understood: Question | None = None
    passages: tuple[Evidence, ...] = ()
    lead: str = ""
    listed: bool = False
    said: tuple[Said, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    limits: str = ""
    asked: str = ""
    verdict: str = ""
    why: str = ""

    @property
    def standalone(self) -> str:
        """The question as it was searched for; empty until that is known."""
        return self.understood.searched if self.understood else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation so far."""
        return tuple(citation for said in self.said for citation in said.citations)

    def passage(self, marker: int) -> Evidence | None:
        """Returns the passage with this marker; None if the turn has none."""
        return next((evidence for evidence in self.passages if evidence.marker == marker), None)


def after(turn: Turn, step: Step) -> Turn:
    """Returns the turn with one more step applied."""
    match step:
        case Found():
            return replace(turn, stage=Stage.READING, understood=step.question, passages=step.passages)
        case Waiting():
            return replace(turn, place=step.place)
        case Begun():
            return replace(turn, place=0, read=step.read)
        case Lead():
            return replace(turn, lead=step.text, listed=step.listed)
        case Said():
            return replace(turn, said=(*turn.said, step))
        case Answer():
            return replace(
                turn,
                stage=Stage.REFUSED if step.refused else Stage.ANSWERED,
                understood=step.asked,
                passages=step.passages,
                read=step.read,
                lead=step.lead,
                listed=step.listed,
                said=_said(turn, step),
                answer=step,
            )


def _said(turn: Turn, answer: Answer) -> tuple[Said, ...]:
    """Returns the answer's sentences with their citations: those streamed before, if they are the same sentences."""
    if tuple(said.sentence for said in turn.said) == answer.sentences:
        return turn.said
    return tuple(
        Said(sentence, tuple(c for c in answer.citations if c.marker in sentence.markers))
        for sentence in answer.sentences
    )


class Keeper(Protocol):
    """Stores turns; `ui.conversations.keeping` implements it. Every method may raise ClippingsError."""

    def number(self, conversation: str, question: str) -> tuple[str, int]:
        """Returns the conversation's id and a number for its next turn; starts a new one if it does not exist."""

    def put(self, conversation: str, turn: Turn) -> None:
        """Store a turn, in place of the one with its number."""

    def drop(self, conversation: str, number: int) -> None:
        """Delete a turn."""


@dataclass
class Conversation:
    """The turns of one browser tab, oldest first, and the run that is writing the newest one.

    `showing` is the number of the turn whose evidence is shown, `reading` the marker of the passage whose whole article
    is open, 0 for none. `keeper` stores every turn, if there is one; `id` is the conversation's id there, empty before
    the first question. With `editing` the next question replaces the newest turn. `unkept` is the error that prevented
    storing, empty if there was none.
    """

    turns: list[Turn] = field(default_factory=list)
    run: Run | None = None
    numbers_given: int = 0
    showing: int = 0
    reading: int = 0
    keeper: Keeper | None = None
    id: str = ""
    editing: bool = False
    unkept: str = ""

    def begin(self, question: str, limits: str = "") -> Turn:
        """Add a turn for `question`, and store it."""
        self.numbers_given = self.showing = self._number(question)
        self.reading = 0
        turn = Turn(self.numbers_given, question, limits=limits, asked=datetime.now(UTC).isoformat(timespec="seconds"))
        self.turns.append(turn)
        self.keep(turn)
        return turn

    def keep(self, turn: Turn) -> None:
        """Store the turn; a failure is noted in `unkept`."""
        if self.keeper and self.id:
            self._try(self.keeper.put, self.id, turn)

    def drop(self, turn: Turn) -> None:
        """Delete a turn, here and in the store."""
        if turn in self.turns:
            self.turns.remove(turn)
        if self.keeper and self.id:
            self._try(self.keeper.drop, self.id, turn.number)

    def find(self, number: int) -> Turn | None:
        """Returns the turn with this number; None if there is none, or it was dropped."""
        return next((turn for turn in self.turns if turn.number == number), None)

    def replace(self, turn: Turn) -> Turn:
        """Replace the turn with the same number, and return the new turn."""
        # In place, because another thread may be replacing another turn.
        for at, other in enumerate(self.turns):
            if other.number == turn.number:
                self.turns[at] = turn
        return turn

    @property
    def earlier(self) -> list[Exchange]:
        """The questions with their answers, oldest first, without failed turns."""
        return [Exchange(turn.question, _read(turn)) for turn in self.turns if turn.stage is not Stage.FAILED]

    def _number(self, question: str) -> int:
        """Returns the next turn's number.

        The keeper's is unique across tabs, and starts the conversation if it does not exist.
        """
        given = self._try(self.keeper.number, self.id, question) if self.keeper else None
        if given is None:
            return self.numbers_given + 1
        self.id, number = given
        return number

    def _try(self, kept: Callable[..., _Given], *arguments: object) -> _Given | None:
        try:
            self.unkept = ""
            return kept(*arguments)
        except ClippingsError as error:  # the answer is shown even if it cannot be stored
            self.unkept = str(error)
            return None


def _read(turn: Turn) -> str:
    """Returns a turn's answer without markers, as far as it was written."""
    return " ".join(filter(None, (turn.lead, *(said.sentence.text for said in turn.said))))
