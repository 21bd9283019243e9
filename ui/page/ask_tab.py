"""The tab “Ask”: its Gradio components, and their event handlers.

The answers and the evidence are HTML of our own rather than `gr.Chatbot`, which has no place for a quotation with its
source, a number that leads to a passage, or a refusal with a look of its own. The HTML is made in `ui.render`; what
happens is decided in `ask_flow`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from index.errors import ClippingsError
from ui.conversations import feedback
from ui.conversations.conversation import Conversation
from ui.page import ask_flow
from ui.page.ask_flow import Screen
from ui.page.components import AT_ONCE, QUIET, html, or_skip
from ui.page.context import Workroom
from ui.page.filter_boxes import Typed
from ui.page.rail import NO_LIMITS, Rail, limit_chips, show_latest_after
from ui.render import evidence, turns
from ui.render.markup import rendered

NOT_HERE = "That conversation is not here: it was deleted, or it is somebody else's."

_Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class AskTab:
    """The components, from top to bottom."""

    conversation: gr.State
    welcome: gr.Column
    invitation: gr.HTML
    openings: gr.HTML
    past: gr.HTML
    live: gr.HTML
    why: _Why
    notice: gr.HTML
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    retry: gr.Button
    edit: gr.Button
    new: gr.Button
    chips: gr.HTML
    evidence: gr.HTML

    @property
    def changing(self) -> list[Any]:
        """The components that a Screen changes."""
        return [
            *(self.welcome, self.past, self.live, self.notice, self.box, self.ask, self.stop, self.retry, self.edit),
            *(self.new, self.evidence),
        ]


@dataclass(frozen=True, slots=True)
class _Why:
    """The form that asks for the reason of a thumb down; `judged` is the number of the turn."""

    judged: gr.State
    form: gr.Column
    reason: gr.Radio
    right: gr.Textbox
    send: gr.Button
    cancel: gr.Button


def lay_out(articles: int) -> AskTab:
    """Create the components, within `gr.Blocks`; `articles` is the number of indexed articles."""
    conversation = gr.State(Conversation())
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="talk", scale=6, min_width=0):
            with gr.Column(elem_id="welcome", min_width=0) as welcome:
                invitation = html(turns.welcome(articles), "invitation")
                openings = html(rendered("waiting.html"), "openings")
            past = html("", "past")
            live = html(turns.newest([]), "live", scripted=True)
            with gr.Column(elem_id="composer", min_width=0):
                why = _lay_out_why()
                notice = html("", "notice")
                chips = limit_chips("limits")
                with gr.Row(elem_id="line", equal_height=False):
                    box = gr.Textbox(
                        label="Your question",
                        placeholder="Ask your articles…",
                        lines=1,
                        max_lines=6,
                        autofocus=True,
                        elem_id="question",
                        min_width=0,
                        scale=1,
                    )
                    ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0, min_width=0)
                    stop = gr.Button("Stop", visible=False, elem_id="stop", scale=0, min_width=0)
                with gr.Row(elem_id="after"):
                    retry, edit, new = (
                        gr.Button(text, interactive=False, elem_id=text.lower(), scale=0, min_width=0)
                        for text in ("Retry", "Edit", "New")
                    )
                    html(rendered("keys.html"), "keys")
        with gr.Column(elem_id="proof", scale=5, min_width=0):
            panel = html(evidence.nothing_yet(), "evidence", scripted=True)
    return AskTab(
        conversation, welcome, invitation, openings, past, live, why, notice, box, ask, stop, retry, edit, new, chips,
        panel,
    )  # fmt: skip


def _lay_out_why() -> _Why:
    judged = gr.State(0)
    with gr.Column(elem_id="why", visible=False, min_width=0) as form:
        reason = gr.Radio(choices=[], label="What is wrong?")
        right = gr.Textbox(label="The right answer, if you know it", lines=1, max_lines=3)
        with gr.Row():
            send = gr.Button("Send", variant="primary", scale=0, min_width=80)
            cancel = gr.Button("Cancel", scale=0, min_width=80)
    return _Why(judged, form, reason, right, send, cancel)


def wire(tab: AskTab, rail: Rail, room: Workroom) -> None:
    """Connect the components to their event handlers."""
    _wire_answers(tab, rail, room)
    _wire_questions(tab, rail, room)
    _wire_panel(tab)
    _wire_verdicts(tab, room)


def _wire_answers(tab: AskTab, rail: Rail, room: Workroom) -> None:
    def ask(asked: Conversation, question: str, request: gr.Request, *given: Any) -> Iterator[_Updates]:
        chatbot, keeping = room.chatbot_for(request), room.keeping(asked, request)
        for screen in ask_flow.ask(chatbot, keeping, question, Typed.of(*given)):
            yield updates(tab, screen)

    def again(asked: Conversation, request: gr.Request, *given: Any) -> Iterator[_Updates]:
        for screen in ask_flow.again(room.chatbot_for(request), room.keeping(asked, request), Typed.of(*given)):
            yield updates(tab, screen)

    def edit(asked: Conversation) -> _Updates:
        return updates(tab, ask_flow.edit(asked))

    def new(asked: Conversation, *given: Any) -> _Updates:
        return updates(tab, ask_flow.clear(asked, Typed.of(*given)))

    answering = partial(gr.on, outputs=tab.changing, concurrency_limit=AT_ONCE, **QUIET)
    asking = answering([tab.box.submit, tab.ask.click], ask, inputs=[tab.conversation, tab.box, *rail.boxes])
    answering([tab.retry.click], again, inputs=[tab.conversation, *rail.boxes])
    show_latest_after(asking.then, rail, room, tab.conversation)
    tab.stop.click(ask_flow.stop, tab.conversation, queue=False, **QUIET)
    tab.edit.click(edit, tab.conversation, tab.changing, queue=False, **QUIET)
    tab.new.click(new, [tab.conversation, *rail.boxes], tab.changing, queue=False, **QUIET)


def _wire_questions(tab: AskTab, rail: Rail, room: Workroom) -> None:
    """Connect what can be asked with a click: suggestions, and a question again, as typed or without the limits."""

    def as_typed(asked: Conversation, event: gr.EventData, request: gr.Request, *given: Any) -> Iterator[_Updates]:
        chatbot, keeping = room.chatbot_for(request), room.keeping(asked, request)
        for screen in ask_flow.as_typed(chatbot, keeping, int(event.turn), Typed.of(*given)):
            yield updates(tab, screen)

    def suggested(asked: Conversation, event: gr.EventData, request: gr.Request, *given: Any) -> Iterator[_Updates]:
        chatbot, keeping = room.chatbot_for(request), room.keeping(asked, request)
        for screen in ask_flow.ask(chatbot, keeping, str(event.question), Typed.of(*given), alone=True):
            yield updates(tab, screen)

    def everywhere(asked: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[_Updates]:
        if turn := asked.find(int(event.turn)):
            yield dict(zip(rail.boxes, NO_LIMITS, strict=True))
            chatbot, keeping = room.chatbot_for(request), room.keeping(asked, request)
            for screen in ask_flow.ask(chatbot, keeping, turn.question):
                yield updates(tab, screen)

    given = [tab.conversation, *rail.boxes]
    anywhere = [*rail.boxes, *tab.changing]
    tab.evidence.everywhere(everywhere, tab.conversation, anywhere, concurrency_limit=AT_ONCE, **QUIET)
    tab.evidence.alone(as_typed, given, tab.changing, concurrency_limit=AT_ONCE, **QUIET)
    tab.evidence.suggested(suggested, given, tab.changing, concurrency_limit=AT_ONCE, **QUIET)


def _wire_panel(tab: AskTab) -> None:
    def cite(asked: Conversation, event: gr.EventData) -> Any:
        return or_skip(ask_flow.look_at(asked, int(event.turn)))

    def read(asked: Conversation, event: gr.EventData) -> Any:
        return or_skip(ask_flow.read(asked, int(event.turn), int(event.marker)))

    tab.evidence.cite(cite, tab.conversation, tab.evidence, queue=False, **QUIET)
    tab.evidence.read(read, tab.conversation, tab.evidence, queue=False, **QUIET)


def _wire_verdicts(tab: AskTab, room: Workroom) -> None:
    why = tab.why

    def judge(asked: Conversation, event: gr.EventData, request: gr.Request) -> _Updates:
        number = int(event.turn)
        turn = asked.find(number)
        if turn is None or event.verdict == "up":
            return noted(room.keeping(asked, request), number, "up")
        return {
            why.judged: number,
            why.form: gr.update(visible=True),
            why.reason: gr.update(choices=feedback.reasons(turn), value=feedback.reasons(turn)[0]),
            why.right: "",
        }

    def send(asked: Conversation, number: int, reason: str | None, right: str, request: gr.Request) -> _Updates:
        return noted(room.keeping(asked, request), number, "down", reason or "", right)

    def noted(asked: Conversation, number: int, *verdict: str) -> _Updates:
        problem = feedback.judge(room.verdicts, asked, number, *verdict)
        screen = ask_flow.show(asked)
        return {
            tab.past: str(screen.past),
            tab.live: str(screen.live),
            tab.notice: str(turns.notice(problem)),
            why.form: gr.update(visible=False),
        }

    form = [why.judged, why.form, why.reason, why.right, tab.past, tab.live, tab.notice]
    tab.evidence.judge(judge, tab.conversation, form, queue=False, **QUIET)
    gr.on(
        [why.send.click, why.right.submit],
        send,
        [tab.conversation, why.judged, why.reason, why.right],
        form,
        queue=False,
        **QUIET,
    )
    why.cancel.click(lambda: gr.update(visible=False), None, why.form, queue=False, **QUIET)


def opened(tab: AskTab, room: Workroom, name: str, request: gr.Request) -> _Updates:
    """Show a stored conversation; if it does not exist, a new one with a message."""
    try:
        kept = room.kept(request)
        found = kept.open(name) if kept else None
        problem = "" if found else NOT_HERE
    except ClippingsError as error:
        found, problem = None, str(error)
    asked = room.keeping(found or Conversation(), request)
    screen = ask_flow.show(asked)
    shown = updates(tab, screen) | {tab.conversation: asked}
    return shown | ({tab.notice: str(turns.notice(problem))} if problem else {})


def updates(tab: AskTab, screen: Screen) -> _Updates:
    """Returns the updates of the components that a Screen changes."""
    htmls = {tab.past: screen.past, tab.live: screen.live, tab.evidence: screen.evidence}
    shown: _Updates = {part: str(markup) for part, markup in htmls.items() if markup is not None}
    if screen.question is not None:
        shown[tab.box] = screen.question
    idle = gr.update(interactive=not screen.running and not screen.empty)
    return shown | {
        tab.welcome: gr.update(visible=screen.empty),
        tab.notice: str(turns.notice(screen.notice)),
        tab.ask: gr.update(visible=not screen.running),
        tab.stop: gr.update(visible=screen.running),
        **dict.fromkeys((tab.retry, tab.edit, tab.new), idle),
    }
