"""The period that a question names, as a soft preference: "in February 2020", "last week", "since 2019".

Only where the dates are clear. A wish, not a limit: an article of another time can still hold the answer.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.dates import find_date

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH_YEAR = re.compile(rf"\b(?P<month>{'|'.join(_MONTHS)})\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|during|of|since|after|before|until|by)\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?P<way>since|after|before|until|by)\s+(?:the\s+\w+\s+of\s+)?$", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|this|past)\s+(?P<unit>week|month|year)\b|\b(?P<day>yesterday|today)\b", re.IGNORECASE)

AFTERMATH = timedelta(days=7)
"""A report may appear this long after what it reports."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def holds(self, day: date | None) -> bool:
        """Whether an article of this day falls into the period or shortly after; an undated one does not."""
        return day is not None and self.start <= day <= min(self.end, date.max - AFTERMATH) + AFTERMATH


def period(question: str, today: date) -> Period | None:
    """The period that the question names; None if it names none clearly. `today` is what "last week" counts from."""
    if found := find_date(question):
        day, start, _ = found
        return _opened(question[:start], Period(day, day))
    if match := _MONTH_YEAR.search(question):
        year, month = int(match["year"]), _MONTHS[match["month"].lower()]
        last = calendar.monthrange(year, month)[1]
        return _opened(question[: match.start()], Period(date(year, month, 1), date(year, month, last)))
    if match := _YEAR.search(question):
        year = int(match["year"])
        return _opened(question[: match.start("year")], Period(date(year, 1, 1), date(year, 12, 31)))
    if match := _LAST.search(question):
        return _before(today, (match["unit"] or match["day"]).lower())
    return None


def _opened(before: str, named: Period) -> Period:
    """The period with one end open, if a word like "since" stands before it."""
    match = _OPEN.search(before)
    if not match:
        return named
    if match["way"].lower() in ("since", "after"):
        return Period(named.start, date.max)
    return Period(date.min, named.end)


def _before(today: date, unit: str) -> Period:
    days = {"week": 14, "month": 62, "year": 730, "yesterday": 1, "today": 0}[unit]
    return Period(today - timedelta(days=days), today)
