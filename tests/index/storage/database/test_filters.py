"""Which articles a search may return."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from standins import HashEmbedder

from index import Article, Chunk, Filters, Index, Weights
from index.errors import WrongUse
from index.search.search import search
from index.search.snapshot import Derived, Searchable
from index.storage.revisions import Revision, article_row, chunk_rows
from index.storage.store import Store

ARTICLES = {
    "old": {"date": "1999-12-31", "source": "Reuters", "author": "Ann Smith"},
    "march": {"date": "2021-03-14", "source": "Port Calder Courier", "author": "Marit Oldacre"},
    "april": {"date": "2021-04-01", "source": "COURIER of the North", "author": "Bo"},
    "evening": {"date": "2021-04-02", "source": "Édition du Soir", "author": "Özil Ünal"},
    "undated": {"source": "Reuters"},
    "unsigned": {"date": "2024-02-29"},
}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("filters")
    rows = [
        {"id": name, "title": name, "text": f"Report on rain, number {n}, from the {name} desk."} | facts
        for n, (name, facts) in enumerate(ARTICLES.items())
    ]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    index = Index.create(folder / "index", embedder=HashEmbedder())
    report = index.update([folder / "a.jsonl"])
    assert len(report.added) == 6
    yield index
    index.close()


def found(index: Index, filters: Filters, question: str = "rain") -> set[str]:
    return {hit.article.uri.partition("#")[2] for hit in index.search(question, top_k=10, filters=filters)}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), set(ARTICLES)),
        (Filters(after=date(2021, 3, 14)), {"march", "april", "evening", "unsigned"}),
        (Filters(after=date(2021, 3, 15)), {"april", "evening", "unsigned"}),
        (Filters(before=date(2021, 3, 14)), {"old", "march"}),
        (Filters(before=date(2021, 3, 13)), {"old"}),
        (Filters(after=date(2021, 4, 1), before=date(2021, 4, 1)), {"april"}),
        (Filters(after=date(2022, 1, 1), before=date(2021, 1, 1)), set()),
        (Filters(source="Reuters"), {"old", "undated"}),
        (Filters(source="courier"), {"march", "april"}),
        (Filters(source="PORT CALDER"), {"march"}),
        (Filters(source="édition"), {"evening"}),
        (Filters(source="ÉDITION DU SOIR"), {"evening"}),
        (Filters(source="%"), set()),
        (Filters(source="' OR 1=1 --"), set()),
        (Filters(source=""), set(ARTICLES)),
        (Filters(author="marit"), {"march"}),
        (Filters(author="özil ü"), {"evening"}),
        (Filters(author="o", source="courier"), {"march", "april"}),
        (Filters(author="o", source="courier", after=date(2021, 3, 20)), {"april"}),
    ],
    ids=lambda value: str(value) if isinstance(value, Filters) else " ".join(sorted(value)),
)
def test_search_returns_all_that_pass_and_nothing_else(dated: Index, filters: Filters, names: set[str]) -> None:
    assert found(dated, filters) == names
    # With words of one article alone, vectors and full text would bring in others.
    assert found(dated, filters, "march april evening old undated unsigned desk") == names


def test_filters_leave_the_scores_alone(dated: Index) -> None:
    question = "rain from the march desk"
    best = dated.search(question, top_k=1)[0]
    filtered = dated.search(question, top_k=1, filters=Filters(author="Marit"))[0]
    assert best.article.title == "march"
    assert filtered == best


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        (Filters(), ""),
        (Filters(after=date(2020, 1, 1)), "published from 2020-01-01"),
        (Filters(before=date(2020, 1, 31), author="Ann"), "published until 2020-01-31, author Ann"),
        (Filters(after=date(2020, 1, 1), source="Reuters"), "published from 2020-01-01, source Reuters"),
    ],
)
def test_filters_describe_themselves(filters: Filters, text: str) -> None:
    assert str(filters) == text


SOURCES = ["Reuters", "Port Calder Courier", "Northline", None]
AUTHORS = ["Ann Smith", "Marit Oldacre", "Özil Ünal", None]
FIRST_DAY = date(2020, 1, 1)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Searchable, list[Article], np.ndarray]]:
    """20,000 articles of one sentence each, with random vectors of 16 dimensions, as an index stores them."""
    chance = random.Random(0)
    store = Store.create(tmp_path_factory.mktemp("many"), embedder="random@1", dimension=16)
    vectors = np.random.default_rng(0).normal(size=(20_000, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    articles = [
        Article(
            uri=f"/a#{n}",
            title=f"Report {n}",
            text=f"Report {n} came.",
            source=chance.choice(SOURCES),
            author=chance.choice(AUTHORS),
            published=chance.choice([None, *(FIRST_DAY + timedelta(chance.randrange(1500)) for _ in range(9))]),
        )
        for n in range(20_000)
    ]
    with store.transaction():
        store.vectors.put({str(n): np.stack([vector, vector]) for n, vector in enumerate(vectors)})
        for n, article in enumerate(articles):
            span = (0, len(article.text))
            chunk = Chunk(article.id, 0, *span, (span,))
            store.put_revision(Revision(article_row(article, "/a"), chunk_rows([chunk], [str(n)])))
        store.next_version("test")
    with store.transaction(write=False):
        derived = Derived().load(store)
    yield store, derived, articles, vectors.astype(np.float32)
    store.close()


@pytest.mark.parametrize("seed", range(12))
def test_filters_are_exact_on_twenty_thousand_articles(
    many: tuple[Store, Searchable, list[Article], np.ndarray], seed: int
) -> None:
    store, derived, articles, vectors = many
    chance = random.Random(seed)
    start = FIRST_DAY + timedelta(chance.randrange(1500))
    filters = Filters(
        after=chance.choice([None, start]),
        before=chance.choice([None, start + timedelta(chance.choice([0, 30, 400]))]),
        source=chance.choice([None, "o", "REUTERS", "nobody"]),
        author=chance.choice([None, "ö", "marit"]),
    )
    question = vectors[seed] + 0.1
    question /= np.linalg.norm(question)
    with store.transaction(write=False):
        hits = search(store, derived, "zzz", question, top_k=10, filters=filters, weights=Weights(), is_word=bool)
    allowed = [n for n, article in enumerate(articles) if passes(article, filters)]
    best = sorted(allowed, key=lambda n: -float(vectors[n] @ question))[:10]
    assert [hit.article.title for hit in hits] == [f"Report {n}" for n in best]


def passes(article: Article, filters: Filters) -> bool:
    """The four rules, written down a second time."""
    if filters.after and (article.published is None or article.published < filters.after):
        return False
    if filters.before and (article.published is None or article.published > filters.before):
        return False
    if filters.source and filters.source.casefold() not in (article.source or "").casefold():
        return False
    return not filters.author or filters.author.casefold() in (article.author or "").casefold()


def test_as_many_hits_come_back_as_were_asked_for_and_pass(
    many: tuple[Store, Searchable, list[Article], np.ndarray],
) -> None:
    store, derived, articles, vectors = many
    filters = Filters(source="Northline", before=date(2021, 1, 1))
    count = sum(passes(article, filters) for article in articles)
    assert 700 < count < 1500
    with store.transaction(write=False):
        for top_k, expected in ((count - 1, count - 1), (count + 1, count)):
            hits = search(
                store, derived, "zzz", vectors[0], top_k=top_k, filters=filters, weights=Weights(), is_word=bool
            )
            assert len({hit.article.id for hit in hits}) == len(hits) == expected


def test_no_filters_have_no_condition(tmp_path: Path) -> None:
    assert Filters().sql() == ("", ())
    condition, values = Filters(date(2020, 1, 1), date(2020, 1, 2), "a", "b").sql()
    assert values == ("2020-01-01", "2020-01-02", "a", "b")
    assert condition.count("?") == 4


def test_a_moment_stands_for_its_day_and_a_name_may_be_written_otherwise(dated: Index) -> None:
    noon = datetime(2021, 3, 14, 12)
    assert found(dated, Filters(after=noon, before=noon)) == {"march"}
    assert found(dated, Filters(author=unicodedata.normalize("NFD", " özil\tünal "))) == {"evening"}
    assert Filters(source=" ", author="") == Filters()


@pytest.mark.parametrize("limit", [{"after": "2021-03-14"}, {"before": 2021}, {"source": 5}, {"author": ["Bo"]}])
def test_what_is_no_limit_is_wrong_use(limit: dict[str, Any]) -> None:
    with pytest.raises(WrongUse, match=f"The limit '{next(iter(limit))}' takes a "):
        Filters(**limit)


def test_less_than_nothing_cannot_be_asked_for(dated: Index) -> None:
    with pytest.raises(WrongUse, match="-1 passages"):
        dated.search("rain", top_k=-1)
