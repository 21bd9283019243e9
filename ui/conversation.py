"""What one browser tab has asked and been told so far.

A `Turn` is one question with all that came of it; `after` adds one step of the chatbot to it. Turns never change,
so evidence shown for an earlier answer is always that answer's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from rag.answer import Answer, Citation, Evidence
from rag.steps import Found, Said, Step, Waiting

if TYPE_CHECKING:
    from ui.running import Run


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

    `number` is unique within the conversation and never used again, also after Clear. `place` is the place in the
    queue for the model, 0 when nobody is before us. `problem` is the message for people of a turn that failed.
    `limits` says which articles were searched, for people; empty if all.
    """

    number: int
    question: str
    stage: Stage = Stage.SEARCHING
    place: int = 0
    standalone: str = ""
    passages: tuple[Evidence, ...] = ()
    said: tuple[Said, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    limits: str = ""

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
            return replace(turn, stage=Stage.READING, standalone=step.standalone, passages=step.passages)
        case Waiting():
            return replace(turn, place=step.place)
        case Said():
            return replace(turn, said=(*turn.said, step))
        case Answer():
            return replace(
                turn,
                stage=Stage.REFUSED if step.refused else Stage.ANSWERED,
                standalone=step.standalone,
                passages=step.passages,
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


@dataclass
class Conversation:
    """The turns of one browser tab, oldest first, and the run that is writing the newest one.

    `showing` is the number of the turn whose evidence is looked at.
    """

    turns: list[Turn] = field(default_factory=list)
    run: Run | None = None
    numbers_given: int = 0
    showing: int = 0

    def begin(self, question: str, limits: str = "") -> Turn:
        """Add a turn for `question`."""
        self.numbers_given += 1
        self.showing = self.numbers_given
        turn = Turn(self.numbers_given, question, limits=limits)
        self.turns.append(turn)
        return turn

    def find(self, number: int) -> Turn | None:
        """The turn with this number, if it has not been cleared."""
        return next((turn for turn in self.turns if turn.number == number), None)

    @property
    def earlier_questions(self) -> list[str]:
        """Questions that came to something, oldest first."""
        return [turn.question for turn in self.turns if turn.stage is not Stage.FAILED]
