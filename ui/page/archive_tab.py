"""The tab “Archive”: add, list, search, open and remove articles; versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from index.errors import ClippingsError
from ui.archive.catalogue import Catalogue
from ui.archive.changes import Change, Changes
from ui.page.components import AT_ONCE, QUIET, html
from ui.page.context import Workroom
from ui.page.filter_boxes import Typed, filters_so_far
from ui.page.rail import Rail, changes, limit_chips, refreshed
from ui.render import archive as listing
from ui.render import turns
from ui.render.markup import rendered

_Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class ArchiveTab:
    """The components; `start` is the number of the first article listed.

    `asking` is the form that asks for confirmation; `doing` is what is asked about: "remove" with the id of an article,
    or "restore" with the number of a version.
    """

    start: gr.State
    doing: gr.State
    files: gr.File
    address: gr.Textbox
    fetch: gr.Button
    progress: gr.HTML
    words: gr.Textbox
    chips: gr.HTML
    asking: gr.Column
    question: gr.HTML
    go_on: gr.Button
    keep: gr.Button
    articles: gr.HTML
    article: gr.HTML
    versions: gr.HTML


def lay_out() -> ArchiveTab:
    """Create the components; call it within `gr.Blocks`."""
    start, doing = gr.State(0), gr.State(("", ""))
    with gr.Row(elem_id="archive", equal_height=False):
        with gr.Column(elem_id="stock", elem_classes="page", scale=6, min_width=0):
            files = gr.File(label="Add articles", file_count="multiple", elem_id="files", height=140)
            html(rendered("taken.html"), "taken")
            with gr.Row(elem_id="fetching"):
                address = gr.Textbox(
                    label="Or an address", placeholder="https://… of a page or feed", lines=1, max_lines=1, scale=1
                )
                fetch = gr.Button("Add", scale=0, min_width=80, variant="primary")
            progress = html("", "archive-progress")
            words = gr.Textbox(
                "", label="Find", placeholder="words of an article, its title, source or file", lines=1, max_lines=1
            )
            chips = limit_chips("archive-limits")
            with gr.Column(visible=False, elem_classes="dialogue", min_width=0) as asking:
                question = html("", "archive-question")
                with gr.Row():
                    go_on = gr.Button("Remove", variant="primary", scale=0, min_width=80)
                    keep = gr.Button("Keep", scale=0, min_width=80)
            articles = html("", "articles", scripted=True)
        with gr.Column(elem_id="survey", elem_classes="page", scale=5, min_width=0):
            article = html("", "article", scripted=True)
            with gr.Accordion("Versions", open=True, elem_id="versions"):
                versions = html("", "version-list", scripted=True)
    return ArchiveTab(
        start, doing, files, address, fetch, progress, words, chips, asking, question, go_on, keep, articles, article,
        versions,
    )  # fmt: skip


def wire(tab: ArchiveTab, own: gr.Tab, masthead: gr.HTML, rail: Rail, room: Workroom, catalogue: Catalogue) -> None:
    """Connect the components to their event handlers; `own` is the gr.Tab that holds them."""
    _wire_list(tab, own, rail, room, catalogue)
    _wire_changes(tab, masthead, rail, room, catalogue)
    _wire_questions(tab, room)


def _list(catalogue: Catalogue, start: int, words: str, given: Sequence[Any]) -> str:
    try:
        return str(listing.articles(catalogue.page(words, filters_so_far(Typed.of(*given)), start)))
    except ClippingsError as error:
        return str(turns.notice(str(error)))


def _wire_list(tab: ArchiveTab, own: gr.Tab, rail: Rail, room: Workroom, catalogue: Catalogue) -> None:
    def refresh(start: int, words: str, *given: Any) -> _Updates:
        return _view(tab, rail, room, catalogue, start, words, given)

    def narrow(words: str, *given: Any) -> tuple[int, str]:
        return 0, _list(catalogue, 0, words, given)

    def turn(event: gr.EventData, words: str, *given: Any) -> tuple[int, str]:
        start = int(event.id)
        return start, _list(catalogue, start, words, given)

    def open_one(event: gr.EventData, words: str) -> str:
        try:
            return str(listing.article(room.chatbot.index.find(str(event.id)), words))
        except ClippingsError as error:
            return str(turns.notice(str(error)))

    given = [tab.words, *rail.boxes]
    tab.article.shut(lambda: "", None, tab.article, queue=False, **QUIET)
    own.select(refresh, [tab.start, *given], [tab.articles, tab.versions, *rail.view], queue=False, **QUIET)
    gr.on([tab.words.change, *changes(rail)], narrow, given, [tab.start, tab.articles], queue=False, **QUIET)
    tab.articles.turn(turn, given, [tab.start, tab.articles], queue=False, **QUIET)
    tab.articles.open(open_one, tab.words, tab.article, queue=False, **QUIET)


def _view(
    tab: ArchiveTab, rail: Rail, room: Workroom, catalogue: Catalogue, start: int, words: str, given: Sequence[Any]
) -> _Updates:
    """Returns updates of everything that depends on the archive's content."""
    status = room.status()
    if status is None:
        return {tab.articles: str(turns.notice(turns.NO_INDEX)), tab.versions: ""}
    return refreshed(rail, catalogue) | {
        tab.articles: _list(catalogue, start, words, given),
        tab.versions: str(listing.versions(status.versions)),
    }


def _wire_changes(tab: ArchiveTab, masthead: gr.HTML, rail: Rail, room: Workroom, catalogue: Catalogue) -> None:
    changing = Changes(room.chatbot.index, private_addresses=room.private_addresses)
    given = [tab.start, tab.words, *rail.boxes]
    outputs = [tab.progress, tab.fetch, masthead, tab.articles, tab.versions, *rail.view]
    on = partial(gr.on, concurrency_limit=AT_ONCE, **QUIET)

    def follow(change: Change, start: int, words: str, *boxes: Any) -> Iterator[_Updates]:
        for said in change:
            yield {tab.progress: str(listing.progress(said)), tab.fetch: gr.update(interactive=False)}
        done = listing.report(change.report) if change.report else turns.notice(change.problem)
        yield {
            tab.progress: str(done),
            tab.fetch: gr.update(interactive=True),
            masthead: str(turns.masthead(room.status(), room.chatbot.model_name)),
            **_view(tab, rail, room, catalogue, start, words, boxes),
        }

    def add(files: list[str] | None, *given: Any) -> Iterator[_Updates]:
        if files:
            yield {tab.files: None}
            yield from follow(changing.add([Path(file) for file in files]), *given)

    def fetch(address: str, *given: Any) -> Iterator[_Updates]:
        if address.strip():
            yield {tab.address: ""}
            yield from follow(changing.fetch(address), *given)

    def go_on(doing: tuple[str, str], *given: Any) -> Iterator[_Updates]:
        yield {tab.asking: gr.update(visible=False), tab.article: ""}
        what, name = doing
        yield from follow(changing.restore(int(name)) if what == "restore" else changing.remove(name), *given)

    on([tab.files.upload], add, [tab.files, *given], [tab.files, *outputs])
    on([tab.fetch.click, tab.address.submit], fetch, [tab.address, *given], [tab.address, *outputs])
    on([tab.go_on.click], go_on, [tab.doing, *given], [tab.asking, tab.article, *outputs])


def _wire_questions(tab: ArchiveTab, room: Workroom) -> None:
    """Ask for confirmation before an article is removed, and before an earlier version comes back."""

    def ask(what: str, name: str, question: Markup, button: str) -> _Updates:
        shown = gr.update(visible=True)
        return {tab.doing: (what, name), tab.question: str(question), tab.asking: shown, tab.go_on: button}

    def remove(event: gr.EventData) -> _Updates:
        try:
            article = room.chatbot.index.find(str(event.id))
        except ClippingsError as error:
            return failed(error)
        question = f"Remove “{article.title}” from the archive? An earlier version brings it back."
        return ask("remove", article.id, turns.notice(question), "Remove")

    def restore(event: gr.EventData) -> _Updates:
        try:
            coming = room.chatbot.index.rollback_preview(int(event.id))
        except ClippingsError as error:
            return failed(error)
        return ask("restore", str(event.id), listing.return_question(int(event.id), coming), "Return")

    def failed(error: ClippingsError) -> _Updates:
        return {tab.progress: str(turns.notice(str(error))), tab.asking: gr.update(visible=False)}

    form = [tab.doing, tab.question, tab.asking, tab.go_on, tab.progress]
    tab.articles.remove(remove, None, form, queue=False, **QUIET)
    tab.versions.restore(restore, None, form, queue=False, **QUIET)
    tab.keep.click(lambda: gr.update(visible=False), None, tab.asking, queue=False, **QUIET)
