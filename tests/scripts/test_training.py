"""The reader's training examples: right labels, and nothing that is evaluated."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from standins import HashEmbedder

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
sys.path[:0] = [str(ROOT / "scripts" / "train")]

import examples  # noqa: E402
from altering import negated, opposite  # noqa: E402

from rag.evaluation import contains  # noqa: E402

BRIDGE = "The  bridge cost 587 million crowns. Marit Oldacre designed it. Hedda Lorne paid for the paint."
FERRY = "The ferry is blue. It sails twice a day to Norrick, and 40 people fit on it."


def answer(context: str, text: str) -> dict[str, object]:
    return {"text": text, "answer_start": context.index(text)}


@pytest.fixture
def made(tmp_path: Path) -> dict[str, list[examples.Example]]:
    """Examples of two small articles, by kind."""
    rows = [
        ("What did the bridge cost?", [answer(BRIDGE, "587 million crowns")], False),
        ("Who designed what Hedda Lorne had painted?", [answer(BRIDGE, "Marit Oldacre")], False),
        ("Who designed the ferry?", [], True),
    ]
    questions = [{"question": q, "answers": a, "is_impossible": i} for q, a, i in rows]
    ferry = [{"question": "How often does the ferry sail?", "answers": [answer(FERRY, "twice a day")]}]
    data = [
        {"title": "The_Bridge", "paragraphs": [{"context": BRIDGE, "qas": questions}]},
        {"title": "The_Ferry", "paragraphs": [{"context": FERRY, "qas": ferry}]},
    ]
    (tmp_path / "some.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    texts, read = examples._read(tmp_path)
    found = examples._examples(texts, read, HashEmbedder(), random.Random(1))
    return {kind: [e for e in found if e.kind == kind] for kind in {e.kind for e in found}}


def test_answers_stand_where_they_are_said_to(made: dict[str, list[examples.Example]]) -> None:
    found = {e.question: [e.text[a:b] for a, b in e.answers] for e in made["gold"]}
    assert found == {
        "What did the bridge cost?": ["587 million crowns"],
        "Who designed what Hedda Lorne had painted?": ["Marit Oldacre"],
        "How often does the ferry sail?": ["twice a day"],
    }
    assert {e.title for e in made["gold"]} == {"The Bridge", "The Ferry"}


def test_sentences_are_spans_of_the_passage(made: dict[str, list[examples.Example]]) -> None:
    cost = next(e for e in made["gold"] if "cost" in e.question)
    assert [cost.text[a:b] for a, b in cost.sentences] == [
        "The bridge cost 587 million crowns.",
        "Marit Oldacre designed it.",
        "Hedda Lorne paid for the paint.",
    ]
    removed = next(e for e in made["removed"] if "cost" in e.question)
    assert [removed.text[a:b] for a, b in removed.sentences] == [
        "Marit Oldacre designed it.",
        "Hedda Lorne paid for the paint.",
    ]


def test_what_holds_no_answer_holds_none(made: dict[str, list[examples.Example]]) -> None:
    accepted = {e.question: [e.text[a:b] for a, b in e.answers] for e in made["gold"]}
    for kind in ("removed", "retrieved"):
        assert made[kind]
        assert not any(contains(e.text, accepted[e.question]) for e in made[kind])
        assert all(e.answers == () for e in made[kind])
    assert [e.question for e in made["unanswerable"]] == ["Who designed the ferry?"]
    assert made["unanswerable"][0].answers == ()


def test_a_swapped_name_is_another_one_of_the_passage(made: dict[str, list[examples.Example]]) -> None:
    (swapped,) = made["swapped"]
    name = swapped.question.removeprefix("Who designed what ").removesuffix(" had painted?")
    assert name != "Hedda Lorne"
    assert name in swapped.text
    assert name != "Marit Oldacre", "the answer itself is no wrong name"


def test_an_exchanged_name_is_another_one_of_the_article(made: dict[str, list[examples.Example]]) -> None:
    questions = {e.question for e in made["exchanged"]}
    assert questions
    for question in questions:
        name = question.removeprefix("Who designed what ").removesuffix(" had painted?")
        assert name not in ("Hedda Lorne", "Marit Oldacre")
        assert name in BRIDGE


@pytest.mark.parametrize(
    ("question", "turned"),
    [
        ("Who built the largest bridge?", {"Who demolished the largest bridge?", "Who built the smallest bridge?"}),
        ("What happened before 1990?", {"What happened after 1990?"}),
        ("Who designed the ferry?", {None}),
    ],
)
def test_a_word_becomes_its_opposite(question: str, turned: set[str | None]) -> None:
    assert {opposite(question, random.Random(seed)) for seed in range(20)} == turned


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("Who was given the prize?", "Who was not given the prize?"),
        ("What can it hold, and what did it cost?", "What can it hold, and what did not it cost?"),
        ("Who never was there?", None),
        ("Who built it?", None),
    ],
)
def test_a_question_is_denied_once(question: str, denied: str | None) -> None:
    assert negated(question) == denied


@pytest.mark.skipif(not SHARED.is_dir(), reason="the training data is not here")
def test_no_evaluated_article_is_trained_on() -> None:
    """Neither by title nor by text: no paragraph-long piece of an evaluated article occurs in the training articles."""
    with (SHARED / "squad_open" / "questions.jsonl").open(encoding="utf-8") as file:
        evaluated = {row["article_id"] for row in map(json.loads, file)}
    with (SHARED / "squad_open" / "articles.jsonl").open(encoding="utf-8") as file:
        articles = [row for row in map(json.loads, file) if row["id"] in evaluated]
    assert len(articles) == len(evaluated) > 0
    texts, questions = examples._read(SHARED / "train")
    assert questions
    assert not {row["title"] for row in articles} & texts.keys()
    everything = " ".join(" ".join(text.split()) for text in texts.values())
    for row in articles:
        plain = " ".join(row["text"].split())
        assert not any(plain[at : at + 200] in everything for at in range(0, len(plain) - 200, 1000)), row["title"]
