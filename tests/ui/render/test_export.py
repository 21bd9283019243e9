"""Conversations as files: sources numbered throughout, and nothing in them that a reader's program would run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from browser.scripted import CLAY, COST, DEPTH, FINAL, HOSTILE, SCRIPTS, turn_of

from rag import Said, Sentence
from rag.answer import Level
from ui.conversations.conversation import Stage, Turn
from ui.render.export import FORMATS, export, file_name, plain, written
from ui.render.history_list import download

TURNS = [turn_of("What does the bridge cost?", 1), turn_of("Who won the cup?", 2), turn_of("And why?", 3)]


def test_sources_are_numbered_throughout_and_the_same_one_has_one_number():
    made = export("The bridge", [*TURNS, turn_of("What does the bridge cost?", 4)])
    assert [source.quote for source in made.sources] == [COST, DEPTH, FINAL, CLAY]
    assert [[each.numbers for each in turn.sentences] for turn in made.turns] == [
        [(1,), (2,), (3,)],
        [],
        [(4,)],
        [(1,), (2,), (3,)],
    ]


def test_markdown():
    text = written(export("The bridge", [replace(TURNS[2], limits="source Courier"), TURNS[1]]), "md")
    assert text == (
        "# The bridge\n\n## And why?\n\nOnly articles source Courier.\n\n"
        f"“{CLAY}” [^1]\n\n## Who won the cup?\n\n"
        "The articles do not say who won the cup. None of them is about that.\n\n"
        f"## Sources\n\n[^1]: “{CLAY}” Bridge bill climbs to 587 million crowns as builders meet soft clay. "
        "Port Calder Courier, 14 March 2021, by Marit Oldacre, <https://courier.example/2021/03/14/bridge>\n"
    )


def test_html_has_links_to_its_sources():
    text = written(export("The bridge", TURNS), "html")
    assert "&lt;!doctype html&gt;" in download("the-bridge.html", text)  # as a file's text, not as part of the page
    assert '<a href="#source-4">[4]</a>' in text
    assert '<li id="source-4" dir="auto">' in text
    assert "<script" not in text
    assert 'href="https://courier.example/2021/03/14/bridge"' in text


def test_json_holds_everything_by_number():
    data = json.loads(written(export("The bridge", TURNS), "json"))
    assert data["title"] == "The bridge"
    assert [turn["stage"] for turn in data["turns"]] == ["answered", "refused", "answered"]
    assert [turn["outcome"] for turn in data["turns"]] == ["answered", "not covered", "answered"]
    assert data["turns"][1]["lead"] == "The articles do not say who won the cup. None of them is about that."
    assert data["turns"][2]["standalone"] == "What does the bridge cost? And why?"
    assert data["turns"][2]["leans_on"] == ["What does the bridge cost?"]
    assert data["turns"][2]["sentences"] == [{"text": CLAY, "as_of": None, "sources": [4], "level": "quoted"}]
    assert [source["number"] for source in data["sources"]] == [1, 2, 3, 4]
    assert data["sources"][3]["published"] == "2021-03-14"


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_hostile_stays_text(form: str):
    turn = turn_of("Is it safe?")
    citation = replace(turn.citations[0], title="](javascript:alert(1)) <b>", url="javascript:alert(1)")
    said = Said(Sentence("# One\n[x](javascript:alert(2)) <img src=x>", (1,), Level.SUPPORTED), (citation,))
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
    turn = replace(TURNS[2], said=(Said(Sentence("- 1. one", (), Level.SUPPORTED), ()),))
    assert "\n\\- 1. one\n" in written(export("x", [turn]), "md")
    turn = replace(TURNS[2], said=(Said(Sentence("1. one", (), Level.SUPPORTED), ()),))
    assert "\n1\\. one\n" in written(export("x", [turn]), "md")


def test_the_clipboard_gets_the_answer_with_its_sources():
    assert plain(TURNS[2]) == (
        f"And why?\n\n“{CLAY}” [1]\n\n[1] “{CLAY}” Bridge bill climbs to 587 million crowns as builders meet soft clay. "
        "Port Calder Courier, 14 March 2021, by Marit Oldacre, https://courier.example/2021/03/14/bridge"
    )
    assert plain(TURNS[1]) == "Who won the cup?\n\nThe articles do not say who won the cup. None of them is about that."
    assert plain(turn_of("hi")) == "hi\n\nHello. I answer questions from the 28 articles."


@pytest.mark.parametrize("question", SCRIPTS)
def test_the_clipboard_gets_the_very_text_of_the_answer_and_every_quotation(question: str):
    turn = turn_of(question)
    assert turn.answer is not None
    assert plain(turn).startswith(f"{question}\n\n{turn.answer.lead}")
    for sentence in turn.answer.sentences:
        text = f"“{sentence.text}”" if sentence.level is Level.QUOTED else f"\n{sentence.text}"
        assert f"{text} [{sentence.markers[0]}]" in plain(turn).replace("] ", "]\n")
    for citation in turn.citations:
        assert f"\n[{citation.marker}] “{citation.quote}” {citation.title}." in plain(turn)


def test_a_list_with_days_is_a_list_in_every_file():
    made = export("x", [turn_of("What happened to the bridge?")])
    lead = "The reports differ; the latest comes first."
    points = f"- *As of 14 March 2021:* “{COST}” [^1]\n- *As of 7 September 2025:* “{FINAL}” [^2]\n"
    assert f"\n{lead}\n\n{points}\n## Sources" in written(made, "md")
    assert f'<p dir="auto">{lead}</p><ul><li dir="auto"><span class="note">As of 14 March 2021:</span> “{COST}” ' in (
        written(made, "html")
    )
    (turn,) = json.loads(written(made, "json"))["turns"]
    assert (turn["lead"], turn["sentences"][1]["text"]) == (lead, FINAL)
    assert turn["sentences"][1]["as_of"] == "2025-09-07"


@pytest.mark.parametrize("form", FORMATS)
def test_a_refusal_is_reported_once_with_what_the_articles_do_say(form: str):
    text = written(export("x", [turn_of("When does the ferry sail?")]), form).replace("\\", "")
    assert text.count("do not give an answer") == 1
    assert text.index("They say:") < text.index(FINAL)


def test_what_has_no_answer_says_why():
    turns = [Turn(1, "One?", Stage.STOPPED), Turn(2, "Two?", Stage.FAILED, problem="The model is gone.")]
    text = written(export("x", turns), "md")
    assert "*The answer was stopped here.*" in text
    assert "*The model is gone.*" in text


def test_file_names_are_plain():
    assert file_name("How many people… died?", "md") == "how-many-people-died.md"
    assert file_name("../..\\x", "html") == "x.html"
    assert file_name("Wer gewann? 谁", "json") == "wer-gewann.json"
    assert file_name("谁", "json") == "conversation.json"
