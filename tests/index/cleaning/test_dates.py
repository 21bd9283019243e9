"""Values that are said to be dates, and names of files that hold one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from index.cleaning.dates import date_in_name, given_date, parse_date
from index.cleaning.metadata import read_fields

DAY = date(2023, 11, 14)


@pytest.mark.parametrize(
    "value",
    [
        *(1700000000, 1700000000000, 1700000000000000, 1700000000.25, "1700000000", "1700000000000"),
        *(20231114, "20231114", "20231114T221320Z", "20231114221320", "2023111422", "202311142213"),
        {"$date": "2023-11-14T22:13:20Z"},
        {"$date": 1700000000000},
        {"$date": {"$numberLong": "1700000000000"}},
        {"_seconds": 1700000000, "_nanoseconds": 0},
        {"__type": "Date", "iso": "2023-11-14T22:13:20.000Z"},
        datetime(2023, 11, 14, 22, tzinfo=UTC),
        *("Tue Nov 14 22:13:20 +0000 2023", "Tue Nov 14 22:13:20 UTC 2023"),
        *("14 ноября 2023", "14 ноября 2023 г.", "14 листопада 2023", "14 listopada 2023", "14 Kasım 2023"),
        *("14 نوفمبر 2023", "14 नवंबर 2023", "2023년 11월 14일", "14. marraskuuta 2023", "14 νοεμβρίου 2023"),
    ],
)
def test_what_programs_and_languages_write_for_a_day(value: object) -> None:
    assert given_date(value) == DAY


@pytest.mark.parametrize(
    "value",
    [2023, "2023", 7, True, "11/04/2023", "12345678901234567890", "20231345", "yesterday", {"day": 3}, [2023, 11, 14]],
)
def test_what_can_mean_two_days_or_none_is_no_date(value: object) -> None:
    assert given_date(value) is None


def test_a_word_is_the_month_that_it_is_in_the_language_of_the_text() -> None:
    assert parse_date("14. listopada 2023.", "hr") == date(2023, 10, 14)
    assert parse_date("14 listopada 2023", "pl") == DAY
    croatian = "Gradsko vijeće odlučilo je u utorak da će se stara knjižnica u središtu grada zatvoriti krajem godine."
    assert read_fields({"text": croatian, "date": "14. listopada 2023."}).published == date(2023, 10, 14)


@pytest.mark.parametrize(
    ("given", "published", "strange"),
    [
        ({"date": "11/04/2023"}, None, "11/04/2023"),
        ({"date": "soon", "published_at": "2023-11-14"}, DAY, None),
        ({"date": {"day": 3}}, None, "{'day': 3}"),
        ({"date": ""}, None, None),
        ({}, None, None),
    ],
)
def test_a_date_that_is_not_understood_is_kept_to_be_reported(
    given: dict[str, object], published: date | None, strange: str | None
) -> None:
    fields = read_fields(given)
    assert (fields.published, fields.strange_date) == (published, strange)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2023-11-14 Northline", DAY),
        ("storm_20231114", DAY),
        ("2023_11_14-b", DAY),
        ("Report of 14 November 2023", DAY),
        ("1699999999999", None),
        ("from 2023-11-14 to 2023-11-15", None),
        ("IMG 20231345", None),
        ("3-4-2021 notes", None),
    ],
)
def test_the_day_in_the_name_of_a_file(name: str, day: date | None) -> None:
    assert date_in_name(name) == day
