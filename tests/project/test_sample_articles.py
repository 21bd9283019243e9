"""The articles that come with the program, and the questions about them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reading import read_file

import index
from index.article import Article
from index.formats.registry import find_files
from rag.evaluation import contains

FOLDER = Path(index.__file__).parent / "sample_articles"
FILES = find_files([FOLDER])
ROWS: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()]
QUESTIONS = [row for row in ROWS if "answers" in row]
NUGGETS = [row for row in ROWS if "nuggets" in row]
DIALOGUES: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "dialogues.jsonl").read_text("utf-8").splitlines()
]
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]
UNANSWERABLE = [question for question in QUESTIONS if not question["answerable"]]


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    """Every article by the end of its uri, as `article_id` names it."""
    return {a.uri.rpartition("/")[2]: a for file in FILES for a in read_file(file).articles}


def asked(question: dict[str, Any]) -> str:
    return str(question["question"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_sample_reads_with_its_facts_and_says_that_it_is_invented(file: Path) -> None:
    reading = read_file(file)
    assert reading.failures == ()
    assert reading.articles
    for article in reading.articles:
        assert 10 <= len(article.title) <= 120
        if file.suffix != ".txt":
            assert article.published is not None
            assert date(2015, 1, 1) < article.published < date(2026, 1, 1)
            assert article.author and article.source
        assert len(article.text.split()) >= 90
    content = file.read_text("utf-8")
    rows = content.splitlines() if file.suffix == ".jsonl" else [content]
    assert all("invented article" in row.lower() for row in rows)


def test_plain_text_says_of_itself_only_what_stands_in_it(articles: dict[str, Article]) -> None:
    plain = {name: (a.author, a.source, a.published) for name, a in articles.items() if name.endswith(".txt")}
    assert plain == {
        "2021-10-05-arle-inquiry-opens.txt": (None, None, date(2021, 10, 5)),  # by its name
        "2022-06-09-grey-fell-court-halts-mine.txt": ("Nadia Ferrow", None, date(2022, 6, 9)),
    }


def test_file_names_begin_with_the_date_of_publication(articles: dict[str, Article]) -> None:
    named = {name: article for name, article in articles.items() if "#" not in name and article.published}
    assert len(named) >= 16
    assert {name: name[:10] for name in named} == {name: str(article.published) for name, article in named.items()}


def test_there_are_enough_samples_of_every_format(articles: dict[str, Article]) -> None:
    assert len(articles) >= 16
    assert {file.suffix for file in FILES} == {".md", ".txt", ".html", ".jsonl"}
    assert any(article.comments for article in articles.values())
    assert len({article.title for article in articles.values()}) == len(articles)


def test_questions_are_no_article(articles: dict[str, Article]) -> None:
    assert (FOLDER / "questions.jsonl").is_file()
    assert not [file for file in FILES if file.name == "questions.jsonl"]
    assert not [name for name in articles if name.startswith("questions")]


@pytest.mark.parametrize("question", ANSWERABLE, ids=asked)
def test_an_answerable_question_has_its_answer_in_the_reporting(
    question: dict[str, Any], articles: dict[str, Article]
) -> None:
    assert question["answers"]
    wanted = question["article_id"]
    if wanted is None:
        assert any(contains(article.text, question["answers"]) for article in articles.values())
    else:
        assert contains(articles[wanted].text, question["answers"])


@pytest.mark.parametrize("question", UNANSWERABLE, ids=asked)
def test_an_unanswerable_question_accepts_no_answer_and_says_why(question: dict[str, Any]) -> None:
    assert question["answers"] == []
    assert question["article_id"] is None
    assert question["note"]


def test_there_are_enough_questions_of_every_kind() -> None:
    assert len(QUESTIONS) >= 40
    assert len(UNANSWERABLE) * 3 >= len(QUESTIONS)
    assert len(ANSWERABLE) * 3 >= len(QUESTIONS)
    followups = [question for question in QUESTIONS if question.get("history")]
    assert len(followups) >= 5
    assert {question["answerable"] for question in followups} == {True, False}
    assert len({(asked(q), *q.get("history", ())) for q in QUESTIONS}) == len(QUESTIONS)


def test_questions_have_the_fields_that_an_evaluation_reads() -> None:
    known = {"question", "answers", "answerable", "article_id", "history", "note"}
    for question in QUESTIONS:
        assert {"question", "answers", "answerable"} <= set(question) <= known
        assert asked(question).endswith("?")
        assert all(isinstance(turn, str) and turn for turn in question.get("history", ()))


def test_there_are_questions_with_nuggets_of_every_kind() -> None:
    kinds = Counter(row["kind"] for row in NUGGETS)
    asked_for = "fact number_or_date who_is why how yesno overview summary timeline latest list compare quote".split()
    assert all(kinds[kind] >= 5 for kind in [*asked_for, "absent", "nearmiss", "false_premise"])
    assert len({row["id"] for row in NUGGETS}) == len(NUGGETS) == 100
    assert len(ROWS) == len(QUESTIONS) + len(NUGGETS)


@pytest.mark.parametrize("row", NUGGETS, ids=asked)
def test_every_nugget_stands_in_an_article_that_is_named(row: dict[str, Any], articles: dict[str, Article]) -> None:
    texts = [f"{articles[name].title} {articles[name].text}" for name in row["articles"]]
    for nugget in row["nuggets"]:
        assert any(any(string.lower() in text.lower() for string in nugget["any"]) for text in texts), nugget


def test_conversations_change_their_subject_and_go_on() -> None:
    turns = [turn for dialogue in DIALOGUES for turn in dialogue["turns"]]
    assert len(DIALOGUES) == 16
    assert sum(turn["follow_up"] for turn in turns) >= 20
    assert {"smalltalk", "meta", "command"} <= {turn["kind"] for turn in turns}
