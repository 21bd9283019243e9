"""The period that a question names."""

from __future__ import annotations

from datetime import date

import pytest

from rag.question.period import Period, period

TODAY = date(2024, 3, 15)


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What happened in February 2020?", date(2020, 2, 1), date(2020, 2, 29)),
        ("What happened in Auguſt 2020?", date(2020, 8, 1), date(2020, 8, 31)),
        ("Who came on 14 March 2021?", date(2021, 3, 14), date(2021, 3, 14)),
        ("Who resigned in 2019?", date(2019, 1, 1), date(2019, 12, 31)),
        ("What changed since 2019?", date(2019, 1, 1), date.max),
        ("What changed since the election of 2019?", date(2019, 1, 1), date.max),
        ("What was built before March 2021?", date.min, date(2021, 3, 31)),
        ("What was said yesterday?", date(2024, 3, 14), date(2024, 3, 14 + 1)),
        ("What was said last week?", date(2024, 3, 1), date(2024, 3, 15)),
        ("What was said in the past three weeks?", date(2024, 2, 23), date(2024, 3, 15)),
        ("What happened in the last 10 days?", date(2024, 3, 5), date(2024, 3, 15)),
        ("What happened between March and June 2021?", date(2021, 3, 1), date(2021, 6, 30)),
        ("What happened from November 2019 to February 2020?", date(2019, 11, 1), date(2020, 2, 29)),
        ("Who ruled between 2019 and 2021?", date(2019, 1, 1), date(2021, 12, 31)),
        ("Who ruled between 2021 and 2019?", date(2019, 1, 1), date(2021, 12, 31)),
        ("What was said between 3 March 2021 and 5 April 2021?", date(2021, 3, 3), date(2021, 4, 5)),
        ("Who came in Feb. 2020?", date(2020, 2, 1), date(2020, 2, 29)),
        ("Who came in sept 2020?", date(2020, 9, 1), date(2020, 9, 30)),
        ("Who resigned in early 2019?", date(2019, 1, 1), date(2019, 12, 31)),
        ("What changed since mid-2019?", date(2019, 1, 1), date.max),
        ("What was open until March 2021?", date.min, date(2021, 3, 31)),
    ],
)
def test_a_clear_period(question: str, start: date, end: date) -> None:
    assert period(question, TODAY) == Period(start, end)


@pytest.mark.parametrize(
    "question",
    [
        "Who won?",
        "What about 2021?",
        "How many of the 2000 sheep?",
        "May I?",
        "",
        "in 99999",
        "since then",
        "between March and June",
        "from here to 2021 sheep",
        "on the last day of the trial",
        "the past four victims",
        "What happened in the last ſix weeks?",
    ],
)
def test_no_clear_period(question: str) -> None:
    assert period(question, TODAY) is None


def test_a_report_may_come_a_week_later_and_an_undated_one_never_counts() -> None:
    february = Period(date(2020, 2, 1), date(2020, 2, 29))
    days = [date(2020, 1, 31), date(2020, 2, 1), date(2020, 3, 7), date(2020, 3, 8), None]
    assert [february.holds(day) for day in days] == [False, True, True, False, False]
    assert Period(date(2020, 1, 1), date.max).holds(date.max)


@pytest.mark.parametrize(
    "question",
    ["Who came in february 2020?", "Since March 2021?", "Between May and June 2021?", "Last week?", "On 3 May 2021?"],
)
def test_capitals_do_not_matter(question: str) -> None:
    expected = period(question, TODAY)
    assert expected is not None
    assert period(question.upper(), TODAY) == period(question.lower(), TODAY) == expected
