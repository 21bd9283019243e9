"""The tab “Settings”: number of passages, length of an answer, language model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from index.errors import ClippingsError
from rag.chatbot import Chatbot
from rag.llm.catalogue import ModelEntry
from ui.page import preferences as choices
from ui.page.components import QUIET, html
from ui.page.context import Workroom
from ui.page.preferences import PASSAGES, TOKENS, Pull
from ui.render import turns
from ui.render.markup import rendered

_Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class SettingsTab:
    """The components, from top to bottom."""

    passages: gr.Slider
    tokens: gr.Slider
    model: gr.Radio
    notice: gr.HTML
    missing: gr.HTML


def lay_out(chatbot: Chatbot) -> SettingsTab:
    """Create the components; call it within `gr.Blocks`."""
    settings = chatbot.settings
    with gr.Column(elem_id="settings", elem_classes="page", min_width=0):
        passages = gr.Slider(
            PASSAGES.start,
            PASSAGES.stop - 1,
            settings.top_k,
            step=1,
            label="Passages looked at",
            info="More find rarer answers, and take longer.",
        )
        tokens = gr.Slider(
            TOKENS.start,
            TOKENS[-1],
            settings.answer_tokens,
            step=TOKENS.step,
            label="Longest answer of the model, in tokens",
            info="Ten tokens are about seven words.",
        )
        model = gr.Radio(
            choices.installed(chatbot),
            value=choices.current(chatbot),
            label="Language model",
            info="For everybody who uses this page, from the next question on, and after a restart.",
        )
        notice = html("", "settings-notice")
        missing = html(_missing(), "missing", scripted=True)
    return SettingsTab(passages, tokens, model, notice, missing)


def wire(tab: SettingsTab, own: gr.Tab, masthead: gr.HTML, room: Workroom, chatbot: Chatbot) -> None:
    """Connect the components to their event handlers; `own` is the gr.Tab that holds them."""
    _wire_numbers(tab, own, room, chatbot)

    def choose(name: str) -> Iterator[_Updates]:
        yield {tab.notice: str(turns.notice(f"Loading {name}. Questions are answered meanwhile."))}
        try:
            choices.choose_model(chatbot, name)
            said = "No language model answers now." if name == choices.NONE else f"{name} answers now."
        except ClippingsError as error:
            said = str(error)
        yield {
            tab.notice: str(turns.notice(said)),
            tab.model: choices.current(chatbot),
            masthead: str(turns.masthead(room.status(), chatbot.model_name)),
        }

    def pull(event: gr.EventData) -> Iterator[_Updates]:
        entry = next((entry for entry in choices.missing() if entry.name == event.id), None)
        if entry is None:
            return
        download = Pull(entry)
        for arrived in download:
            yield {tab.notice: str(_pulling(entry, arrived))}
        said = download.problem or f"{entry.name} is here. Choose it above."
        yield {
            tab.notice: str(turns.notice(said)),
            tab.model: gr.update(choices=choices.installed(chatbot), value=choices.current(chatbot)),
            tab.missing: str(_missing()),
        }

    tab.model.input(choose, tab.model, [tab.notice, tab.model, masthead], **QUIET)
    tab.missing.pull(pull, None, [tab.notice, tab.model, tab.missing], **QUIET)


def _wire_numbers(tab: SettingsTab, own: gr.Tab, room: Workroom, chatbot: Chatbot) -> None:
    def show(request: gr.Request) -> _Updates:
        settings = choices.fitted(chatbot, room.preferences(request)).settings
        return {
            tab.passages: settings.top_k,
            tab.tokens: settings.answer_tokens,
            tab.model: gr.update(choices=choices.installed(chatbot), value=choices.current(chatbot)),
        }

    def prefer(passages: int, tokens: int, request: gr.Request) -> str:
        owner = room.owner(request)
        try:
            if owner:
                room.history.prefer(owner, "top_k", str(int(passages)))
                room.history.prefer(owner, "answer_tokens", str(int(tokens)))
        except ClippingsError as error:
            return str(turns.notice(str(error)))
        return str(turns.notice("Kept for you, from the next question on."))

    own.select(show, None, [tab.passages, tab.tokens, tab.model], queue=False, **QUIET)
    numbers = [tab.passages, tab.tokens]
    gr.on([number.input for number in numbers], prefer, numbers, tab.notice, queue=False, **QUIET)


def _missing() -> Markup:
    """Returns the models that can be downloaded, each with a button."""
    models = [(model, choices.facts(model)) for model in choices.missing()]
    return rendered("models.html", models=models, recommended=choices.recommended())


def _pulling(entry: ModelEntry, arrived: int) -> Markup:
    total = entry.file_megabytes
    done = min(round(arrived / 1e6), total)
    text = f"downloading {entry.name}: {done} of about {total} MB"
    return rendered("progress.html", text=text, label=f"download of {entry.name}", total=total, done=done)
