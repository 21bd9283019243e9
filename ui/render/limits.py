"""Renders the rail and the limits: chips of the limits, colours of sources, latest conversations. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from index import Filters
from index.plural import several
from ui.archive.catalogue import source_key
from ui.conversations.history import Entry
from ui.render.markup import day, rendered

SHOWN_SOURCES = 4
"""The most sources that have a chip each; of more, the number is shown."""


def chips(filters: Filters) -> Markup:
    """Returns a chip with a button for each limit; empty without limits."""
    return rendered("chips.html", chips=list(_chips(filters)))


def conversations(entries: Sequence[Entry], current: str = "") -> Markup:
    """Returns the titles of conversations; `current` is the id of the open one."""
    return rendered("recent.html", entries=entries, current=current)


def colours(shown: Mapping[str, str]) -> Markup:
    """Returns the colours of sources for the script, each by its key; `shown` are CSS colours by source."""
    return rendered("colours.html", colours=[(source_key(source), colour) for source, colour in shown.items()])


def _chips(filters: Filters) -> Iterator[tuple[str, str, str]]:
    """Yields what is limited, the name of the value, and the text of the chip."""
    if filters.after:
        yield "after", "", f"from {day(filters.after)}"
    if filters.before:
        yield "before", "", f"until {day(filters.before)}"
    if len(filters.sources) <= SHOWN_SOURCES:
        yield from (("source", source, source) for source in filters.sources)
    else:
        yield "sources", "", several(len(filters.sources), "source")
    if filters.author:
        yield "author", "", f"by {filters.author}"
