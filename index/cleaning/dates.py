"""Parses calendar dates in the notations that articles, file names and the exports of programs use.

Strict on purpose: a wrong date makes a date filter exclude an article unnoticed, while a missing date is reported. So
the whole text must be a date (with an optional weekday, time and time zone, which are ignored); a bare number, a month
alone, a two-digit year or "yesterday" is no date. `3/4/2021` is 3 April in London and 4 March in New York, and gives
None, while `14/3/2021`, `3/3/2021` and `3.4.2021` (with dots, the day always comes first) are parsed. Only where a
value is said to be a date may it also be a number, as databases write it; see `given_date`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from index.language.calendar_words import MONTH_NUMBERS, OTHER_WEEKDAYS

_NAME = "(?P<month>" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?"
_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)(?!\d)"
# Between the day and the year, as the command `date` and some services write it: "Tue Nov 14 22:13:20 +0000 2023".
_INNER_CLOCK = r"\d\d?:\d\d:\d\d(?:\s+(?:[A-Z]{2,5}|[+-]\d{4}))?"
_DATES = (
    re.compile(r"(?P<year>(?:1[6-9]|20)\d\d)([-/.])(?P<number>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b{_DAY}\.?[\s-]*(?:of\s+|de\s+)?{_NAME}[\s,-]*(?:de[l]?\s+)?{_YEAR}", re.I),
    re.compile(rf"\b{_NAME}\s*{_DAY}(?:\s*,\s*|\s+(?:{_INNER_CLOCK}\s+)?){_YEAR}", re.I),
    re.compile(r"(?P<year>(?:1[6-9]|20)\d\d)年(?P<number>\d{1,2})月(?P<day>\d{1,2})日"),
)
_SLASHED = re.compile(r"(?<!\d)(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:1[6-9]|20)\d\d)(?!\d)")

_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|" + "|".join(OTHER_WEEKDAYS) + r")\b\.?"
)
_CLOCK = (
    r"T?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|Z\b|"
    r"[+-]\d{2}:?\d{2}|\(?(?:(?:GMT|UTC)(?:[+-]\d{1,2})?|[ECMP][SD]?T|BST|CES?T|EES?T|MSK|IST|JST|AES?T|hrs|uhr)\b\)?"
)
# Text that may precede or follow a date: punctuation, weekday, time of day, time zone.
_AROUND = re.compile(rf"(?:\s|[,;|()·•–—-]|\b(?:at|on|um|à)\b|{_WEEKDAY}|{_CLOCK})*", re.I)
# Reuters appends a service code to some times of day ("27-MAR-1987 03:48:23.00F RM").
_WIRE_CLOCK = re.compile(r"\s+\d{2}:\d{2}:\d{2}\.\d{2}(?:\s?[A-Z]){0,6}")


# A date in words of any language has at least a number of four digits and a letter, and no more words than this.
_IN_WORDS = re.compile(r"(?=.*(?<!\d)\d{4}(?!\d))(?=.*[^\W\d_])\S+(?:\s+\S+){0,7}")

# "20231114", "20231114T221320Z", as a whole value; the first also in names of files, with "-" or "_" between the parts.
_COMPACT = re.compile(
    r"(?P<year>(?:1[6-9]|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:(?:(?<=^(?:19|20)\d{6})|[T ])\d\d(?:\d\d){0,2}(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_NAMED = re.compile(r"(?<!\d)(?P<year>(?:1[6-9]|20)\d\d)(?P<mark>[-_.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)")
# Units of a second in which programs count the time since 1970; the first that gives a year from 1973 to 2099 is meant.
_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)
_FIRST_SECOND, _LAST_SECOND = 100_000_000, 4_102_444_800
# Keys under which databases and programs wrap a date or its number, such as MongoDB's `{"$date": …}`.
_WRAPPED = ("$date", "$numberlong", "iso", "date", "value", "_seconds", "seconds", "date-parts")


def given_date(value: object, language: str | None = None) -> date | None:
    """Returns the date that a value is that is said to be one, such as the field "published" of a database; else None.

    Besides the notations of `parse_date`: a date or datetime, 20231114, 20231114T221320Z, the seconds, milli-, micro-
    or nanoseconds since 1970 as a number or in digits (in UTC), a list that holds one
    of year, month and day, and an object that wraps one of these.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, list):  # as programs for citations write it: [[2021, 3, 14]]
        parts = value[0] if len(value) == 1 and isinstance(value[0], list) else []
        whole = len(parts) == 3 and all(isinstance(part, int) for part in parts)
        return _date(*parts) if whole else None
    if isinstance(value, Mapping):
        wrapped = {str(key).lower(): inner for key, inner in value.items()}
        return next((given_date(wrapped[key], language) for key in _WRAPPED if key in wrapped), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if match := _COMPACT.fullmatch(text):
        return _date(match["year"], match["month"], match["day"])
    return _since_1970(text) or parse_date(text, language)


def date_in_name(name: str) -> date | None:
    """Returns the date in the name of a file, ("2023-06-09 Northline", "storm_20230609"); None if none or two."""
    days = {day for match in _NAMED.finditer(name) if (day := _date(match["year"], match["month"], match["day"]))}
    if not days and (found := find_date(name.replace("_", " "))):
        days = {found[0]}
    return days.pop() if len(days) == 1 else None


@lru_cache(maxsize=4096)
def parse_date(text: str, language: str | None = None) -> date | None:
    """Returns the date if `text` consists of one date and nothing else, otherwise None.

    Years are 1600 to 2099. Month names are English, German, French, Spanish, Italian, Portuguese and Dutch, or in any
    language that dateparser knows; `language` (ISO 639-1) decides where one word is another month in two languages.
    """
    text = text.strip()
    if not 6 <= len(text) <= 80:
        return None
    if found := find_date(text):
        day, start, end = found
        rest = text[end:]
        if _AROUND.fullmatch(text[:start]) and (_AROUND.fullmatch(rest) or _WIRE_CLOCK.fullmatch(rest)):
            return day
        if text.isascii():
            return None
    return _in_words(text, language) if _IN_WORDS.fullmatch(text) and not _SLASHED.search(text) else None


def _in_words(text: str, language: str | None) -> date | None:
    """Returns the date that dateparser reads, in `language` or else in any that it knows.

    The day and the year must be numbers in the text, so that it completes nothing.
    """
    found = (_parser(language).get_date_data(text).date_obj if language else None) or _parser().get_date_data(
        text
    ).date_obj
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    return found.date() if found and {found.year, found.day} <= numbers and 1600 <= found.year < 2100 else None


@lru_cache(maxsize=16)
def _parser(language: str | None = None) -> Any:
    # Imported only for such a date, since all its languages take a second to load.
    from dateparser.data.languages_info import language_order
    from dateparser.date import DateDataParser

    settings = {"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    return DateDataParser(languages=[language] if language in language_order else None, settings=settings)


def _since_1970(text: str) -> date | None:
    if not re.fullmatch(r"\d{9,19}(?:\.\d+)?", text):
        return None
    seconds = next((s for unit in _UNITS if _FIRST_SECOND <= (s := float(text) / unit) < _LAST_SECOND), None)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date()


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
