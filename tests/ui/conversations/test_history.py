"""Conversations in their file: kept whole, found again, each owner's own, and gone when deleted."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser.scripted import BRIDGE, CLAY, OPENING, SCRIPTS, turn_of

from index.errors import CannotRun
from rag import Outcome
from ui.conversations.conversation import Stage, Turn
from ui.conversations.history import FILE, History, Owner, title_of
from ui.conversations.keeping import Kept
from ui.conversations.serialize import pack, unpack
from ui.render import turns as render

QUESTION = "What does the bridge cost?"
ANNE, BERT = Owner("anne", "/index"), Owner("bert", "/index")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data" / FILE)


def conversation(history: History, *questions: str, owner: Owner = ANNE) -> str:
    name = history.begin(owner, questions[0])
    for question in questions:
        history.put(owner, name, turn_of(question, history.number(owner, name)))
    return name


@pytest.mark.parametrize("question", SCRIPTS)
def test_a_turn_comes_back_as_it_was(history: History, question: str):
    turn = replace(turn_of(question), verdict="down", why="the answer is wrong", limits="source Courier")
    name = history.begin(ANNE, question)
    history.put(ANNE, name, turn)
    assert History(history.path).turns(ANNE, name) == [turn]


def as_kept_before(turn: Turn) -> dict[str, Any]:
    """The turn as version 0.1.0 of the program kept it before answers had outcomes."""
    kept, _ = pack(turn)
    for name in ("understood", "lead", "listed"):
        del kept[name]
    said = [one["sentence"] for one in kept["said"]]
    for sentence in [*said, *(kept["answer"]["sentences"] if kept["answer"] else [])]:
        del sentence["strange"]
        sentence["origin"] = {"quoted": "clipping", "supported": "model"}[sentence.pop("level")]
    kept["standalone"] = "Why? (the bridge)" if turn.question == "And why?" else turn.question
    if answer := kept["answer"]:
        answer["reason"] = answer["lead"]
        answer["refused"] = turn.stage is Stage.REFUSED
        answer |= {"question": turn.question, "standalone": kept["standalone"]}
        for name in ("asked", "outcome", "lead", "suggestions"):
            del answer[name]
    return kept


def test_what_an_earlier_version_kept_still_opens(history: History):
    asked = [turn_of("And why?", 1), turn_of("Who won the cup?", 2), replace(turn_of(QUESTION, 3), answer=None)]
    name = conversation(history, *(turn.question for turn in asked))
    with sqlite3.connect(history.path) as db:
        for turn in asked:
            db.execute("UPDATE turn SET content = ? WHERE number = ?", (json.dumps(as_kept_before(turn)), turn.number))
    turns = history.turns(ANNE, name)
    assert turns is not None
    leaning, refused, stopped = turns
    levels = [said.sentence.level for turn in turns for said in turn.said]
    assert levels == [said.sentence.level for turn in asked for said in turn.said]
    assert leaning.answer is not None
    assert (leaning.answer.outcome, leaning.answer.question) == (Outcome.ANSWERED, "And why?")
    assert leaning.answer.text == f"{CLAY} [1]"
    assert (leaning.passages, leaning.said) == (asked[0].passages, asked[0].said)
    assert leaning.answer.asked.searched == "Why? (the bridge)"
    assert 'searched for: <q dir="auto">Why? (the bridge)</q>' in render.turn(leaning)
    assert refused.answer is not None
    assert (refused.stage, refused.answer.outcome) == (Stage.REFUSED, Outcome.NOT_SAID)
    assert render.turn(refused).count(f'<p class="reason" dir="auto">{asked[1].lead}</p>') == 1
    assert refused.answer.text == asked[1].lead
    assert (stopped.answer, stopped.standalone, stopped.said) == (None, QUESTION, asked[2].said)


def test_a_question_that_an_earlier_version_kept_before_anything_was_found_opens():
    kept, articles = pack(Turn(1, QUESTION))
    del kept["understood"]
    assert unpack(kept | {"standalone": ""}, articles) == Turn(1, QUESTION)


def test_turns_are_in_order_and_a_later_state_takes_the_place_of_an_earlier(history: History):
    name = conversation(history, QUESTION, "Who won the cup?")
    history.put(ANNE, name, replace(turn_of("And why?", 1), stage=Stage.STOPPED))
    turns = history.turns(ANNE, name)
    assert turns is not None
    assert [(turn.number, turn.question, turn.stage) for turn in turns] == [
        (1, "And why?", Stage.STOPPED),
        (2, "Who won the cup?", Stage.REFUSED),
    ]


def test_nobody_sees_or_changes_what_is_somebody_elses(history: History):
    name = conversation(history, QUESTION)
    for other in (BERT, Owner("anne", "/another-index")):
        assert history.turns(other, name) is None
        assert history.entry(other, name) is None
        assert history.entries(other) == []
        assert history.number(other, name) == 0
        history.put(other, name, turn_of("And why?", 1))
        history.drop(other, name, 1)
        history.rename(other, name, "mine")
        history.delete(other, name)
    turns = history.turns(ANNE, name)
    assert turns is not None
    assert [turn.question for turn in turns] == [QUESTION]
    assert [entry.title for entry in history.entries(ANNE)] == [QUESTION]


def test_ids_cannot_be_guessed(history: History):
    names = {history.begin(ANNE, QUESTION) for _ in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {22}  # 128 bits


def test_the_list_is_named_after_the_first_question_and_the_last_used_comes_first(history: History):
    one = conversation(history, QUESTION, "And why?")
    two = conversation(history, "Who won the cup?")
    assert [(e.id, e.title, e.turns) for e in history.entries(ANNE)] == [
        (two, "Who won the cup?", 1),
        (one, QUESTION, 2),
    ]
    history.number(ANNE, one)
    history.rename(ANNE, two, "  Sport\n news ")
    history.rename(ANNE, one, "  ")
    assert [(e.id, e.title) for e in history.entries(ANNE)] == [(one, QUESTION), (two, "Sport news")]


def test_search_looks_into_names_questions_and_answers_for_every_word(history: History):
    one, two = conversation(history, QUESTION, "And why?"), conversation(history, "Who won the cup?")
    history.rename(ANNE, two, "Größe")
    searches = ("CLAY bridge", "cup", "grösse", "none of them")
    found = {words: [entry.id for entry in history.entries(ANNE, words)] for words in searches}
    assert found == {"CLAY bridge": [one], "cup": [two], "grösse": [two], "none of them": [two]}
    assert history.entries(ANNE, "clay cup") == []
    assert history.entries(ANNE, "100% _") == []


def test_articles_are_kept_once_and_go_with_the_last_conversation_that_shows_them(history: History):
    one, two = conversation(history, QUESTION, "And why?"), conversation(history, "And why?")

    def articles() -> int:
        with sqlite3.connect(history.path) as db:
            return int(db.execute("SELECT count(*) FROM article").fetchone()[0])

    assert {BRIDGE.uri, OPENING.uri} == {e.hit.article.uri for e in SCRIPTS[QUESTION].passages}
    assert articles() == 2
    history.delete(ANNE, one)
    assert articles() == 1
    history.drop(ANNE, two, 1)
    assert articles() == 0
    assert history.turns(ANNE, two) == []
    assert history.turns(ANNE, one) is None


def test_what_was_deleted_is_not_left_in_the_file(history: History):
    history.delete(ANNE, conversation(history, "Is it safe?"))
    assert b"Is it safe?" not in history.path.read_bytes()


def test_no_number_is_given_twice_to_tabs_that_ask_at_once(history: History):
    name = history.begin(ANNE, QUESTION)
    given: list[int] = []
    threads = [threading.Thread(target=lambda: given.append(history.number(ANNE, name))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 9))
    history.drop(ANNE, name, 8)
    assert history.number(ANNE, name) == 9


def test_preferences_are_kept_for_each_owner(history: History):
    history.prefer(ANNE, "top_k", "7")
    history.prefer(ANNE, "top_k", "8")
    assert history.preferences(ANNE) == {"top_k": "8"}
    assert history.preferences(BERT) == {}


def test_the_file_is_for_its_user_alone(history: History):
    history.entries(ANNE)
    assert stat.S_IMODE(history.path.stat().st_mode) == 0o600


def test_a_damaged_file_is_one_clear_line(history: History):
    history.path.parent.mkdir()
    history.path.write_text("this is no database, however long it is" * 100)
    with pytest.raises(CannotRun, match="cannot be read or written: file is not a database"):
        history.entries(ANNE)


def test_a_file_of_a_later_version_is_left_alone(history: History):
    history.entries(ANNE)
    with sqlite3.connect(history.path) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(CannotRun, match="later clippings"):
        history.entries(ANNE)


def test_names_are_one_short_line():
    assert title_of("  Who\nwon? ") == "Who won?"
    assert title_of("word " * 40) == f"{'word ' * 14}word…"
    assert title_of("x" * 100) == f"{'x' * 79}…"


def test_what_was_being_answered_counts_as_stopped_after_a_restart(history: History):
    kept = Kept(history, ANNE)
    name, number = kept.number("", QUESTION)
    kept.put(name, Turn(number, QUESTION))
    opened = kept.open(name)
    assert opened is not None
    assert [turn.stage for turn in opened.turns] == [Stage.STOPPED]
    assert (opened.id, opened.numbers_given, opened.showing) == (name, 1, 1)
    assert kept.open("nothing") is None


def test_a_question_after_a_conversation_was_deleted_begins_another(history: History):
    kept = Kept(history, ANNE)
    name, _ = kept.number("", QUESTION)
    assert kept.number(name, "And why?") == (name, 2)
    history.delete(ANNE, name)
    another, number = kept.number(name, "And why?")
    assert (another != name, number) == (True, 1)
    entry = history.entry(ANNE, another)
    assert entry is not None
    assert entry.title == "And why?"
