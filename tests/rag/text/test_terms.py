"""What two texts share must come out the same, and what differs must not."""

from __future__ import annotations

import pytest

from rag.text import terms
from rag.text.terms import Word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("33", "thirty-three"),
        ("33", "thirty three"),
        ("Feb.", "February"),
        ("Feb", "February"),
        ("Sept.", "September"),
        ("Syria’s", "Syria"),
        ("the senators' car", "the Senator's car".lower()),
        ("U.S.", "US"),
        ("U.S.A.", "USA"),
        ("wounded", "wounding"),
        ("shot", "shoots"),
        ("wrote", "written"),
        ("men", "man"),
        ("a well-known man", "the well known man"),
        ("anti–tank", "anti-tank"),
        ("1,200,000", "1200000"),
        ("1,200.50", "1200.5"),
        ("5.0", "5"),
        ("007", "7"),
        ("zero", "0"),
        ("one hundred and five", "105"),
        ("3 million", "3,000,000"),
        ("3.5 million", "3,500,000"),
        ("two thousand and nineteen", "2019"),
        ("six hundred thousand", "600 thousand"),
        ("two million three hundred thousand and seven", "2,300,007"),
        ("the", "of a"),
    ],
)
def test_same_word_in_two_forms(one: str, other: str) -> None:
    assert [word.stem for word in terms.words(f"x {one}")] == [word.stem for word in terms.words(f"x {other}")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("33", "34"),
        ("5 million", "5 billion"),
        ("a million", "a billion"),
        ("five", "one hundred and five"),
        ("3,7", "3,5"),
        ("1.5.2019", "1.5.2020"),
        ("3.5", "35"),
        ("0.5", "5"),
        ("March", "May"),
        ("in May", "it may"),
        ("US troops", "us troops"),
        ("WHO", "who"),
        ("not", "nobody"),
        ("rose", "fell"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert terms.words(f"x {one}") != terms.words(f"x {other}")


def test_words_in_order_with_their_kinds() -> None:
    assert terms.words("In February 33 Turkish soldiers were shot, 33 of them twice.") == (
        Word("february", name=True, number=False),
        Word("33", name=False, number=True),
        Word("turkish", name=True, number=False),
        Word("soldier", name=False, number=False),
        Word("shoot", name=False, number=False),
        Word("33", name=False, number=True),
        Word("twice", name=False, number=False),
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("two three", ["2", "3"]),
        ("one two", ["1", "2"]),
        ("nineteen eighty-four", ["19", "84"]),
        ("two hundred and three hundred", ["200", "300"]),
        ("twenty to thirty thousand", ["20", "30000"]),
        ("In 2019 three people", ["2019", "3"]),
        ("2 million two years ago", ["2000000", "2"]),
        ("five million five million", ["5000000", "5000000"]),
        ("hundreds and thousands", []),
        ("COVID-19", ["19"]),
    ],
)
def test_neighbouring_numbers(text: str, numbers: list[str]) -> None:
    assert [word.stem for word in terms.words(text) if word.number] == numbers


def test_in_all_capitals_nothing_is_a_name() -> None:
    assert terms.names("TWELVE MEN SHOT DEAD IN IDLIB") == frozenset()
    assert terms.stems("TWELVE MEN SHOT DEAD") == {"12", "man", "shoot", "dead"}


def test_names_leave_out_months_numbers_and_small_words() -> None:
    assert terms.names("In May the Turkish army lost 33 men near Jean-Luc’s house. The end.") == {
        "turkish",
        "jean",
        "luc",
    }


def test_numbers_of_a_text() -> None:
    assert terms.numbers("On Feb. 3 thirty-three of 1,200 men") == {"3", "33", "1200"}


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Which year did the bridge open?", {"bridg", "open"}),
        ("How many soldiers were wounded?", {"soldier", "wound"}),
        ("Tell me who won the race", {"win", "race"}),
        ("Who says what?", {"say"}),
        ("tldr of the race pls", {"race"}),
        ("race AND bridge NOT ship", {"race", "bridg", "ship"}),
        ("", set()),
    ],
)
def test_what_a_question_is_about(question: str, about: set[str]) -> None:
    assert terms.question_stems(question) == about


@pytest.mark.parametrize("text", ["", "   ", "…—!?", "'s", "-", ".", "_", "the of and"])
def test_nothing_to_say(text: str) -> None:
    assert terms.stems(text) <= {"_"}
    assert not any(word.name or word.number for word in terms.words(text))
