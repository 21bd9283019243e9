"""Questions that ask for several things are taken apart."""

from __future__ import annotations

import pytest

from rag.parts import parts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What did both Wilma Tansley and Hedda Lorne say about the bridge?",
            ["What did Wilma Tansley say about the bridge?", "What did Hedda Lorne say about the bridge?"],
        ),
        (
            "Which happened first, the Arle flood or the Skerry Air bankruptcy?",
            ["When was the Arle flood?", "When was the Skerry Air bankruptcy?"],
        ),
        ("Who won the rerun, and how many votes were cast?", ["Who won the rerun?", "How many votes were cast?"]),
        ("When did it open? Who came?", ["When did it open?", "Who came?"]),
        (
            "How did the toll change between March and June 2021?",
            ["How did the toll change in March 2021?", "How did the toll change in June 2021?"],
        ),
        (
            "How did the fare change from 2019 to 2024?",
            ["How did the fare change in 2019?", "How did the fare change in 2024?"],
        ),
    ],
)
def test_a_question_for_several_things(question: str, expected: list[str]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor of Vessen?",
        "What do salt and pepper cost?",
        "How far is it from Norrick to Solvane?",
        "What is the difference between the ferry and the bridge?",
        "???",
        "",
        "BOTH AND OR FIRST",
    ],
)
def test_a_question_for_one_thing_is_left_alone(question: str) -> None:
    assert parts(question) == [question]


def test_there_are_at_most_four_parts() -> None:
    assert parts("Who came and who left and who sang and who paid and who slept?") == [
        "Who came?",
        "Who left?",
        "Who sang?",
        "Who paid?",
    ]
