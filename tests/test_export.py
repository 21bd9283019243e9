"""Conversations as files: sources numbered throughout, and nothing in them that a reader's program would run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from browser.scripted import CLAY, COST, DEPTH, FINAL, HOSTILE
from test_history import turn_of

from rag import Origin, Said, Sentence
from ui.conversation import Stage, Turn
from ui.export import FORMATS, export, file_name, plain, written

TURNS = [turn_of("What does the bridge cost?", 1), turn_of("Who won the cup?", 2), turn_of("And why?", 3)]


def test_sources_are_numbered_throughout_and_the_same_one_has_one_number():
    made = export("The bridge", [*TURNS, turn_of("What does the bridge cost?", 4)])
    assert [source.quote for source in made.sources] == [COST, DEPTH, FINAL, CLAY]
    assert [[numbers for _, numbers in told.sentences] for told in made.told] == [
        [(1,), (2,), (3,)],
        [],
        [(4,)],
        [(1,), (2,), (3,)],
    ]


def test_markdown():
    text = written(export("The bridge", [replace(TURNS[2], limits="source Courier"), TURNS[1]]), "md")
    assert text == (
        "# The bridge\n\n## And why?\n\nOnly articles source Courier.\n\n"
        f"{CLAY} [^1]\n\n## Who won the cup?\n\n"
        "*Not in the clippings: The articles do not say who won the cup. Nothing in them is close enough to count.*\n\n"
        f"## Sources\n\n[^1]: “{CLAY}” Bridge bill climbs to 587 million crowns as builders meet soft clay. "
        "Port Calder Courier, 14 March 2021, by Marit Oldacre, <https://courier.example/2021/03/14/bridge>\n"
    )


def test_html_has_links_to_its_sources():
    text = written(export("The bridge", TURNS), "html")
    assert '<a href="#source-4">[4]</a>' in text
    assert '<li id="source-4" dir="auto">' in text
    assert "<script" not in text
    assert 'href="https://courier.example/2021/03/14/bridge"' in text


def test_json_holds_everything_by_number():
    data = json.loads(written(export("The bridge", TURNS), "json"))
    assert data["title"] == "The bridge"
    assert [turn["stage"] for turn in data["turns"]] == ["answered", "refused", "answered"]
    assert data["turns"][2]["standalone"] == "And why? What does the bridge cost?"
    assert data["turns"][2]["sentences"] == [{"text": CLAY, "sources": [4]}]
    assert [source["number"] for source in data["sources"]] == [1, 2, 3, 4]
    assert data["sources"][3]["published"] == "2021-03-14"


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_hostile_stays_text(form: str):
    turn = turn_of("Is it safe?")
    citation = replace(turn.citations[0], title="](javascript:alert(1)) <b>", url="javascript:alert(1)")
    said = Said(Sentence("# One\n[x](javascript:alert(2)) <img src=x>", (1,), Origin.MODEL), (citation,))
    text = written(export(HOSTILE.title, [replace(turn, said=(said,))]), form)
    if form == "json":
        json.loads(text)
        return
    assert "<img" not in text.replace("\\<img", "")
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "](javascript" not in text.replace("\\]\\(javascript", "") or form == "html"
    assert 'href="javascript' not in text
    assert "\n# One" not in text


def test_lines_that_would_be_lists_are_lines():
    turn = replace(TURNS[2], said=(Said(Sentence("- 1. one", (), Origin.MODEL), ()),))
    assert "\n\\- 1. one\n" in written(export("x", [turn]), "md")
    turn = replace(TURNS[2], said=(Said(Sentence("1. one", (), Origin.MODEL), ()),))
    assert "\n1\\. one\n" in written(export("x", [turn]), "md")


def test_the_clipboard_gets_the_answer_with_its_sources():
    assert plain(TURNS[2]) == (
        f"And why?\n\n{CLAY} [1]\n\n[1] “{CLAY}” Bridge bill climbs to 587 million crowns as builders meet soft clay. "
        "Port Calder Courier, 14 March 2021, by Marit Oldacre, https://courier.example/2021/03/14/bridge"
    )
    assert plain(TURNS[1]).endswith("count.")


def test_what_has_no_answer_says_why():
    turns = [Turn(1, "One?", Stage.STOPPED), Turn(2, "Two?", Stage.FAILED, problem="The model is gone.")]
    text = written(export("x", turns), "md")
    assert "*The answer was stopped here.*" in text
    assert "*The model is gone.*" in text


def test_days_that_reports_are_of_are_told():
    said = TURNS[2].said[0]
    dated = replace(said, sentence=replace(said.sentence, as_of=TURNS[2].passages[0].hit.article.published))
    assert f"As of 14 March 2021: {CLAY}" in plain(replace(TURNS[2], said=(dated,)))


def test_file_names_are_plain():
    assert file_name("How many people… died?", "md") == "how-many-people-died.md"
    assert file_name("../..\\x", "html") == "x.html"
    assert file_name("Wer gewann? 谁", "json") == "wer-gewann.json"
    assert file_name("谁", "json") == "conversation.json"
