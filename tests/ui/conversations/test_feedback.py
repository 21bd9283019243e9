"""Thumbs up and down: what is known of the right answer, in a file that `clippings eval` reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from browser.scripted import CLAY, turn_of

from index.errors import WrongUse
from rag.evaluation import Question, load_questions
from ui.conversations import feedback
from ui.conversations.conversation import Conversation
from ui.conversations.history import FILE, History, Owner
from ui.conversations.keeping import Kept

ANSWERED, REFUSED = turn_of("And why?"), turn_of("Who won the cup?")


def known(*arguments) -> tuple[list[str], bool | None]:
    row = feedback._line(*arguments)
    return row["answers"], row["answerable"]


def test_what_a_verdict_says_of_the_right_answer():
    assert known(ANSWERED, "up") == ([CLAY], True)
    assert known(ANSWERED, "down", "the answer is wrong") == ([], None)
    assert known(ANSWERED, "down", "the answer is wrong", " 53 metres ") == (["53 metres"], True)
    assert known(ANSWERED, "down", feedback.NOT_IN_ARTICLES) == ([], False)
    assert known(REFUSED, "up") == ([], False)
    assert known(REFUSED, "down", "the articles do say it") == ([], None)
    assert known(REFUSED, "down", "the articles do say it", "Selwick") == (["Selwick"], True)
    assert known(turn_of("hi"), "up") == known(turn_of("hi"), "down", feedback.NOT_IN_ARTICLES) == ([], None)


def test_the_readers_answer_is_the_accepted_one_where_it_was_quoted():
    assert ANSWERED.answer is not None
    found = replace(ANSWERED, answer=replace(ANSWERED.answer, found="soft marine clay"))
    assert known(found, "up") == (["soft marine clay"], True)
    elsewhere = replace(ANSWERED, answer=replace(ANSWERED.answer, found="gravel of another passage"))
    assert known(elsewhere, "up") == ([CLAY], True)


def test_eval_reads_the_file_and_passes_over_what_nothing_is_known_of(tmp_path: Path):
    path = tmp_path / "data" / "feedback.jsonl"
    feedback._write(path, feedback._line(ANSWERED, "up", history=("What does the bridge cost?",)))
    feedback._write(path, feedback._line(ANSWERED, "down", "something is missing"))
    feedback._write(path, feedback._line(REFUSED, "up"))
    assert load_questions(path) == [
        Question("And why?", (CLAY,), True, None, ("What does the bridge cost?",)),
        Question("Who won the cup?", (), False),
    ]
    path.write_text(path.read_text().splitlines()[1])
    with pytest.raises(WrongUse, match="there are no questions in it"):
        load_questions(path)


def test_a_verdict_is_shown_kept_and_written_once(tmp_path: Path):
    kept, path = Kept(History(tmp_path / FILE), Owner("anne", "/index")), tmp_path / "feedback.jsonl"
    conversation = Conversation(keeper=kept)
    for question in ("What does the bridge cost?", "And why?"):
        turn = conversation.begin(question)
        conversation.keep(conversation.replace(replace(turn_of(question), number=turn.number)))
    for _ in range(2):
        assert feedback.judge(path, conversation, 2, "up") == ""
    assert load_questions(path) == [Question("And why?", (CLAY,), True, None, ("What does the bridge cost?",))]
    opened = kept.open(conversation.id)
    assert opened is not None
    assert [turn.verdict for turn in opened.turns] == ["", "up"]
    assert feedback.judge(path, conversation, 2, "down", "the answer is wrong") == ""
    assert [(turn.verdict, turn.why) for turn in conversation.turns] == [("", ""), ("down", "the answer is wrong")]
    assert feedback.judge(path, conversation, 9, "up") == ""
    assert len(path.read_text().splitlines()) == 2


def test_a_verdict_that_cannot_be_written_says_so(tmp_path: Path):
    conversation = Conversation([turn_of("And why?")])
    problem = feedback.judge(tmp_path, conversation, 1, "up")
    assert problem.startswith("Your verdict cannot be written to ")
    assert conversation.turns[0].verdict == ""


def test_reasons_fit_what_was_said():
    assert feedback.reasons(REFUSED) == ("the articles do say it",)
    assert feedback.NOT_IN_ARTICLES in feedback.reasons(ANSWERED)
