"""An answer as `clippings ask` prints it: the very text, said once, then the clippings and what can be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browser.scripted import BRIDGE, COST, FINAL, SCRIPTS, ScriptedChatbot

from rag import Answer, Question
from ui.cli.text import answer_text


def answer_to(question: str) -> Answer:
    *_, answer = ScriptedChatbot().stream(question)
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize("question", SCRIPTS)
def test_the_text_stands_first_line_by_line_and_is_said_once(question: str) -> None:
    answer = answer_to(question)
    printed = " ".join(answer_text(answer).split())
    text = " ".join(answer.text.split())
    assert printed.startswith(text)
    assert answer.lead == "" or printed.count(answer.lead) == 1


def test_a_refusal_without_a_quotation_shows_the_nearest_passages_and_what_can_be_asked() -> None:
    lines = answer_text(answer_to("Who won the cup?")).splitlines()
    assert lines[0] == "The articles do not say who won the cup. None of them is about that."
    assert lines[2] == "Nearest passages, which do not hold the answer:"
    assert lines[-3:] == ["You can ask:", "    What does the bridge cost?", "    What happened to the bridge?"]


def test_a_refusal_with_a_quotation_shows_where_that_stands() -> None:
    printed = answer_text(answer_to("When does the ferry sail?"))
    assert "Nearest passages" not in printed
    assert (
        f"\n\n[3] Calder Sound Bridge opens two years late (2025-09-07, Northline News Agency)\n    “{FINAL}”\n"
        in printed
    )


def test_points_are_lines_with_their_days() -> None:
    lines = answer_text(answer_to("What happened to the bridge?")).splitlines()
    assert lines[0] == "The reports differ; the latest comes first."
    assert " ".join(lines[1:3]) == f"14 March 2021: {COST} [1]"
    assert " ".join(lines[3:5]) == f"7 September 2025: {FINAL} [3]"


def test_talk_is_an_answer_and_nothing_else() -> None:
    assert answer_text(answer_to("hi")) == "Hello. I answer questions from the 28 articles."


def test_what_was_asked_is_reported_only_if_it_is_not_what_was_typed() -> None:
    answer = replace(answer_to("And why?"), read=1)
    note = "\n(asked about: What does the bridge cost?)\n(smollm2-135m read 1 of 1 passage)\n\n[1] "
    assert f"{note}{BRIDGE.title}" in answer_text(answer)
    assert "\n(searched for: What is the toll?)\n" in answer_text(answer_to("Whta is the toll?"))
    assert "(" not in answer_text(replace(answer_to("hi"), asked=Question("hi")))
