"""The chat page: Gradio's components, and what happens when they are used.

The answers and the evidence are HTML of our own rather than `gr.Chatbot`, which has no place for a quotation with
its source, a number that leads to a passage, or a refusal that looks like none of them. Everything the browser
gets is made in `render` and `evidence`; everything that happens is decided in `asking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import gradio as gr

from index import Filters
from ui import asking, evidence, render
from ui.asking import Asked, Screen
from ui.conversation import Conversation
from ui.limits import typed_of

AT_ONCE = 32
"""Questions answered at the same time, over all tabs; more wait. Evidence is quick, the model does one by one."""

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of the page, from top to bottom."""

    masthead: gr.HTML
    welcome: gr.Column
    examples: tuple[gr.Button, ...]
    past: gr.HTML
    live: gr.HTML
    notice: gr.HTML
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    retry: gr.Button
    clear: gr.Button
    limits: tuple[gr.Textbox, ...]
    evidence: gr.HTML
    reader: gr.HTML

    def changing(self) -> list[Any]:
        """Those that a Screen changes."""
        return [
            *(self.welcome, self.past, self.live, self.notice, self.box, self.ask, self.stop, self.retry),
            *(self.clear, self.evidence),
        ]


def asset(name: str) -> str:
    """A file of this package: `style.css`, `page.js`."""
    return files("ui").joinpath(name).read_text(encoding="utf-8")


def build(
    chatbot: Asked,
    *,
    examples: Sequence[str] = (),
    filters: Filters = Filters(),  # noqa: B008 (frozen)
) -> gr.Blocks:
    """The page over `chatbot`; each browser tab has a conversation of its own. `filters` are set at the start."""
    with gr.Blocks(title="clippings", analytics_enabled=False, fill_width=True) as page:
        conversation = gr.State(Conversation())
        parts = _lay_out(chatbot, examples, filters)
        _wire(page, parts, conversation, chatbot)
    return page


def _lay_out(chatbot: Asked, examples: Sequence[str], filters: Filters) -> _Parts:
    script = asset("page.js")
    masthead = _html(render.masthead(chatbot.index.status(), chatbot.model_name), "masthead")
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="talk", scale=6, min_width=0):
            with gr.Column(elem_id="welcome", min_width=0) as welcome:
                _html(render.welcome(bool(examples)), "invitation")
                with gr.Column(elem_id="examples", min_width=0):
                    chips = tuple(gr.Button(text, elem_classes="chip", min_width=0) for text in examples)
            past = _html("", "past")
            live = _html(render.newest([]), "live", script)
            with gr.Column(elem_id="composer", min_width=0):
                notice = _html("", "notice")
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
                    retry = gr.Button("Retry", interactive=False, elem_id="retry", scale=0, min_width=0)
                    clear = gr.Button("Clear", interactive=False, elem_id="clear", scale=0, min_width=0)
                    _html(render.KEYS, "keys")
                limits = _limits(filters)
        with gr.Column(elem_id="proof", scale=5, min_width=0):
            panel = _html(evidence.nothing_yet(), "evidence", script)
    reader = _html("", "reader", script)
    return _Parts(
        masthead, welcome, chips, past, live, notice, box, ask, stop, retry, clear, limits, panel, reader
    )  # fmt: skip


def _limits(filters: Filters) -> tuple[gr.Textbox, ...]:
    """Which articles are searched; folded away while there is no limit."""
    typed = typed_of(filters)
    boxes = (
        ("Published from", "2020-01-31"),
        ("Published until", "2020-12-31"),
        ("Source", "part of its name"),
        ("Author", "part of the name"),
    )
    with gr.Accordion("Which articles", open=any(typed), elem_id="limits"), gr.Row():
        return tuple(
            gr.Textbox(value, label=label, placeholder=hint, lines=1, max_lines=1, min_width=120)
            for value, (label, hint) in zip(typed, boxes, strict=True)
        )


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    return gr.HTML(str(value), elem_id=name, js_on_load=script, apply_default_css=False)


def _wire(page: gr.Blocks, parts: _Parts, conversation: gr.State, chatbot: Asked) -> None:
    def masthead() -> str:
        return str(render.masthead(chatbot.index.status(), chatbot.model_name))

    def ask(
        asked: Conversation, question: str, after: str, before: str, source: str, author: str
    ) -> Iterator[dict[Any, Any]]:
        for screen in asking.ask(chatbot, asked, question, (after, before, source, author)):
            yield _updates(parts, screen)

    def again(asked: Conversation, after: str, before: str, source: str, author: str) -> Iterator[dict[Any, Any]]:
        for screen in asking.again(chatbot, asked, (after, before, source, author)):
            yield _updates(parts, screen)

    def clear(asked: Conversation) -> dict[Any, Any]:
        return _updates(parts, asking.clear(asked))

    def cite(asked: Conversation, event: gr.EventData) -> Any:
        return _or_skip(asking.look_at(asked, int(event.turn)))

    def read(asked: Conversation, event: gr.EventData) -> Any:
        return _or_skip(asking.read(asked, int(event.turn), int(event.marker)))

    answering = partial(gr.on, outputs=parts.changing(), concurrency_limit=AT_ONCE, **_QUIET)
    page.load(masthead, outputs=parts.masthead, **_QUIET)
    answering([parts.box.submit, parts.ask.click], ask, inputs=[conversation, parts.box, *parts.limits])
    for chip in parts.examples:
        answering([chip.click], ask, inputs=[conversation, chip, *parts.limits])
    answering([parts.retry.click], again, inputs=[conversation, *parts.limits])
    parts.stop.click(asking.stop, conversation, queue=False, **_QUIET)
    parts.clear.click(clear, conversation, parts.changing(), queue=False, **_QUIET)
    parts.evidence.cite(cite, conversation, parts.evidence, queue=False, **_QUIET)
    parts.evidence.read(read, conversation, parts.reader, queue=False, **_QUIET)


def _or_skip(markup: str | None) -> Any:
    return gr.skip() if markup is None else str(markup)


def _updates(parts: _Parts, screen: Screen) -> dict[Any, Any]:
    """What a Screen changes on the page."""
    htmls = {parts.past: screen.past, parts.live: screen.live, parts.evidence: screen.evidence}
    shown: dict[Any, Any] = {part: str(markup) for part, markup in htmls.items() if markup is not None}
    if screen.question is not None:
        shown[parts.box] = screen.question
    idle = not screen.running and not screen.empty
    return shown | {
        parts.welcome: gr.update(visible=screen.empty),
        parts.notice: str(render.notice(screen.notice)),
        parts.ask: gr.update(visible=not screen.running),
        parts.stop: gr.update(visible=screen.running),
        parts.retry: gr.update(interactive=idle),
        parts.clear: gr.update(interactive=idle),
    }
