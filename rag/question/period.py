"""The period that a question names, as a soft preference: "in February 2020", "last week", "between 2019 and 2021".

Only where the dates are clear. A wish, not a limit: an article of another time can still hold the answer.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.cleaning.dates import find_date
from index.language.calendar_words import ENGLISH_MONTHS
from index.language.number_words import SPELLED

_MONTH = rf"(?:{'|'.join(sorted(ENGLISH_MONTHS, key=len, reverse=True))})\b"
_ANY_YEAR = r"(?:19|20)\d\d\b"
_MONTH_YEAR = re.compile(rf"\b(?P<month>{_MONTH})\.?,?\s+(?:of\s+)?(?P<year>{_ANY_YEAR})", re.IGNORECASE)
_YEAR = re.compile(
    r"\b(?:in|during|of|since|after|before|until|by|from|throughout)\s+(?:(?:early|late|mid)[\s-]+)?"
    rf"(?P<year>{_ANY_YEAR})",
    re.IGNORECASE,
)
_END = rf"(?:{_MONTH}\.?(?:\s+{_ANY_YEAR})?|{_ANY_YEAR})"
_RANGE = re.compile(
    rf"\b(?:between|from)\s+(?P<first>{_END})\s+(?:and|to|until|till)\s+(?P<last>{_END})", re.IGNORECASE
)
_ENDS = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?P<way>since|after|before|until|by)\s+(?:the\s+\w+\s+of\s+)?(?:(?:early|late|mid)[\s-]+)?$", re.IGNORECASE
)
_LAST = re.compile(
    r"\b(?:last|this|past)\s+(?P<unit>week|month|year)\b|\b(?P<day>yesterday|today)\b"
    r"|\b(?:last|past)\s+(?P<count>\d{1,2}|(?a:two|three|four|five|six))\s+(?P<units>day|week|month|year)s\b",
    re.IGNORECASE,
)

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
        day, start, end = found
        other = find_date(question[end:]) if _ENDS.search(question[:start]) else None
        named = Period(day, day)
        return _from_to(named, Period(other[0], other[0])) if other else _opened(question[:start], named)
    if match := _RANGE.search(question):
        year = re.search(_ANY_YEAR, match["last"])
        first, last = _end(match["first"], year), _end(match["last"], year)
        return _from_to(first, last) if first and last else None
    if match := _MONTH_YEAR.search(question) or _YEAR.search(question):
        month = match.groupdict().get("month")
        return _opened(question[: match.start("month" if month else "year")], _of(month, match["year"]))
    match = _LAST.search(question)
    return _before(today, match) if match else None


def _of(month: str | None, year: str) -> Period:
    """The month of the year, or the year."""
    if not month:
        return Period(date(int(year), 1, 1), date(int(year), 12, 31))
    number = ENGLISH_MONTHS[month[:3].casefold()]  # "auguſt" and "aprıl" are found, too
    return Period(date(int(year), number, 1), date(int(year), number, calendar.monthrange(int(year), number)[1]))


def _end(text: str, default: re.Match[str] | None) -> Period | None:
    """One end of a range; the year of the other end counts for both ("between March and June 2021")."""
    year, month = re.search(_ANY_YEAR, text) or default, re.match(_MONTH, text, re.IGNORECASE)
    return _of(month and month.group(), year.group()) if year else None


def _from_to(first: Period, last: Period) -> Period:
    return Period(min(first.start, last.start), max(first.end, last.end))


def _opened(before: str, named: Period) -> Period:
    """The period with one end open, if a word like "since" stands before it."""
    match = _OPEN.search(before)
    if not match:
        return named
    if match["way"].lower() in ("since", "after"):
        return Period(named.start, date.max)
    return Period(date.min, named.end)


def _before(today: date, match: re.Match[str]) -> Period:
    """From so many days ago to today; "last week" reaches two weeks back, to the beginning of the week before this."""
    if match["day"]:
        return Period(today - timedelta(days=match["day"].lower() == "yesterday"), today)
    count = (match["count"] or "two").lower()
    days = {"day": 1, "week": 7, "month": 31, "year": 365}[(match["unit"] or match["units"]).lower()]
    return Period(today - timedelta(days=days * (SPELLED.get(count) or int(count))), today)
