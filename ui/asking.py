"""From a question to what the page shows next: a stream of `Screen`s.

Knows the chatbot and the conversation, nothing about Gradio; `page` puts each Screen on the page.
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
from rag.question.question import History
from rag.steps import Step
from ui import evidence, render
from ui.archive import Archive
from ui.conversation import Conversation, Stage, Turn, after
from ui.limits import NOTHING_TYPED, Typed, filters_of
from ui.running import Run

_log = logging.getLogger(__name__)

NOTHING_ASKED = "Type a question first."
EDITING = "Change the question and ask again: the new answer takes the place of the last one. Edit again leaves it."
BROKEN = "Something went wrong inside clippings; the terminal it runs in says what. You can ask again."


class Asked(Protocol):
    """Whatever answers questions: `rag.Chatbot`, or a stand-in."""

    @property
    def index(self) -> Archive:
        """Where it looks."""

    @property
    def model_name(self) -> str | None:
        """The language model; None without one."""

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters = Filters(),  # noqa: B008 (frozen)
        stop: threading.Event | None = None,
    ) -> Iterator[Step]:
        """The steps of an answer. Setting `stop` ends them and stops the model."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows from now on. None leaves a part as it is.

    `past` are all turns but the newest, which is `live`. `question` is what stands in the input box.
    """

    past: Markup | None = None
    live: Markup | None = None
    evidence: Markup | None = None
    question: str | None = None
    notice: str = ""
    running: bool = False
    empty: bool = False


def ask(
    chatbot: Asked,
    conversation: Conversation,
    question: str,
    limits: Typed = NOTHING_TYPED,
    *,
    alone: bool = False,
) -> Iterator[Screen]:
    """Ask, and show every step of the answer. Problems become messages, never exceptions.

    While the newest question is being edited, the answer takes its place. `alone` takes nothing over from the
    questions before.
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
    except Exception:  # a fault of ours must not leave the page waiting; the log has it whole
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
    """Ask the newest question once more, within the limits of now; its former answer goes."""
    if conversation.run is None and conversation.turns:
        conversation.editing = True
        yield from ask(chatbot, conversation, conversation.turns[-1].question, limits)


def as_typed(
    chatbot: Asked, conversation: Conversation, number: int, limits: Typed = NOTHING_TYPED
) -> Iterator[Screen]:
    """Ask a turn's question once more, as if nothing had been asked before; the newest turn's answer goes."""
    turn = conversation.find(number)
    if conversation.run is None and turn is not None:
        conversation.editing = turn is conversation.turns[-1]
        yield from ask(chatbot, conversation, turn.question, limits, alone=True)


def edit(conversation: Conversation) -> Screen:
    """Put the newest question into the box, to be asked in other words; a second call leaves it as it was."""
    if conversation.run is not None or not conversation.turns:
        return _rest(conversation)
    conversation.editing = not conversation.editing
    question = conversation.turns[-1].question if conversation.editing else ""
    return replace(_rest(conversation), question=question, notice=EDITING if conversation.editing else "")


def clear(conversation: Conversation) -> Screen:
    """Begin a new conversation; the former one is kept. Nothing happens while an answer is being written."""
    if conversation.run is None:
        conversation.turns, conversation.id, conversation.editing = [], "", False
    return replace(_whole(conversation), question="", running=conversation.run is not None)


def show(conversation: Conversation) -> Screen:
    """Everything, as after a reload."""
    return _whole(conversation)


def look_at(conversation: Conversation, number: int) -> Markup | None:
    """The evidence of one turn, from now on shown in the panel; None if the turn is gone."""
    turn = conversation.find(number)
    if turn is None:
        return None
    conversation.showing, conversation.reading = number, 0
    return evidence.panel(turn)


def read(conversation: Conversation, number: int, marker: int) -> Markup | None:
    """The whole article of a passage, from now on in the panel; None if the turn is gone or has no such passage."""
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
    """What is wrong with what was typed; empty if nothing is."""
    try:
        filters_of(limits)
    except ClippingsError as error:
        return str(error)
    return "" if question else NOTHING_ASKED


def _ended(conversation: Conversation, turn: Turn) -> Turn:
    """Keep the turn as it is now."""
    if turn.stage.running:
        turn = conversation.replace(replace(turn, stage=Stage.STOPPED))
    conversation.keep(turn)
    return turn


def _taken_back(conversation: Conversation, turn: Turn, former: Turn | None, problem: str) -> Screen:
    """Where no passage was found there is nothing to keep: the question goes back to where it can be changed."""
    conversation.drop(turn)
    conversation.turns += [former] if former else []
    return replace(_whole(conversation), question=turn.question, notice=problem)


def _settled(conversation: Conversation, turn: Turn, former: Turn | None, problem: str) -> Screen:
    """The end of an answer, with what went wrong after its passages had come; the one that it replaces goes."""
    if problem:
        conversation.keep(conversation.replace(replace(turn, stage=Stage.FAILED, problem=problem)))
    if former is not None:
        conversation.drop(former)
    return _whole(conversation)


def _grown(conversation: Conversation, turn: Turn) -> Screen:
    """The newest turn with one step more; its evidence only where that is looked at."""
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
    """What the panel shows: the article that is open, else the evidence of the turn looked at, else of the newest."""
    turns = conversation.turns
    turn = conversation.find(conversation.showing) or (turns[-1] if turns else None)
    if turn is None:
        return evidence.nothing_yet()
    passage = turn.passage(conversation.reading)
    return evidence.reader(turn, passage) if passage else evidence.panel(turn)


def _rest(conversation: Conversation) -> Screen:
    return Screen(empty=not conversation.turns)
