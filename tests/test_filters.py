"""Which articles a search may return."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Filters, Index

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
    ids=str,
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


def test_no_filters_have_no_condition(tmp_path: Path) -> None:
    assert Filters().sql() == ("", ())
    condition, values = Filters(date(2020, 1, 1), date(2020, 1, 2), "a", "b").sql()
    assert values == ("2020-01-01", "2020-01-02", "a", "b")
    assert condition.count("?") == 4
