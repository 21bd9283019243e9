"""What stands before an answer."""

from __future__ import annotations

from datetime import date

import pytest
from making import make_hit, span_of

from rag.answering.lead import of_differing_reports
from rag.retrieval.conflicts import Report
from rag.retrieval.evidence import Candidate


def report(text: str, answer: str, day: date | None, counted_by: str = "", source: str = "Courier") -> Report:
    hit = make_hit(text, uri=f"/{day}.txt", published=day, source=source)
    return Report(Candidate(hit, hit.chunk.sentences[0], 0.8, span_of(hit, answer)), counted_by)


LATER = report("In all 31 people died.", "31 people", date(2021, 8, 3))
EARLIER = report("So far 14 are dead.", "14", date(2021, 7, 30))


def test_the_value_that_is_superseded_is_named_as_such() -> None:
    assert (
        of_differing_reports([LATER, EARLIER])
        == "The reports differ: the latest, of 3 August 2021, says 31 people; an earlier one said 14."
    )


def test_a_number_that_began_a_sentence_is_written_small_and_a_name_is_not() -> None:
    later = report("Thirty-one people died.", "Thirty-one", date(2021, 8, 3))
    earlier = report("Fourteen people died.", "Fourteen people", date(2021, 7, 30))
    assert of_differing_reports([later, earlier]).endswith("says thirty-one; an earlier one said fourteen people.")
    named = report("Mayor Lorne and 12 others came.", "Mayor Lorne and 12 others", date(2021, 7, 30))
    assert of_differing_reports([later, named]).endswith("an earlier one said Mayor Lorne and 12 others.")


def test_each_of_several_values_has_its_day() -> None:
    between = report("Now 19 are dead.", "19", date(2021, 8, 1))
    assert (
        of_differing_reports([LATER, between, EARLIER])
        == "The reports differ, the latest first: 31 people (3 August 2021); 19 (1 August 2021); 14 (30 July 2021)."
    )


def test_values_of_one_day_have_who_counted_or_else_the_source() -> None:
    day = date(2021, 8, 3)
    police = report("Some 38,000 came.", "38,000", day, "the police")
    others = report("Some 60,000 came.", "60,000", day, "", "Gazette")
    assert of_differing_reports([police, others]) == "The sources differ: 38,000 (the police); 60,000 (Gazette)."
    assert of_differing_reports([police, report("So 9 came.", "9", day, "", "")]) == (
        "The reports differ; the latest comes first."
    )


@pytest.mark.parametrize(
    "reports",
    [
        [report("In all 31 people died.", "31 people", None), EARLIER],
        [
            LATER,
            report(
                "It is said that no more than 14 of them are dead now.",
                "It is said that no more than 14 of them are dead",
                date(2021, 7, 30),
            ),
        ],
    ],
)
def test_without_a_day_or_few_words_they_are_not_said_again(reports: list[Report]) -> None:
    assert of_differing_reports(reports) == "The reports differ; the latest comes first."
