"""The period that a question names."""

from __future__ import annotations

from datetime import date

import pytest

from rag.period import Period, period

TODAY = date(2024, 3, 15)


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What happened in February 2020?", date(2020, 2, 1), date(2020, 2, 29)),
        ("Who came on 14 March 2021?", date(2021, 3, 14), date(2021, 3, 14)),
        ("Who resigned in 2019?", date(2019, 1, 1), date(2019, 12, 31)),
        ("What changed since 2019?", date(2019, 1, 1), date.max),
        ("What changed since the election of 2019?", date(2019, 1, 1), date.max),
        ("What was built before March 2021?", date.min, date(2021, 3, 31)),
        ("What was said yesterday?", date(2024, 3, 14), date(2024, 3, 14 + 1)),
        ("What was said last week?", date(2024, 3, 1), date(2024, 3, 15)),
    ],
)
def test_a_clear_period(question: str, start: date, end: date) -> None:
    assert period(question, TODAY) == Period(start, end)


@pytest.mark.parametrize(
    "question", ["Who won?", "What about 2021?", "How many of the 2000 sheep?", "May I?", "", "in 99999", "since then"]
)
def test_no_clear_period(question: str) -> None:
    assert period(question, TODAY) is None


def test_a_report_may_come_a_week_later_and_an_undated_one_never_counts() -> None:
    february = Period(date(2020, 2, 1), date(2020, 2, 29))
    days = [date(2020, 1, 31), date(2020, 2, 1), date(2020, 3, 7), date(2020, 3, 8), None]
    assert [february.holds(day) for day in days] == [False, True, True, False, False]
    assert Period(date(2020, 1, 1), date.max).holds(date.max)
