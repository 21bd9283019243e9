"""From a question to passages: second look, parts, periods."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Filters, Index
from rag.relevance import FEATURES, Model
from rag.retrieval import PERIOD_BONUS, SCORE_WEIGHT, plain, rank_for_parts, retrieve

COVERAGE = Model("hash@1", -3.0, dict.fromkeys(FEATURES, 0.0) | {"coverage": 6.0}, 0.2)

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


def names(hits: list) -> list[str]:
    return [Path(hit.article.uri).name for hit in hits]


def test_the_second_look_puts_the_passage_with_the_best_sentence_first(archive: Index) -> None:
    assert SCORE_WEIGHT > 0
    assert names(retrieve(archive, "Who said the bridge is too low?", COVERAGE, top_k=2))[0] == "lorne.md"


def test_each_part_of_a_question_gets_its_passage(archive: Index) -> None:
    found = retrieve(archive, "What was said by both Hedda Lorne and the mayor about the bridge?", COVERAGE, top_k=2)
    assert names(found)[0] == "lorne.md"
    assert names(found)[1].startswith("mayor")


def test_sentences_of_each_part_come_in_turn(archive: Index) -> None:
    question = "How many sheep were counted, and who said the bridge is too low?"
    hits = retrieve(archive, question, COVERAGE, top_k=4)
    best = [candidate.text for candidate in rank_for_parts(archive, question, hits, COVERAGE)[:2]]
    assert best == ["Sheep were counted on the fell.", "Hedda Lorne said the bridge is too low."]


@pytest.mark.parametrize(
    ("when", "first"), [("in March 2021", "mayor-1.md"), ("in May 2023", "mayor-2.md"), ("last month", "mayor-2.md")]
)
def test_the_period_asked_about_settles_a_tie(archive: Index, when: str, first: str) -> None:
    assert PERIOD_BONUS > 0
    question = f"What did the mayor say about the bridge {when}?"
    assert names(retrieve(archive, question, COVERAGE, top_k=3, today=date(2023, 5, 20)))[0] == first


def test_an_article_gives_way_to_others_where_several_things_are_asked(tmp_path: Path, embedder: HashEmbedder) -> None:
    # Three long passages of one article and two other articles, all with the words of both parts.
    # Else in words of their own: copies of one story would count once.
    words = {name: " ".join(f"{name}{n}" for n in range(100)) for name in ("long", "other", "third")}
    rows = {"long": "\n\n".join(f"Lee and Roake spoke. {words['long']}" for _ in range(3))}
    rows |= {name: f"Lee and Roake spoke of it. {words[name]}" for name in ("other", "third")}
    for name, text in rows.items():
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: Lee\n---\n{text}")
    index = Index.create(tmp_path / "archive", embedder=embedder)
    index.update([tmp_path / f"{name}.md" for name in rows])
    found = names(retrieve(index, "Did Lee speak? Did Roake speak?", COVERAGE, top_k=4))
    assert len(set(found)) == 3
    index.close()


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


def test_filters_are_hard(archive: Index) -> None:
    found = retrieve(archive, "mayor bridge", COVERAGE, top_k=4, filters=Filters(after=date(2023, 1, 1)))
    assert names(found) == ["mayor-2.md"]


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("WHO SAID THE BRIDGE IS TOO LOW?", "who said the bridge is too low"),
        ('"who" said* the bridge^ is too low', "who said the bridge is too low"),
        ("who said (the bridge) is:too low", "who said the bridge is too low"),
    ],
)
def test_odd_questions_find_what_the_plain_words_find(archive: Index, odd: str, plain: str) -> None:
    found, expected = (retrieve(archive, q, COVERAGE, top_k=4) for q in (odd, plain))
    assert [(h.article.uri, h.score) for h in found] == [(h.article.uri, h.score) for h in expected]
    assert len(found) == 4


@pytest.mark.parametrize("odd", ["?!…", "NEAR(", "AND", '"', "sheep", "桥多少钱", "the bridge " * 100])
def test_no_question_is_an_error(archive: Index, odd: str) -> None:
    assert len(retrieve(archive, odd, COVERAGE, top_k=4)) == 4


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
    found = names(retrieve(index, question, COVERAGE, top_k=3))
    assert sorted(name.partition("-")[0] for name in found) == ["count.txt", "lorne.txt", "stuffed"]
