"""The tab “History”: search, open, rename, export and delete conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from index.errors import ClippingsError
from ui.conversations.conversation import Conversation
from ui.conversations.history import Owner
from ui.page import ask_flow, ask_tab
from ui.page.ask_tab import AskTab
from ui.page.components import QUIET, html
from ui.page.context import Workroom
from ui.page.rail import Rail, show_latest_after
from ui.render import export, history_list
from ui.render import turns as render

NO_COOKIE = "Your browser takes no cookies from this page, so nothing can be kept for you."
BUSY = "An answer is being written. Wait for it, or stop it, before you open another conversation."


@dataclass(frozen=True, slots=True)
class HistoryTab:
    """The components, from top to bottom; `chosen` is the id of the conversation to be renamed or deleted."""

    chosen: gr.State
    words: gr.Textbox
    naming: gr.Column
    name: gr.Textbox
    save: gr.Button
    leave: gr.Button
    deleting: gr.Column
    question: gr.HTML
    delete: gr.Button
    keep: gr.Button
    notice: gr.HTML
    entries: gr.HTML
    file: gr.HTML


def lay_out() -> HistoryTab:
    """Create the components; call it within `gr.Blocks`."""
    chosen = gr.State("")
    with gr.Column(elem_id="history", elem_classes="page", min_width=0):
        words = gr.Textbox(label="Search your conversations", placeholder="words of a question or an answer", lines=1)
        with gr.Column(visible=False, elem_classes="dialogue", min_width=0) as naming:
            name = gr.Textbox(label="New name", lines=1, max_lines=1)
            with gr.Row():
                save = gr.Button("Save", variant="primary", scale=0, min_width=80)
                leave = gr.Button("Cancel", scale=0, min_width=80)
        with gr.Column(visible=False, elem_classes="dialogue", min_width=0) as deleting:
            question = html("", "delete-question")
            with gr.Row():
                delete = gr.Button("Delete", variant="primary", scale=0, min_width=80)
                keep = gr.Button("Keep", scale=0, min_width=80)
        notice = html("", "history-notice")
        entries = html("", "entries", scripted=True)
        file = html("", "file", scripted=True)
    return HistoryTab(chosen, words, naming, name, save, leave, deleting, question, delete, keep, notice, entries, file)


def wire(tab: HistoryTab, asks: AskTab, tabs: gr.Tabs, own: gr.Tab, rail: Rail, room: Workroom) -> None:
    """Connect the components to their event handlers; `own` is the gr.Tab that holds them."""
    _wire_list(tab, asks, own, room)
    _wire_opening(tab, asks, tabs, rail, room)
    _wire_renaming(tab, asks, room)
    _wire_deleting(tab, asks, room)
    show_latest_after(tab.entries.change, rail, room, asks.conversation)
    gr.on(
        [tab.leave.click, tab.keep.click], lambda: _closed(tab), None, [tab.naming, tab.deleting], queue=False, **QUIET
    )


def _listed(room: Workroom, words: str, asked: Conversation, owner: Owner | None) -> str:
    if owner is None:
        return str(render.notice(NO_COOKIE))
    try:
        return str(history_list.entries(room.history.entries(owner, words), words, asked.id))
    except ClippingsError as error:
        return str(render.notice(str(error)))


def _wire_list(tab: HistoryTab, asks: AskTab, own: gr.Tab, room: Workroom) -> None:
    def refresh(asked: Conversation, words: str, request: gr.Request) -> str:
        return _listed(room, words, asked, room.owner(request))

    gr.on([own.select, tab.words.change], refresh, [asks.conversation, tab.words], tab.entries, queue=False, **QUIET)


def _wire_opening(tab: HistoryTab, asks: AskTab, tabs: gr.Tabs, rail: Rail, room: Workroom) -> None:
    def open_one(asked: Conversation, event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        if asked.run is not None:
            return {tab.notice: str(render.notice(BUSY))}
        shown = ask_tab.opened(asks, room, str(event.id), request)
        return shown | {tabs: gr.update(selected="ask"), tab.notice: ""}

    def save_as(event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        owner = room.owner(request)
        try:
            entry = room.history.entry(owner, str(event.id)) if owner else None
            turns = room.history.turns(owner, str(event.id)) if owner else None
        except ClippingsError as error:
            return {tab.notice: str(render.notice(str(error)))}
        if entry is None or turns is None or event.form not in export.FORMATS:
            return {tab.notice: str(render.notice(ask_tab.NOT_HERE))}
        text = export.written(export.export(entry.title, turns), event.form)
        return {tab.file: str(history_list.download(export.file_name(entry.title, event.form), text)), tab.notice: ""}

    everything = [asks.conversation, *asks.changing, tabs, tab.notice]
    for entries in (tab.entries, rail.conversations):
        entries.open(open_one, asks.conversation, everything, queue=False, **QUIET)
    tab.entries.export(save_as, None, [tab.file, tab.notice], queue=False, **QUIET)


def _wire_renaming(tab: HistoryTab, asks: AskTab, room: Workroom) -> None:
    def rename(event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        name, title, problem = _chosen(room, event, request)
        form = {tab.chosen: name, tab.name: title, tab.naming: gr.update(visible=bool(name))}
        return _closed(tab) | form | {tab.notice: str(render.notice(problem))}

    def save(asked: Conversation, name: str, title: str, words: str, request: gr.Request) -> dict[Any, Any]:
        owner = room.owner(request)
        try:
            if owner:
                room.history.rename(owner, name, title)
        except ClippingsError as error:
            return {tab.notice: str(render.notice(str(error)))}
        return _closed(tab) | {tab.entries: _listed(room, words, asked, owner), tab.notice: ""}

    form = [tab.chosen, tab.name, tab.naming, tab.deleting, tab.notice]
    tab.entries.rename(rename, None, form, queue=False, **QUIET)
    given = [asks.conversation, tab.chosen, tab.name, tab.words]
    done = [tab.naming, tab.deleting, tab.entries, tab.notice]
    gr.on([tab.save.click, tab.name.submit], save, given, done, queue=False, **QUIET)


def _wire_deleting(tab: HistoryTab, asks: AskTab, room: Workroom) -> None:
    def remove(event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        name, title, problem = _chosen(room, event, request)
        question = render.notice(f"Delete “{title}”? It cannot be brought back.")
        form = {tab.chosen: name, tab.question: str(question), tab.deleting: gr.update(visible=bool(name))}
        return _closed(tab) | form | {tab.notice: str(render.notice(problem))}

    def delete(asked: Conversation, name: str, words: str, request: gr.Request) -> dict[Any, Any]:
        owner = room.owner(request)
        if asked.id == name and asked.run is not None:
            return _closed(tab) | {tab.notice: str(render.notice(BUSY))}
        try:
            if owner:
                room.history.delete(owner, name)
        except ClippingsError as error:
            return {tab.notice: str(render.notice(str(error)))}
        shown = ask_tab.updates(asks, ask_flow.clear(asked)) if asked.id == name else {}
        return shown | _closed(tab) | {tab.entries: _listed(room, words, asked, owner), tab.notice: ""}

    form = [tab.chosen, tab.question, tab.naming, tab.deleting, tab.notice]
    tab.entries.remove(remove, None, form, queue=False, **QUIET)
    given = [asks.conversation, tab.chosen, tab.words]
    done = [tab.naming, tab.deleting, tab.entries, tab.notice]
    tab.delete.click(delete, given, [*done, *asks.changing], queue=False, **QUIET)


def _chosen(room: Workroom, event: gr.EventData, request: gr.Request) -> tuple[str, str, str]:
    """Returns id and title of the conversation, empty if there is none, and a message if it cannot be read."""
    owner = room.owner(request)
    try:
        entry = room.history.entry(owner, str(event.id)) if owner else None
    except ClippingsError as error:
        return "", "", str(error)
    return (entry.id, entry.title, "") if entry else ("", "", "")


def _closed(tab: HistoryTab) -> dict[Any, Any]:
    hidden = gr.update(visible=False)
    return {tab.naming: hidden, tab.deleting: hidden}
