"""Find dates in a text, in various formats: "Feb. 27", "27 February 2020", "2020-02-27", "May 2019".

A year alone is not returned: only the caller can tell whether "1974" is a year or counts what follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language.calendar_words import ENGLISH_MONTHS, MONTHS

_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in MONTHS) + "|sept"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1\d|20)\d\d"
_DATES = re.compile(
    rf"\b(?P<y1>{_YEAR})-(?P<n1>0[1-9]|1[0-2])-(?P<d1>0[1-9]|[12]\d|3[01])\b"
    rf"|\b(?P<d2>{_DAY})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\b\.?(?:,? (?P<y2>{_YEAR})\b)?"
    rf"|\b(?P<m3>{_MONTH})\b\.? (?P<d3>{_DAY})(?:st|nd|rd|th)?\b(?![.,:]?\d)(?:,? (?P<y3>{_YEAR})\b)?"
    rf"|\b(?P<m4>{_MONTH})\b\.?,? (?:of )?(?P<y4>{_YEAR})\b|\b(?P<m5>{_MONTH})\b\.?",
    re.IGNORECASE,
)
_TIMELY = re.compile(
    r"\b(?:in|on|of|by|since|until|till|from|to|during|before|after|last|next|early|late|mid|this|and|through)[ -]$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Date:
    """A possibly incomplete date and its offsets in the text; `month` is 1 to 12; missing parts are None."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None


def dates(text: str) -> list[Date]:
    """Returns the dates in the text that have a month, in order."""
    return [_date(match) for match in _DATES.finditer(text) if _is_month(match)]


def _is_month(match: re.Match[str]) -> bool:
    """Whether the match is a date: a month has a capital; "May" alone must follow a word of time, such as "in"."""
    month = _part(match, "m")
    if month is None:
        return True
    alone = match["m5"] and month.lower() in ("may", "march", "mar", "jan", "jun")
    return month[0].isupper() and (not alone or _TIMELY.search(match.string, 0, match.start()) is not None)


def _date(match: re.Match[str]) -> Date:
    month, number = _part(match, "m"), _part(match, "n")
    year, day = _part(match, "y"), _part(match, "d")
    return Date(
        match.start(),
        match.end(),
        int(year) if year else None,
        ENGLISH_MONTHS[month[:3].lower()] if month else int(number or 0) or None,
        int(day) if day else None,
    )


def _part(match: re.Match[str], letter: str) -> str | None:
    return next((text for name, text in match.groupdict().items() if name[0] == letter and text), None)
