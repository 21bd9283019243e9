"""The control flow of a question: yields `Screen`s, each of which describes what the page shows next.

Knows the chatbot and the conversation, and is independent of Gradio; `ask_tab` puts each Screen on the page.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from markupsafe import Markup

from index import Filters
from index.errors import ClippingsError
from rag.answering.steps import Step
from rag.question.question import History
from ui import task
from ui.archive.service import Archive
from ui.conversations.conversation import Conversation, Stage, Turn, after
from ui.conversations.run import Run
from ui.page.filter_boxes import NOTHING_TYPED, Typed, filters_of, filters_so_far
from ui.render import evidence
from ui.render import turns as render

_log = logging.getLogger(__name__)

NOTHING_ASKED = "Type a question first."
EDITING = "Change the question and ask again: the new answer takes the place of the last one. Edit again leaves it."
BROKEN = f"{task.BROKEN} You can ask again."


class Asked(Protocol):
    """The interface of a chatbot: `rag.Chatbot`, or a stand-in."""

    @property
    def index(self) -> Archive:
        """The index that it searches."""

    @property
    def model_name(self) -> str | None:
        """The name of the language model; None without one."""

    def opening_questions(self) -> tuple[str, ...]:
        """Returns questions that the articles answer."""

    def stream(
        self, question: str, *, history: History = (), filters: Filters = Filters(), stop: threading.Event | None = None
    ) -> Iterator[Step]:
        """Yields the steps of an answer. Setting `stop` ends them and stops the model."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows from now on. None leaves a part as it is.

    `past` holds all turns but the newest, which is `live`. `question` is the text of the input box.
    """

    past: Markup | None = None
    live: Markup | None = None
    evidence: Markup | None = None
    question: str | None = None
    notice: str = ""
    running: bool = False
    empty: bool = False


def ask(
    chatbot: Asked, conversation: Conversation, question: str, limits: Typed = NOTHING_TYPED, *, alone: bool = False
) -> Iterator[Screen]:
    """Ask, and yield a Screen for every step of the answer. Errors become messages, never exceptions.

    While the newest question is being edited, the new turn replaces it. With `alone` the earlier questions are ignored.
    """
    question = question.strip()
    if conversation.run is not None:
        return
    if notice := _cannot_ask(question, limits):
        yield replace(_rest(conversation), notice=notice)
        return
    former = conversation.turns.pop() if conversation.editing and conversation.turns else None
    conversation.editing = False
    filters = filters_of(limits)
    history = [] if alone else conversation.earlier
    turn = conversation.begin(question, str(filters))
    run = conversation.run = Run(partial(chatbot.stream, question, history=history, filters=filters))
    try:
        yield replace(_whole(conversation), question="", running=True)
        for step in run:
            if step is None:
                yield Screen(running=True)
                continue
            turn = conversation.replace(after(turn, step))
            if turn.stage.running:  # else it is shown below, once the next question can be asked
                yield _grown(conversation, turn)
        problem = ""
    except ClippingsError as error:
        problem = str(error)
    except Exception:  # a fault must not leave the page waiting; the log holds the traceback
        _log.exception("answering failed")
        problem = BROKEN
    finally:
        run.stop()
        conversation.run = None
        turn = _ended(conversation, turn)
    if problem and not turn.passages:
        yield _taken_back(conversation, turn, former, problem)
        return
    yield _settled(conversation, turn, former, problem)


def again(chatbot: Asked, conversation: Conversation, limits: Typed = NOTHING_TYPED) -> Iterator[Screen]:
    """Ask the newest question again, within the current limits; the new answer replaces the former one."""
    if conversation.run is None and conversation.turns:
        conversation.editing = True
        yield from ask(chatbot, conversation, conversation.turns[-1].question, limits)


def as_typed(
    chatbot: Asked, conversation: Conversation, number: int, limits: Typed = NOTHING_TYPED
) -> Iterator[Screen]:
    """Ask a turn's question again, ignoring the earlier ones; the newest turn is replaced by the new one."""
    turn = conversation.find(number)
    if conversation.run is None and turn is not None:
        conversation.editing = turn is conversation.turns[-1]
        yield from ask(chatbot, conversation, turn.question, limits, alone=True)


def edit(conversation: Conversation) -> Screen:
    """Put the newest question into the input box, to be changed and asked again; a second call cancels this."""
    if conversation.run is not None or not conversation.turns:
        return _rest(conversation)
    conversation.editing = not conversation.editing
    question = conversation.turns[-1].question if conversation.editing else ""
    return replace(_rest(conversation), question=question, notice=EDITING if conversation.editing else "")


def clear(conversation: Conversation, limits: Typed = NOTHING_TYPED) -> Screen:
    """Start a new conversation; the former one stays stored. Does nothing while an answer is being written.

    Limits stay, and the page says so.
    """
    if conversation.run is None:
        conversation.turns, conversation.id, conversation.editing = [], "", False
    held = str(filters_so_far(limits))
    notice = f"A new conversation. It still searches only articles {held}." if held else ""
    return replace(_whole(conversation), question="", notice=notice, running=conversation.run is not None)


def show(conversation: Conversation) -> Screen:
    """Returns everything that the page shows, as after a reload."""
    return _whole(conversation)


def look_at(conversation: Conversation, number: int) -> Markup | None:
    """Show the evidence of one turn in the panel from now on; returns None if the turn does not exist."""
    turn = conversation.find(number)
    if turn is None:
        return None
    conversation.showing, conversation.reading = number, 0
    return evidence.panel(turn)


def read(conversation: Conversation, number: int, marker: int) -> Markup | None:
    """Show a passage's whole article in the panel from now on; returns None if turn or passage do not exist."""
    turn = conversation.find(number)
    passage = turn.passage(marker) if turn else None
    if turn is None or passage is None:
        return None
    conversation.showing, conversation.reading = number, marker
    return evidence.reader(turn, passage)


def stop(conversation: Conversation) -> None:
    """Stop the answer that is being written, if there is one."""
    if conversation.run is not None:
        conversation.run.stop()


def _cannot_ask(question: str, limits: Typed) -> str:
    """Returns an error message for the input; empty if it is valid."""
    try:
        filters_of(limits)
    except ClippingsError as error:
        return str(error)
    return "" if question else NOTHING_ASKED


def _ended(conversation: Conversation, turn: Turn) -> Turn:
    """Store the turn in its final state; one that is still running counts as stopped."""
    if turn.stage.running:
        turn = conversation.replace(replace(turn, stage=Stage.STOPPED))
    conversation.keep(turn)
    return turn


def _taken_back(conversation: Conversation, turn: Turn, former: Turn | None, problem: str) -> Screen:
    """Delete a turn that failed before passages were found, and put its question back into the input box."""
    conversation.drop(turn)
    conversation.turns += [former] if former else []
    return replace(_whole(conversation), question=turn.question, notice=problem)


def _settled(conversation: Conversation, turn: Turn, former: Turn | None, problem: str) -> Screen:
    """Finish an answer: store an error that came after its passages, and delete the turn that it replaces."""
    if problem:
        conversation.keep(conversation.replace(replace(turn, stage=Stage.FAILED, problem=problem)))
    if former is not None:
        conversation.drop(former)
    return _whole(conversation)


def _grown(conversation: Conversation, turn: Turn) -> Screen:
    """Returns the newest turn after one more step; with its evidence only if the panel shows that."""
    looked_at = conversation.showing == turn.number and not conversation.reading
    return Screen(
        live=render.newest(conversation.turns, conversation.id),
        evidence=evidence.panel(turn) if looked_at else None,
        running=True,
    )


def _whole(conversation: Conversation) -> Screen:
    turns = conversation.turns
    return Screen(
        past=render.turns(turns[:-1], conversation.id),
        live=render.newest(turns, conversation.id),
        evidence=_panel(conversation),
        notice=conversation.unkept,
        empty=not turns,
    )


def _panel(conversation: Conversation) -> Markup:
    """Returns what the panel shows: the open article, else the evidence of the chosen turn, else of the newest."""
    turns = conversation.turns
    turn = conversation.find(conversation.showing) or (turns[-1] if turns else None)
    if turn is None:
        return evidence.nothing_yet()
    passage = turn.passage(conversation.reading)
    return evidence.reader(turn, passage) if passage else evidence.panel(turn)


def _rest(conversation: Conversation) -> Screen:
    return Screen(empty=not conversation.turns)
