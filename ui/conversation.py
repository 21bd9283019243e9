"""What one browser tab has asked and been told so far.

A `Turn` is one question with all that came of it; `after` adds one step of the chatbot to it. Turns never change,
so evidence shown for an earlier answer is always that answer's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from index.errors import ClippingsError
from rag.answer import Answer, Citation, Evidence
from rag.question.question import Exchange, Question
from rag.steps import Begun, Found, Lead, Said, Step, Waiting

if TYPE_CHECKING:
    from ui.running import Run

_Given = TypeVar("_Given")


class Stage(Enum):
    """How far a turn has come."""

    SEARCHING = "searching"
    READING = "reading"
    ANSWERED = "answered"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def running(self) -> bool:
        """Whether something is still to come."""
        return self in (Stage.SEARCHING, Stage.READING)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it.

    `number` is unique within the conversation and never used again. `place` is the place in the queue to search, then
    for the model, 0 when nobody is before us; `read` how many passages the model reads, 0 until it does. `problem` is
    the message for people of a turn that failed. `limits` says which articles were searched, for people; empty if all.
    `understood` is the question as it was searched for, once that is known. `lead` comes before the sentences and cites
    nothing; with `listed` each sentence is a line of its own. `asked` is an ISO time in UTC. `verdict` is what the
    reader thought of the answer, "up" or "down", and `why` the reason given.
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
        """The passage with this marker, if the turn has it."""
        return next((evidence for evidence in self.passages if evidence.marker == marker), None)


def after(turn: Turn, step: Step) -> Turn:
    """`turn` with one more step."""
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
    """The answer's sentences, each with its own citations: as they were said, unless the answer says otherwise."""
    if tuple(said.sentence for said in turn.said) == answer.sentences:
        return turn.said
    return tuple(
        Said(sentence, tuple(c for c in answer.citations if c.marker in sentence.markers))
        for sentence in answer.sentences
    )


class Keeper(Protocol):
    """Where turns are kept; see `ui.keeping`. Every method may raise ClippingsError."""

    def number(self, conversation: str, question: str) -> tuple[str, int]:
        """The conversation's id and a number for its next turn; a new conversation if it is not there."""

    def put(self, conversation: str, turn: Turn) -> None:
        """Write a turn, in place of the one with its number."""

    def drop(self, conversation: str, number: int) -> None:
        """Take a turn out."""


@dataclass
class Conversation:
    """The turns of one browser tab, oldest first, and the run that is writing the newest one.

    `showing` is the number of the turn whose evidence is looked at, `reading` the marker of the passage whose whole
    article is open, 0 for none. `keeper` keeps every turn, if there is one; `id` is
    the name that it gave, empty before the first question. With `editing` the next question takes the place of the
    newest turn. `unkept` says why turns are not being kept, empty if they are.
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
        """Add a turn for `question`, and keep it."""
        self.numbers_given = self.showing = self._number(question)
        self.reading = 0
        turn = Turn(self.numbers_given, question, limits=limits, asked=datetime.now(UTC).isoformat(timespec="seconds"))
        self.turns.append(turn)
        self.keep(turn)
        return turn

    def keep(self, turn: Turn) -> None:
        """Write the turn to where it is kept; a failure is noted in `unkept`."""
        if self.keeper and self.id:
            self._try(self.keeper.put, self.id, turn)

    def drop(self, turn: Turn) -> None:
        """Forget a turn, here and where it is kept."""
        if turn in self.turns:
            self.turns.remove(turn)
        if self.keeper and self.id:
            self._try(self.keeper.drop, self.id, turn.number)

    def find(self, number: int) -> Turn | None:
        """The turn with this number, if it has not been dropped."""
        return next((turn for turn in self.turns if turn.number == number), None)

    def replace(self, turn: Turn) -> Turn:
        """Put a turn in the place of the one with its number, and give it back."""
        # In place, for another thread may be doing so with another turn.
        for at, other in enumerate(self.turns):
            if other.number == turn.number:
                self.turns[at] = turn
        return turn

    @property
    def earlier(self) -> list[Exchange]:
        """Questions that came to something with their answers, oldest first."""
        return [Exchange(turn.question, _read(turn)) for turn in self.turns if turn.stage is not Stage.FAILED]

    def _number(self, question: str) -> int:
        """The keeper's number, which no other tab gets; the conversation is begun there, or anew if it was deleted."""
        given = self._try(self.keeper.number, self.id, question) if self.keeper else None
        if given is None:
            return self.numbers_given + 1
        self.id, number = given
        return number

    def _try(self, kept: Callable[..., _Given], *arguments: object) -> _Given | None:
        try:
            self.unkept = ""
            return kept(*arguments)
        except ClippingsError as error:  # an answer that is not kept is still an answer
            self.unkept = str(error)
            return None


def _read(turn: Turn) -> str:
    """A turn's answer without markers, as far as it came."""
    return " ".join(filter(None, (turn.lead, *(said.sentence.text for said in turn.said))))
