"""Dates in any form come out as year, month and day, and nothing else does."""

from __future__ import annotations

import pytest

from rag.text.date_mentions import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27 February 2020", (2020, 2, 27)),
        ("27th of February 2020", (2020, 2, 27)),
        ("February 27, 2020", (2020, 2, 27)),
        ("Feb. 27, 2020", (2020, 2, 27)),
        ("27 Feb. 2020", (2020, 2, 27)),
        ("2020-02-27", (2020, 2, 27)),
        ("February 27th", (None, 2, 27)),
        ("Sept. 3", (None, 9, 3)),
        ("May 2019", (2019, 5, None)),
        ("February", (None, 2, None)),
        ("May", (None, 5, None)),
        ("Aprıl 2019", (2019, 4, None)),
    ],
)
def test_a_date_in_any_form(text: str, expected: tuple[int | None, int | None, int | None]) -> None:
    (found,) = dates(f"It opened on {text}, they said.")
    assert (found.year, found.month, found.day) == expected
    assert f"It opened on {text}, they said."[found.start : found.end] == text


@pytest.mark.parametrize(
    "text", ["It may 3 times fail.", "A march 40 strong.", "May I come?", "In 2019 it opened.", ""]
)
def test_no_date(text: str) -> None:
    assert dates(text) == []


def test_dates_beside_numbers() -> None:
    (found,) = dates("On February 27, 12 soldiers died.")
    assert (found.month, found.day, found.year) == (2, 27, None)
    assert [(d.month, d.day) for d in dates("From 3 May to 4 June 2021")] == [(5, 3), (6, 4)]
