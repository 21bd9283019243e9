"""The limits of a question on the page: what is typed and ticked in the rail, converted to `Filters`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index import Filters
from index.cleaning.dates import parse_date
from index.errors import WrongUse
from index.language.calendar_words import MONTH_NUMBERS

_YEAR = re.compile(r"(?:(?P<name>[^\W\d_]+)\.?,? )?(?P<year>\d{4})(?:-(?P<number>\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Typed:
    """The content of the boxes: dates as typed, names of sources, part of an author's name; empty for no limit."""

    after: str = ""
    before: str = ""
    sources: tuple[str, ...] = ()
    author: str = ""

    @classmethod
    def of(cls, after: str, before: str, ticked: Sequence[str], chosen: Sequence[str], author: str) -> Typed:
        """Returns the content of the boxes from their values: `ticked` and `chosen` are both names of sources."""
        return cls(after, before, (*ticked, *chosen), author)


NOTHING_TYPED = Typed()


def filters_of(typed: Typed) -> Filters:
    """Returns the limits. Raises WrongUse, with a message for people, for invalid dates, or an end before the start."""
    after, before = days(typed.after, typed.before)
    return Filters(after, before, author=typed.author.strip() or None, sources=typed.sources)


def filters_so_far(typed: Typed) -> Filters:
    """Returns the limits, without dates as long as they are incomplete."""
    try:
        return filters_of(typed)
    except WrongUse:
        return filters_of(replace(typed, after="", before=""))


def days(after: str, before: str) -> tuple[date | None, date | None]:
    """Returns the first day of the date, month or year `after`, and the last day of `before`; None for an empty one.

    Raises WrongUse for what is no date, and for an end before the start.
    """
    first, last = _period(after), _period(before)
    if first and last and first[0] > last[1]:
        raise WrongUse(f"{after.strip()} is later than {before.strip()}; nothing was published in between.")
    return first[0] if first else None, last[1] if last else None


def _period(text: str) -> tuple[date, date] | None:
    """Returns the first and the last day of what is typed; None for an empty text."""
    text = " ".join(text.split())
    if not text:
        return None
    if day := parse_date(text):
        return day, day
    if (found := _YEAR.fullmatch(text)) and int(found["year"]):
        year, month = int(found["year"]), found["number"] or MONTH_NUMBERS.get((found["name"] or "").casefold())
        if not (found["name"] or month):
            return date(year, 1, 1), date(year, 12, 31)
        if month and 1 <= int(month) <= 12:
            return date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])
    raise WrongUse(f"“{text}” is not a date like 2020-01-31, January 2020 or 2020.")
