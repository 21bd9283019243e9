"""From a question to what the page shows next: a stream of `Screen`s.

Knows the chatbot and the conversation, nothing about Gradio; `page` puts each Screen on the page.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from markupsafe import Markup

from index import Filters, Status
from index.errors import ClippingsError
from rag.steps import Step
from ui import evidence, render
from ui.conversation import Conversation, Stage, Turn, after
from ui.limits import NOTHING_TYPED, Typed, filters_of
from ui.running import Run

_log = logging.getLogger(__name__)

NOTHING_ASKED = "Type a question first."
BROKEN = "Something went wrong inside clippings; the terminal it runs in says what. You can ask again."


class Shelf(Protocol):
    """The part of an Index that the page shows."""

    def status(self) -> Status:
        """What is indexed."""


class Asked(Protocol):
    """Whatever answers questions: `rag.Chatbot`, or a stand-in."""

    @property
    def index(self) -> Shelf:
        """Where it looks."""

    @property
    def model_name(self) -> str | None:
        """The language model; None without one."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
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


def ask(chatbot: Asked, conversation: Conversation, question: str, limits: Typed = NOTHING_TYPED) -> Iterator[Screen]:
    """Ask, and show every step of the answer. Problems become messages, never exceptions."""
    question = question.strip()
    if conversation.run is not None:
        return
    if notice := _cannot_ask(question, limits):
        yield replace(_rest(conversation), notice=notice)
        return
    filters = filters_of(limits)
    history = conversation.earlier_questions
    turn = conversation.begin(question, str(filters))
    run = conversation.run = Run(partial(chatbot.stream, question, history=history, filters=filters))
    try:
        yield replace(_whole(conversation), question="", running=True)
        for step in run:
            if step is None:
                yield Screen(running=True)
                continue
            turn = _put(conversation, after(turn, step))
            looked_at = conversation.showing == turn.number
            yield Screen(
                live=render.newest(conversation.turns),
                evidence=evidence.panel(turn) if looked_at else None,
                running=True,
            )
        problem = ""
    except ClippingsError as error:
        problem = str(error)
    except Exception:  # a fault of ours must not leave the page waiting; the log has it whole
        _log.exception("answering failed")
        problem = BROKEN
    finally:
        run.stop()
        conversation.run = None
        if turn.stage.running:
            turn = _put(conversation, replace(turn, stage=Stage.STOPPED))
    yield _failed(conversation, turn, problem) if problem else _whole(conversation)


def again(chatbot: Asked, conversation: Conversation, limits: Typed = NOTHING_TYPED) -> Iterator[Screen]:
    """Ask the newest question once more, within the limits of now; its former answer goes."""
    if conversation.run is None and conversation.turns:
        if notice := _cannot_ask(conversation.turns[-1].question, limits):
            yield replace(_rest(conversation), notice=notice)
            return
        yield from ask(chatbot, conversation, conversation.turns.pop().question, limits)


def clear(conversation: Conversation) -> Screen:
    """Forget the conversation. Nothing happens while an answer is being written."""
    if conversation.run is None:
        conversation.turns.clear()
    return replace(_whole(conversation), question="", running=conversation.run is not None)


def look_at(conversation: Conversation, number: int) -> Markup | None:
    """The evidence of one turn, from now on shown in the panel; None if the turn is gone."""
    turn = conversation.find(number)
    if turn is None:
        return None
    conversation.showing = number
    return evidence.panel(turn)


def read(conversation: Conversation, number: int, marker: int) -> Markup | None:
    """The whole article of a passage; None if the turn is gone or has no such passage."""
    turn = conversation.find(number)
    passage = turn.passage(marker) if turn else None
    return evidence.reader(turn, passage) if turn and passage else None


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


def _put(conversation: Conversation, turn: Turn) -> Turn:
    conversation.turns[-1] = turn
    return turn


def _failed(conversation: Conversation, turn: Turn, problem: str) -> Screen:
    """Where no passage was found there is nothing to keep: the question goes back to where it can be changed."""
    if not turn.passages:
        conversation.turns.pop()
        return replace(_whole(conversation), question=turn.question, notice=problem)
    _put(conversation, replace(turn, stage=Stage.FAILED, problem=problem))
    return _whole(conversation)


def _whole(conversation: Conversation) -> Screen:
    turns = conversation.turns
    return Screen(
        past=render.turns(turns[:-1]),
        live=render.newest(turns),
        evidence=_panel(conversation),
        empty=not turns,
    )


def _panel(conversation: Conversation) -> Markup:
    """Evidence of the turn that is looked at, else of the newest."""
    turn = conversation.find(conversation.showing) or (conversation.turns[-1] if conversation.turns else None)
    return evidence.panel(turn) if turn else evidence.nothing_yet()


def _rest(conversation: Conversation) -> Screen:
    return Screen(empty=not conversation.turns)
