"""The limits of a question on the page: the text of four input boxes, converted to `Filters`."""

from __future__ import annotations

from datetime import date

from index import Filters
from index.errors import WrongUse

Typed = tuple[str, str, str, str]
"""The text of the boxes: published from, published until, source, author; empty for no limit."""

NOTHING_TYPED: Typed = ("", "", "", "")


def filters_of(typed: Typed) -> Filters:
    """Returns the limits. Raises WrongUse, with a message for people, for invalid dates, or an end before the start."""
    after, before, source, author = (text.strip() for text in typed)
    filters = Filters(_day(after), _day(before), source or None, author or None)
    if filters.after and filters.before and filters.after > filters.before:
        raise WrongUse(f"{filters.after} is later than {filters.before}; nothing was published in between.")
    return filters


def typed_of(filters: Filters) -> Typed:
    """Returns the text of the boxes for these limits."""
    days = [day.isoformat() if day else "" for day in (filters.after, filters.before)]
    return days[0], days[1], filters.source or "", filters.author or ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUse(f"“{text}” is not a date like 2020-01-31.") from None
