"""From a question to passages: second look, periods, sides of a comparison, room for several articles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from standins import HashEmbedder

from index import Filters, Hit, Index
from rag.question.kinds import FORMS, Kind
from rag.question.period import period
from rag.question.question import Question
from rag.retrieval.passages import PERIOD_BONUS, SCORE_WEIGHT, find_passages, plain, sides, subject
from rag.retrieval.scoring import Model

COVERAGE = Model("hash@1", -3.0, {"coverage": 6.0}, {})

ARTICLES = {
    "mayor-1.md": "---\ntitle: Mayor on the bridge\ndate: 2021-03-01\n---\nThe mayor said the bridge is too dear.",
    "mayor-2.md": "---\ntitle: Mayor again\ndate: 2023-05-01\n---\nThe mayor said the bridge is too dear.",
    "lorne.md": "---\ntitle: Lorne on the bridge\ndate: 2021-03-02\n---\nHedda Lorne said the bridge is too low.",
    "sheep.md": "---\ntitle: Sheep\ndate: 2021-03-03\n---\nSheep were counted on the fell. Nobody spoke.",
}


@pytest.fixture
def archive(tmp_path: Path, embedder: HashEmbedder) -> Index:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text)
    index = Index.create(tmp_path / "archive", embedder=embedder)
    index.update([folder])
    return index


def found(index: Index, question: str, top_k: int, kind: Kind = Kind.FACT, **options: Any) -> list[Hit]:
    """The passages for a question of that kind, asked in May 2023."""
    asked = Question(question, kind, period=period(question, date(2023, 5, 20)))
    return find_passages(index, asked, COVERAGE, top_k=top_k, **options)


def names(hits: list[Hit]) -> list[str]:
    return [Path(hit.article.uri).name for hit in hits]


def test_the_second_look_puts_the_passage_with_the_best_sentence_first(archive: Index) -> None:
    assert SCORE_WEIGHT > 0
    assert names(found(archive, "Who said the bridge is too low?", 2))[0] == "lorne.md"


def test_each_side_of_a_comparison_gets_its_passage(archive: Index) -> None:
    question = "Sheep versus the mayor said the bridge is too dear"
    assert names(found(archive, question, 2, Kind.COMPARISON)) == ["mayor-1.md", "sheep.md"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Compare the ferry with the bridge", ["compare the ferry?", "the bridge?"]),
        ("ferry vs. bridge", ["ferry?", "bridge?"]),
        ("Did Lee and Roake say more than Pell and Ostrow?", ["did lee and roake say more?", "pell and ostrow?"]),
        ("Which is longer, the ferry or the bridge?", ["which is longer the ferry?", "the bridge?"]),
        ("the ferry compared with the bridge", ["the ferry?", "the bridge?"]),
        ("the ferry, and compared to the bridge", ["the ferry?", "the bridge?"]),
        ("Compare both bridges", []),
        ("and the ferry", []),
        ("", []),
    ],
)
def test_sides_of_a_comparison(question: str, expected: list[str]) -> None:
    assert sides(Question(question, Kind.COMPARISON)) == expected
    assert sides(Question(question, Kind.FACT)) == []


@pytest.mark.parametrize(
    ("when", "first"), [("in March 2021", "mayor-1.md"), ("in May 2023", "mayor-2.md"), ("last month", "mayor-2.md")]
)
def test_the_period_asked_about_settles_a_tie(archive: Index, when: str, first: str) -> None:
    assert PERIOD_BONUS > 0
    question = f"What did the mayor say about the bridge {when}?"
    assert names(found(archive, question, 3))[0] == first


@pytest.mark.parametrize("kind", FORMS)
def test_an_article_gives_way_to_others_where_points_of_several_are_wanted(
    tmp_path: Path, embedder: HashEmbedder, kind: Kind
) -> None:
    # Three long passages of one article and two other articles that hold fewer of the words.
    # Else in words of their own: copies of one story would count once.
    words = {name: " ".join(f"{name}{n}" for n in range(100)) for name in ("long", "other", "third")}
    rows = {"long": "\n\n".join(f"Lee and Roake spoke on day {n}. {words['long']}" for n in range(3))}
    rows |= {name: f"Lee spoke of it in {name}. {words[name]}" for name in ("other", "third")}
    for name, text in rows.items():
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: {name}\n---\n{text}")
    index = Index.create(tmp_path / "archive", embedder=embedder)
    index.update([tmp_path / f"{name}.md" for name in rows])
    best = names(found(index, "Lee Roake spoke", 4, kind))
    index.close()
    assert best[0] == "long.md"
    assert len(set(best)) == (3 if FORMS[kind].points else 2)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who WON, in “Arle”?!", "who won in arle?"),
        ("1,907 votes or 3.5 (run-off) for O’Hara's U.S. list", "1,907 votes or 3.5 run-off for o’hara's u.s list?"),
        ("title:mayor -bridge^ *x* a_b", "title mayor bridge x a b?"),
        ("?!", "?!"),
    ],
)
def test_what_is_searched_for(question: str, words: str) -> None:
    assert plain(question) == words


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("TLDR: article on the ferry", Kind.SUMMARY, "on the ferry"),
        ("gist of the story", Kind.SUMMARY, "of the"),
        ("summary, please", Kind.SUMMARY, "please"),
        ("tldr article", Kind.SUMMARY, "tldr article"),
        ("what does the article say about the overview", Kind.FACT, "what does the article say about the overview"),
    ],
)
def test_a_request_for_a_summary_is_not_searched_for(typed: str, kind: Kind, words: str) -> None:
    assert subject(Question(typed, kind)) == words


def test_filters_are_hard(archive: Index) -> None:
    limits = Filters(after=date(2023, 1, 1))
    assert names(found(archive, "mayor bridge", 4, filters=limits)) == ["mayor-2.md"]
    assert names(found(archive, "the mayor and the sheep", 4, Kind.COMPARISON, filters=limits)) == ["mayor-2.md"]


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("WHO SAID THE BRIDGE IS TOO LOW?", "who said the bridge is too low"),
        ('"who" said* the bridge^ is too low', "who said the bridge is too low"),
        ("who said (the bridge) is:too low", "who said the bridge is too low"),
    ],
)
def test_odd_questions_find_what_the_plain_words_find(archive: Index, odd: str, plain: str) -> None:
    best, expected = (found(archive, q, 4) for q in (odd, plain))
    assert [(h.article.uri, h.score) for h in best] == [(h.article.uri, h.score) for h in expected]
    assert len(best) == 4


@pytest.mark.parametrize("odd", ["?!…", "NEAR(", "AND", '"', "sheep", "桥多少钱", "the bridge " * 100])
def test_no_question_is_an_error(archive: Index, odd: str) -> None:
    assert len(found(archive, odd, 4)) == 4


def test_one_claim_in_many_articles_takes_one_place(tmp_path: Path, embedder: HashEmbedder) -> None:
    folder = tmp_path / "stuffed"
    folder.mkdir()
    question = "Who said the bridge is too low?"
    fillers = ("Hens laid brown eggs", "Rain fell on roofs", "Boats lay at anchor", "Clouds hid every hill")
    for number, filler in enumerate(fillers):
        said = f"Old Pell said the bridge is too low. {filler}. {question} "
        (folder / f"stuffed-{number}.txt").write_text(f"{question} {filler} too.\n\n{said * 3}")
    (folder / "lorne.txt").write_text("Lorne on the bridge\n\nHedda Lorne said the bridge is too low by far.")
    (folder / "count.txt").write_text("Bridge counted\n\nOld Pell said the bridge is 9 metres too low.")
    index = Index.create(tmp_path / "index", embedder=embedder)
    index.update([folder])
    best = names(found(index, question, 3))
    index.close()
    assert sorted(name.partition("-")[0] for name in best) == ["count.txt", "lorne.txt", "stuffed"]


def test_what_a_follow_up_leans_on_is_searched_for_with_it(archive: Index, embedder: HashEmbedder) -> None:
    asked = Question("And the sheep?", leans_on=("What did Hedda Lorne say?",))
    assert sorted(names(find_passages(archive, asked, COVERAGE, top_k=2))) == ["lorne.md", "sheep.md"]
    assert embedder.questions == ["what did hedda lorne say and the sheep?"]
