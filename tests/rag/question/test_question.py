"""The Question: what is searched for, and what was typed."""

from __future__ import annotations

from rag.question.question import Question


def test_a_question_is_searched_for_as_typed() -> None:
    asked = Question("Who  won?")
    assert (asked.typed, asked.plain, asked.searched) == ("Who  won?", "Who  won?", "Who won?")


def test_it_is_searched_for_after_what_it_leans_on_in_one_line() -> None:
    asked = Question("and\nin Hollin?", leans_on=("Who won in Arle?", "By how much?"))
    assert asked.searched == "Who won in Arle? By how much? and in Hollin?"
    assert asked.plain == "and\nin Hollin?"


def test_it_is_searched_for_in_the_right_spelling_and_stays_as_typed() -> None:
    asked = Question("the brigde?", leans_on=("Who won?",), corrected="the bridge")
    assert (asked.typed, asked.plain, asked.searched) == ("the brigde?", "the bridge", "Who won? the bridge")


def test_it_stands_alone_as_typed() -> None:
    asked = Question("the brigde?", leans_on=("Who won?",), corrected="the bridge")
    assert asked.standalone == "Who won? the brigde?"
