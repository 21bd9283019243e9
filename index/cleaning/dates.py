"""Parses calendar dates in the notations that articles use.

Strict on purpose: a wrong date makes a date filter exclude an article unnoticed, while a missing date is visible. So
the whole text must be a date (with an optional weekday, time and time zone, which are ignored); a bare number, a month
alone, a two-digit year or "yesterday" is no date. `3/4/2021` is 3 April in London and 4 March in New York, and gives
None, while `14/3/2021`, `3/3/2021` and `3.4.2021` (with dots, the day always comes first) are parsed.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from index.language.calendar_words import MONTH_NUMBERS

_NAME = "(?P<month>" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?"
_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)(?!\d)"
_DATES = (
    re.compile(r"(?P<year>(?:1[6-9]|20)\d\d)([-/.])(?P<number>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b{_DAY}\.?[\s-]*(?:of\s+|de\s+)?{_NAME}[\s,-]*(?:de[l]?\s+)?{_YEAR}", re.I),
    re.compile(rf"\b{_NAME}\s*{_DAY}(?:\s*,\s*|\s+){_YEAR}", re.I),
    re.compile(r"(?P<year>(?:1[6-9]|20)\d\d)年(?P<number>\d{1,2})月(?P<day>\d{1,2})日"),
)
_SLASHED = re.compile(r"(?<!\d)(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:1[6-9]|20)\d\d)(?!\d)")

_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_CLOCK = (
    r"T?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|Z\b|"
    r"[+-]\d{2}:?\d{2}|\(?(?:(?:GMT|UTC)(?:[+-]\d{1,2})?|[ECMP][SD]?T|BST|CES?T|EES?T|MSK|IST|JST|AES?T|"
    r"hrs|uhr)\b\)?"
)
# Text that may precede or follow a date: punctuation, weekday, time of day, time zone.
_AROUND = re.compile(rf"(?:\s|[,;|()·•–—-]|\b(?:at|on|um|à)\b|{_WEEKDAY}|{_CLOCK})*", re.I)
# Reuters appends a service code to some times of day ("27-MAR-1987 03:48:23.00F RM").
_WIRE_CLOCK = re.compile(r"\s+\d{2}:\d{2}:\d{2}\.\d{2}(?:\s?[A-Z]){0,6}")


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """Returns the date if `text` consists of one date and nothing else, otherwise None.

    Years are 1600 to 2099, month names English, German, French, Spanish, Italian, Portuguese and Dutch.
    """
    text = text.strip()
    if not 6 <= len(text) <= 80:
        return None
    if found := find_date(text):
        day, start, end = found
        rest = text[end:]
        if _AROUND.fullmatch(text[:start]) and (_AROUND.fullmatch(rest) or _WIRE_CLOCK.fullmatch(rest)):
            return day
    return None


def find_date(text: str) -> tuple[date, int, int] | None:
    """Returns the first complete date in `text` with its start and end offsets, or None."""
    found = [match for pattern in _DATES if (match := pattern.search(text))]
    for match in sorted(found, key=re.Match.start):
        # None for a month with a letter that only looks like its own: "Auguſt".
        number = match.groupdict().get("number") or MONTH_NUMBERS.get(match["month"].lower())
        if number and (day := _date(match["year"], number, match["day"])):
            return day, match.start(), match.end()
    if (match := _SLASHED.search(text)) and (day := _slashed(match)):
        return day, match.start(), match.end()
    return None


def _slashed(match: re.Match[str]) -> date | None:
    first, second = int(match["a"]), int(match["b"])
    if match["mark"] == "." or first > 12 or first == second:
        return _date(match["year"], second, first)
    return _date(match["year"], first, second) if second > 12 else None


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
