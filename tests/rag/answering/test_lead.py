"""What stands before an answer."""

from __future__ import annotations

from datetime import date

import pytest
from making import make_hit, span_of

from rag.answering.lead import of_differing_reports
from rag.retrieval.evidence import Candidate


def report(text: str, answer: str, day: date | None) -> Candidate:
    hit = make_hit(text, uri=f"/{day}.txt", published=day)
    return Candidate(hit, hit.chunk.sentences[0], 0.8, span_of(hit, answer))


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


@pytest.mark.parametrize(
    "reports",
    [
        [report("In all 31 people died.", "31 people", None), EARLIER],
        [LATER, report("So far 14 are dead.", "So far 14 are dead", date(2021, 7, 30)), EARLIER],
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
def test_without_a_day_or_few_words_they_are_not_said_again(reports: list[Candidate]) -> None:
    assert of_differing_reports(reports) == "The reports differ; the latest comes first."
