"""Questions that ask for several things are taken apart."""

from __future__ import annotations

import time

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
        ("what did both the mayor and the clerk say", ["What did the mayor say?", "What did the clerk say?"]),
        (
            "How high are both the toll of the bridge and the price of a ticket?",
            ["How high are the toll of the bridge?", "How high are the price of a ticket?"],
        ),
        (
            "What do Ann Lee and the judge each say about the rule?",
            ["What do Ann Lee say about the rule?", "What do the judge say about the rule?"],
        ),
        (
            "Tell me what Lee, Roake and Dunn said.",
            ["What Lee said?", "What Roake said?", "What Dunn said?"],
        ),
        ("How old are Lee and Roake?", ["How old are Lee?", "How old are Roake?"]),
        (
            "How do the Herald and the Post differ on the toll?",
            ["How do the Herald differ on the toll?", "How do the Post differ on the toll?"],
        ),
        (
            "Who got more votes in the first count, Lee or Roake?",
            ["Who got more votes in the first count, Lee?", "Who got more votes in the first count, Roake?"],
        ),
        ("Did the flood or the strike come first?", ["When was the flood?", "When was the strike?"]),
        ("which came first the flood or the strike", ["When was the flood?", "When was the strike?"]),
        (
            "Were there more ferries in 2019 than in 2021?",
            ["Were there more ferries in 2019?", "Were there more ferries in 2021?"],
        ),
        (
            "did it carry more people in winter or in summer",
            ["Did it carry more people in winter?", "Did it carry more people in summer?"],
        ),
        (
            "From 2019 to 2021, how did the price change?",
            ["In 2019, how did the price change?", "In 2021, how did the price change?"],
        ),
        (
            "How did the story change between March and June?",
            ["How did the story change in March?", "How did the story change in June?"],
        ),
        (
            "Is the mayor in 2021 the same as in 2025?",
            ["Is the mayor in 2021 the same as?", "Is the mayor the same as in 2025?"],
        ),
        (
            "What was the price before and after the correction?",
            ["What was the price before the correction?", "What was the price after the correction?"],
        ),
        (
            "Compare the price of the ferry and the bridge.",
            ["The price of the ferry?", "The price of the bridge?"],
        ),
        (
            "What was the toll of the flood versus the toll of the fire?",
            ["What was the toll of the flood?", "What was the toll of the fire?"],
        ),
        (
            "Lee as well as Roake: what did they say?",
            ["Lee: what did they say?", "Roake: what did they say?"],
        ),
        (
            "First the dam broke, then the bridge: how many died?",
            ["The dam broke: how many died?", "The bridge: how many died?"],
        ),
        (
            "What happened in Arle in May 2020 and what in June 2022?",
            ["What happened in Arle in May 2020?", "What happened in Arle in June 2022?"],
        ),
        ("What did it cost in 2019? And in 2021?", ["What did it cost in 2019?", "What did it cost in 2021?"]),
        ("When was it founded and why?", ["When was it founded?", "Why was it founded?"]),
        ("When and where was it founded?", ["When was it founded?", "Where was it founded?"]),
        (
            "Who owns the airline and what profit did it make?",
            ["Who owns the airline?", "What profit did it make (owns the airline)?"],
        ),
        (
            "How many died, how many were hurt, and how many of them are children?",
            ["How many died?", "How many were hurt?", "How many of them are children (hurt)?"],
        ),
        (
            "What did both Lee and Roake say, and who paid?",
            ["What did Lee say?", "What did Roake say?", "Who paid?"],
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
        "What did the owner of Marks and Spencer buy?",
        "How many people did the police count between 2010 and 2017?",
        "Between 1978 and 1982 what was built?",
        "The Rhine and what other river drained the Alps?",
        "Which films and what else were shown?",
        "It is called the Freeway and what?",
        "What determines which half is positive and which is negative?",
        "What is used to study how neurons grow and how genes change?",
        "Which city is home to both public and private schools?",
        "What do they say about each other?",
        "How does the level compare to other countries?",
        "How much higher was it compared to other jobs?",
        "Who played in the final versus Pittsburgh?",
        "How wide is the river between Emmrich and Cleves?",
        "How long is the road, in miles?",
        "What did Lee and others suggest?",
        "Who shouted “Gold!” in the street?",
        "Does the school or less of it teach either Latin or Greek?",
        "What decreased between 1984 and 1991?",
        "Who is the man who won and who later lost?",
        "I read that it flooded in 2021, is that so?",
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


def test_marks_do_not_change_the_parts() -> None:
    plain = parts("Who won the rerun, and how many votes were cast?")
    assert parts('"Who" won* (the rerun), and [how many] votes^ were -cast??') == plain
    assert len(plain) == 2


@pytest.mark.parametrize(
    "text", ["and what ", "who and who, ", "both a and b or c, ", "from 2019 to 2021 how ", "? why "]
)
def test_a_long_question_is_taken_apart_at_once(text: str) -> None:
    start = time.process_time()
    assert len(parts(text * 300)) <= 4
    assert time.process_time() - start < 1
