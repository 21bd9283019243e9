"""What kind of thing a question asks for, and whether a sentence holds one."""

from __future__ import annotations

import pytest

from rag import wording
from rag.expecting import MAX_BETWEEN, Expects, counted, counts, expectation, holds, measures


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the bridge opened?", Expects.DATE),
        ("In which year did it open?", Expects.DATE),
        ("What percentage of the people voted?", Expects.SHARE),
        ("How much of the budget was spent?", Expects.SHARE),
        ("How much did the bridge cost?", Expects.MONEY),
        ("How much does a ticket to Arle cost?", Expects.MONEY),
        ("What was the fine?", Expects.MONEY),
        ("How many soldiers died?", Expects.COUNT),
        ("What was the number of victims?", Expects.COUNT),
        ("How old is he?", Expects.NUMBER),
        ("What is the population of Vessen?", Expects.NUMBER),
        ("Who won?", Expects.PERSON),
        ("WHOSE car was it?", Expects.PERSON),
        ("Where did it happen?", Expects.PLACE),
        ("Why did it fall?", Expects.ANYTHING),
        ("What did the people say?", Expects.ANYTHING),
        ("", Expects.ANYTHING),
    ],
)
def test_expectation(question: str, kind: Expects) -> None:
    assert expectation(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "asked", "expected"),
    [
        (Expects.DATE, "It opened on Monday.", "", True),
        (Expects.DATE, "It opened in May.", "", True),
        (Expects.DATE, "It opened slowly.", "", False),
        (Expects.DATE, "It opened in 2019.", "2019", False),
        (Expects.MONEY, "It cost 5 million euros.", "", True),
        (Expects.MONEY, "It took 5 million bricks.", "", False),
        (Expects.MONEY, "It cost euros.", "", False),
        (Expects.SHARE, "A third of them voted.", "", True),
        (Expects.SHARE, "About 5% voted.", "", True),
        (Expects.SHARE, "They voted.", "", False),
        (Expects.COUNT, "Three died.", "", True),
        (Expects.COUNT, "Many died.", "", False),
        (Expects.NUMBER, "He is thirty-three.", "", True),
        (Expects.NUMBER, "He is thirty-three.", "33", False),
        (Expects.PERSON, "Anna won.", "", True),
        (Expects.PERSON, "Anna won.", "Anna", False),
        (Expects.PERSON, "He won.", "", False),
        (Expects.PLACE, "It was in Idlib.", "", True),
        (Expects.PLACE, "It was in the north.", "", False),
        (Expects.ANYTHING, "The bridge fell.", "Did the bridge fall?", False),
        (Expects.ANYTHING, "The bridge fell because of the clay.", "Did the bridge fall?", True),
    ],
)
def test_holds_a_new_thing_of_the_kind(kind: Expects, sentence: str, asked: str, expected: bool) -> None:
    assert holds(kind, sentence, wording.stems(asked)) is expected


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("How many Turkish soldiers were killed?", {"turkish", "soldier"}),
        ("What was the number of victims?", {"victim"}),
        ("How much did it cost?", set()),
        ("Who counted how?", set()),
    ],
)
def test_what_a_question_counts(question: str, things: set[str]) -> None:
    assert counted(question) == things


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("40 houses burned.", True),
        ("40 badly damaged houses burned.", True),
        ("Houses burned in 1940.", False),
        ("40 men, women, old people and their houses.", False),
    ],
)
def test_a_number_counts_the_thing_soon_after_it(sentence: str, expected: bool) -> None:
    assert MAX_BETWEEN == 3
    assert counts(wording.stems("houses"), wording.words(sentence)) is expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How long is the bridge?", "It is 1,840 metres long.", True),
        ("How long did the strike last?", "It ended after 12 days.", True),
        ("How long is the bridge?", "It carries 38,000 vehicles.", False),
        ("How tall is the tower?", "It took nine years.", False),
        ("How tall is the tower?", "It rises 53 m above the town.", True),
        ("How many people died?", "Nine people died.", True),
    ],
)
def test_a_measure_has_a_unit(question: str, sentence: str, expected: bool) -> None:
    assert measures(question, sentence) is expected
