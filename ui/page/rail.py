"""The rail beside all tabs: which articles are searched and listed, and the visitor's latest conversations.

What is set here limits questions and the list of the archive alike; it is shown as chips where both begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import gradio as gr
import pandas as pd

from index import Filters
from index.errors import ClippingsError
from ui.archive import catalogue as catalogues
from ui.archive.catalogue import OTHERS, Catalogue, Month
from ui.conversations.conversation import Conversation
from ui.page.components import QUIET, html
from ui.page.context import Workroom
from ui.page.filter_boxes import Typed, filters_of, filters_so_far
from ui.render import limits as render
from ui.render import turns
from ui.render.markup import rendered

TICKED = 8
"""Number of sources, the largest ones, that can be ticked; the others are chosen from a list."""

LATEST = 8
"""Number of conversations shown."""

FEWEST = 4
"""Minimum upper end of the timeline's axis, in articles: a shorter axis would show fractions of articles."""

MOST_MONTHS = 60
"""The longest period, in months, of which the timeline has a bar a month; beyond, it has a bar a year."""

COLOURS = ("#c0483a", "#3a7d8c", "#b07d1a", "#5f7a3c", "#84578a", "#5a72ab", "#8f8575")
"""Colours of sources; distinguishable on a light and a dark page, and not by red and green alone."""

NO_LIMITS: list[Any] = ["", "", [], [], ""]
"""The values of the boxes, in their order, without any limit."""

_Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Rail:
    """The components, from top to bottom; `months` are the bars of the timeline."""

    months: gr.State
    after: gr.Textbox
    before: gr.Textbox
    sources: gr.CheckboxGroup
    others: gr.Dropdown
    author: gr.Textbox
    problem: gr.HTML
    legend: gr.HTML
    conversations: gr.HTML

    @property
    def boxes(self) -> list[Any]:
        """The components that hold the limits, in the order of `Typed.of`."""
        return [self.after, self.before, self.sources, self.others, self.author]

    @property
    def view(self) -> list[Any]:
        """The components that change with the archive."""
        return [self.months, self.legend, self.sources, self.others]


def limit_chips(name: str) -> gr.HTML:
    """Create the place where the limits are shown."""
    return html("", name, scripted=True)


def lay_out(catalogue: Catalogue, filters: Filters) -> Rail:
    """Create the components, within `gr.Blocks`, with these limits set."""
    names = catalogue.sources()
    held = [name for name, _ in names if filters.source and filters.source.casefold() in name.casefold()]
    largest = [name for name, _ in names[:TICKED]]
    with gr.Column(elem_id="rail", min_width=0):
        html(rendered("rail_head.html"), "rail-head")
        months: gr.State = gr.State([])
        chart = gr.Column(elem_id="chart", min_width=0)
        with gr.Row(elem_id="period"):
            after, before = (
                gr.Textbox(
                    _iso(day), label=label, placeholder=like, lines=1, max_lines=1, min_width=60, elem_id=label.lower()
                )
                for label, day, like in (("From", filters.after, "2020"), ("Until", filters.before, "March 2021"))
            )
            html(rendered("calendars.html"), "calendars")
        problem = html("", "limits-problem")
        sources = gr.CheckboxGroup(
            _ticked(names), value=[name for name in held if name in largest], label="Sources", elem_id="sources"
        )
        others = gr.Dropdown(
            _others(names),
            value=[name for name in held if name not in largest],
            multiselect=True,
            label="More sources",
            visible=len(names) > TICKED,
            elem_id="others",
            min_width=0,
        )
        author = gr.Textbox(
            filters.author or "", label="Author", placeholder="part of the name", lines=1, max_lines=1, elem_id="author"
        )
        legend = html(_legend(names), "legend", scripted=True)
        conversations = html(render.conversations([]), "latest", scripted=True)
    made = Rail(months, after, before, sources, others, author, problem, legend, conversations)
    with chart:
        gr.render(inputs=months, triggers=[months.change])(partial(_draw, made))
    return made


def wire(rail: Rail, places: Sequence[gr.HTML]) -> None:
    """Connect the boxes with the chips, which are shown in several places, and with the messages about them."""

    def check(*given: Any) -> str:
        try:
            filters_of(Typed.of(*given))
        except ClippingsError as error:
            return str(turns.notice(str(error)))
        return ""

    def show(*given: Any) -> _Updates:
        shown: _Updates = dict.fromkeys(places, str(render.chips(filters_so_far(Typed.of(*given)))))
        return shown if check(*given) else shown | {rail.problem: ""}

    def drop(event: gr.EventData, *given: Any) -> list[Any]:
        after, before, ticked, chosen, author = given
        what, name = str(event.what), str(event.id)
        if what == "all":
            return NO_LIMITS
        gone = {name} if what == "source" else {*ticked, *chosen} if what == "sources" else set()
        left = [[each for each in names if each not in gone] for names in (ticked, chosen)]
        return [
            "" if what == "after" else after,
            "" if what == "before" else before,
            *left,
            "" if what == "author" else author,
        ]

    for chips in places:
        chips.drop(drop, rail.boxes, rail.boxes, queue=False, **QUIET)
    gr.on(changes(rail), show, rail.boxes, [*places, rail.problem], queue=False, **QUIET)
    # A date is complained about when it is left or confirmed, as half-typed ones are no mistakes, until it is right.
    complete = [event for box in (rail.after, rail.before) for event in (box.blur, box.submit)]
    gr.on(complete, check, rail.boxes, rail.problem, queue=False, **QUIET)


def changes(rail: Rail) -> list[Any]:
    """Returns the events that change the limits."""
    return [box.change for box in rail.boxes]


def refreshed(rail: Rail, catalogue: Catalogue) -> _Updates:
    """Returns the updates that show the archive as it is now; what is ticked stays. Raises ClippingsError."""
    names = catalogue.sources()
    return {
        rail.months: catalogue.timeline(),
        rail.legend: _legend(names),
        rail.sources: gr.update(choices=_ticked(names)),
        rail.others: gr.update(choices=_others(names), visible=len(names) > TICKED),
    }


def latest(room: Workroom, asked: Conversation, request: gr.Request) -> str:
    """Returns the list of the visitor's latest conversations; `asked` is the open one."""
    owner = room.owner(request)
    try:
        entries = room.history.entries(owner, limit=LATEST) if owner else []
    except ClippingsError:
        return ""  # the tab “History” says why
    return str(render.conversations(entries, asked.id))


def show_latest_after(event: Callable[..., object], rail: Rail, room: Workroom, conversation: gr.State) -> None:
    """List the visitor's latest conversations again after an event; `conversation` is the open one."""

    def show(asked: Conversation, request: gr.Request) -> str:
        return latest(room, asked, request)

    event(show, conversation, rail.conversations, queue=False, **QUIET)


def _draw(rail: Rail, months: Sequence[Month]) -> None:
    """Create the chart again whenever the months change, because gr.BarPlot keeps the colours of its first value."""
    if not months:
        return
    dates = [date.fromisoformat(f"{row.month}-01") for row in months]
    first, last = min(dates), max(dates)
    yearly = 12 * (last.year - first.year) + last.month - first.month >= MOST_MONTHS
    bars: Counter[tuple[date, str]] = Counter()
    for day, row in zip(dates, months, strict=True):
        bars[day.replace(month=1) if yearly else day, row.source] += row.articles
    totals: Counter[date] = Counter()
    for (day, _), articles in bars.items():
        totals[day] += articles
    named = dict.fromkeys(row.source for row in months)
    plot = gr.BarPlot(
        pd.DataFrame(
            {
                "published": pd.to_datetime([day for day, _ in bars]),
                "articles": list(bars.values()),
                "source": [source for _, source in bars],
            }
        ),
        x="published",
        y="articles",
        color="source",
        color_map=_colours(list(named)),
        colors_in_legend=[],
        x_title=" ",
        y_title=" ",
        y_lim=[0, max(FEWEST, *totals.values())],
        height=130,
        label="Articles by date",
        show_label=False,
        container=False,
        buttons=[],
    )

    def brush(event: gr.SelectData) -> tuple[Any, Any]:
        start, end = (datetime.fromtimestamp(seconds, UTC).date() for seconds in event.index)
        within = [day for day in sorted(totals) if start <= day <= end]
        if not within:
            return gr.skip(), gr.skip()
        name = "%Y" if yearly else "%B %Y"
        return within[0].strftime(name), within[-1].strftime(name)

    plot.select(brush, None, [rail.after, rail.before], queue=False, **QUIET)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _ticked(sources: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Returns the largest sources as pairs of label and name."""
    return [(f"{name} {count:,}", name) for name, count in sources[:TICKED]]


def _others(sources: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Returns the sources that cannot be ticked, by name."""
    return sorted((f"{name} ({count:,})", name) for name, count in sources[TICKED:])


def _colours(sources: Sequence[str]) -> dict[str, str]:
    """Returns the colours of sources, the largest first; those beyond the last colour have the last one."""
    at = catalogues.places([source for source in sources if source != OTHERS], len(COLOURS) - 1)
    return {source: COLOURS[at.get(source, -1)] for source in sources}


def _legend(sources: Sequence[tuple[str, int]]) -> str:
    """Returns the colours with which the script marks each source, wherever it is named."""
    return str(render.colours(_colours([name for name, _ in sources])))
