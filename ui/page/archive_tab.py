"""The tab “Archive”: add, list, search, filter, open and remove articles; timeline and versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd

from index.errors import ClippingsError
from ui.archive.catalogue import Catalogue, Month
from ui.archive.changes import Change, Changes
from ui.page.components import AT_ONCE, QUIET, html
from ui.page.context import Workroom
from ui.page.filter_boxes import filters_of
from ui.render import archive as listing
from ui.render import turns
from ui.render.markup import rendered

FEWEST = 4
"""Minimum upper end of the timeline's axis, in articles: a shorter axis would show fractions of articles."""

COLOURS = ("#c0483a", "#3a7d8c", "#b07d1a", "#5f7a3c", "#84578a", "#5a72ab", "#8f8575")
"""Colours of the sources in the timeline; distinguishable on a light and a dark page, and not by red and green
alone."""

_Updates = dict[Any, Any]
_Limits = tuple[str, str, str, str]

ALL = ("all sources", "")


@dataclass(frozen=True, slots=True)
class ArchiveTab:
    """The components; `start` is the number of the first article listed, `chosen` the id of the article to remove."""

    start: gr.State
    chosen: gr.State
    files: gr.File
    address: gr.Textbox
    fetch: gr.Button
    progress: gr.HTML
    words: gr.Textbox
    after: gr.Textbox
    before: gr.Textbox
    source: gr.Dropdown
    removing: gr.Column
    question: gr.HTML
    remove: gr.Button
    keep: gr.Button
    articles: gr.HTML
    article: gr.HTML
    timeline: gr.State
    legend: gr.HTML
    versions: gr.HTML

    @property
    def limits(self) -> list[Any]:
        """The components on which the list depends."""
        return [self.words, self.after, self.before, self.source]

    @property
    def view(self) -> list[Any]:
        """The components that change with the archive."""
        return [self.articles, self.timeline, self.legend, self.versions, self.source]


def lay_out() -> ArchiveTab:
    """Create the components; call it within `gr.Blocks`."""
    start, chosen = gr.State(0), gr.State("")
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
                label="Find", placeholder="words of an article, its title, source or file", lines=1, max_lines=1
            )
            with gr.Row(elem_id="finding"):
                after = gr.Textbox(label="Published from", placeholder="2020-01-31", lines=1, min_width=110)
                before = gr.Textbox(label="Published until", placeholder="2020-12-31", lines=1, min_width=110)
                source = gr.Dropdown([ALL], label="From source", value="", min_width=150)
            with gr.Column(visible=False, elem_classes="dialogue", min_width=0) as removing:
                question = html("", "remove-question")
                with gr.Row():
                    remove = gr.Button("Remove", variant="primary", scale=0, min_width=80)
                    keep = gr.Button("Keep", scale=0, min_width=80)
            articles = html("", "articles", scripted=True)
        with gr.Column(elem_id="survey", elem_classes="page", scale=5, min_width=0):
            article = html("", "article", scripted=True)
            with gr.Accordion("Timeline", open=True, elem_id="timeline"):
                months: gr.State = gr.State([])
                chart = gr.Column(min_width=0)
                legend = html("", "legend")
                with chart:
                    gr.render(inputs=months, triggers=[legend.change])(_draw)
            with gr.Accordion("Versions", open=True, elem_id="versions"):
                versions = html("", "version-list", scripted=True)
    return ArchiveTab(
        start, chosen, files, address, fetch, progress, words, after, before, source, removing, question, remove, keep,
        articles, article, months, legend, versions,
    )  # fmt: skip


def wire(tab: ArchiveTab, own: gr.Tab, masthead: gr.HTML, room: Workroom) -> None:
    """Connect the components to their event handlers; `own` is the gr.Tab that holds them."""
    catalogue = Catalogue(room.chatbot.index)
    _wire_list(tab, own, room, catalogue)
    _wire_changes(tab, masthead, room, catalogue)
    _wire_removing(tab, room)


def _list(catalogue: Catalogue, start: int, limits: _Limits) -> str:
    words, after, before, source = limits
    try:
        return str(listing.articles(catalogue.page(words, filters_of((after, before, source, "")), start)))
    except ClippingsError as error:
        return str(turns.notice(str(error)))


def _view(tab: ArchiveTab, room: Workroom, catalogue: Catalogue, start: int, limits: _Limits) -> _Updates:
    """Returns updates of everything that depends on the archive's content."""
    status = room.status()
    if status is None:
        return {tab.articles: str(turns.notice(turns.NO_INDEX)), tab.versions: ""}
    sources = catalogue.sources()
    source = limits[3] if limits[3] in sources else ""
    months = catalogue.timeline()
    return {
        tab.articles: _list(catalogue, start, (*limits[:3], source)),
        tab.timeline: months,
        tab.legend: str(listing.legend(months, _colours(months))),
        tab.versions: str(listing.versions(status.versions)),
        tab.source: gr.update(choices=[ALL, *sources], value=source),
    }


def _colours(months: Sequence[Month]) -> dict[str, str]:
    return dict(zip(dict.fromkeys(month.source for month in months), COLOURS, strict=False))


def _draw(months: Sequence[Month]) -> None:
    """Create the chart again whenever the months change, because gr.BarPlot keeps the colours of its first value."""
    if not months:
        return
    columns = {
        "month": pd.to_datetime([row.month for row in months]),
        "articles": [row.articles for row in months],
        "source": [row.source for row in months],
    }
    totals: Counter[str] = Counter()
    for row in months:
        totals[row.month] += row.articles
    gr.BarPlot(
        pd.DataFrame(columns),
        x="month",
        y="articles",
        color="source",
        color_map=_colours(months),
        colors_in_legend=[],
        y_lim=[0, max(FEWEST, max(totals.values()))],
        height=240,
        show_label=False,
        container=False,
        buttons=[],
    )


def _wire_list(tab: ArchiveTab, own: gr.Tab, room: Workroom, catalogue: Catalogue) -> None:
    def refresh(start: int, words: str, after: str, before: str, source: str) -> _Updates:
        return _view(tab, room, catalogue, start, (words, after, before, source))

    def narrow(words: str, after: str, before: str, source: str) -> tuple[int, str]:
        return 0, _list(catalogue, 0, (words, after, before, source))

    def turn(words: str, after: str, before: str, source: str, event: gr.EventData) -> tuple[int, str]:
        start = int(event.id)
        return start, _list(catalogue, start, (words, after, before, source))

    def open_one(event: gr.EventData) -> str:
        try:
            return str(listing.article(room.chatbot.index.find(str(event.id))))
        except ClippingsError as error:
            return str(turns.notice(str(error)))

    tab.article.shut(lambda: "", None, tab.article, queue=False, **QUIET)
    own.select(refresh, [tab.start, *tab.limits], tab.view, queue=False, **QUIET)
    triggers = [part.change for part in tab.limits]
    gr.on(triggers, narrow, tab.limits, [tab.start, tab.articles], queue=False, **QUIET)
    tab.articles.turn(turn, tab.limits, [tab.start, tab.articles], queue=False, **QUIET)
    tab.articles.open(open_one, None, tab.article, queue=False, **QUIET)


def _wire_changes(tab: ArchiveTab, masthead: gr.HTML, room: Workroom, catalogue: Catalogue) -> None:
    changes = Changes(room.chatbot.index, private_addresses=room.private_addresses)
    given, outputs = [tab.start, *tab.limits], [tab.progress, tab.fetch, masthead, *tab.view]
    changing = partial(gr.on, concurrency_limit=AT_ONCE, **QUIET)

    def follow(change: Change, start: int, *limits: Any) -> Iterator[_Updates]:
        for said in change:
            yield {tab.progress: str(listing.progress(said)), tab.fetch: gr.update(interactive=False)}
        done = listing.report(change.report) if change.report else turns.notice(change.problem)
        yield {
            tab.progress: str(done),
            tab.fetch: gr.update(interactive=True),
            masthead: str(turns.masthead(room.status(), room.chatbot.model_name)),
            **_view(tab, room, catalogue, start, (limits[0], limits[1], limits[2], limits[3])),
        }

    def add(files: list[str] | None, start: int, *limits: Any) -> Iterator[_Updates]:
        if files:
            yield {tab.files: None}
            yield from follow(changes.add([Path(file) for file in files]), start, *limits)

    def fetch(address: str, start: int, *limits: Any) -> Iterator[_Updates]:
        if address.strip():
            yield {tab.address: ""}
            yield from follow(changes.fetch(address), start, *limits)

    def restore(
        start: int, words: str, after: str, before: str, source: Any, event: gr.EventData
    ) -> Iterator[_Updates]:
        yield from follow(changes.restore(int(event.id)), start, words, after, before, source)

    def remove(article: str, start: int, *limits: Any) -> Iterator[_Updates]:
        yield {tab.removing: gr.update(visible=False), tab.article: ""}
        yield from follow(changes.remove(article), start, *limits)

    changing([tab.files.upload], add, [tab.files, *given], [tab.files, *outputs])
    changing([tab.fetch.click, tab.address.submit], fetch, [tab.address, *given], [tab.address, *outputs])
    tab.versions.restore(restore, given, outputs, concurrency_limit=AT_ONCE, **QUIET)
    changing([tab.remove.click], remove, [tab.chosen, *given], [tab.removing, tab.article, *outputs])


def _wire_removing(tab: ArchiveTab, room: Workroom) -> None:
    """Ask for confirmation before an article is removed."""

    def ask(event: gr.EventData) -> _Updates:
        try:
            article = room.chatbot.index.find(str(event.id))
        except ClippingsError as error:
            return {tab.progress: str(turns.notice(str(error))), tab.removing: gr.update(visible=False)}
        question = turns.notice(f"Remove “{article.title}” from the archive? An earlier version brings it back.")
        return {tab.chosen: article.id, tab.question: str(question), tab.removing: gr.update(visible=True)}

    tab.articles.remove(ask, None, [tab.chosen, tab.question, tab.removing, tab.progress], queue=False, **QUIET)
    tab.keep.click(lambda: gr.update(visible=False), None, tab.removing, queue=False, **QUIET)
