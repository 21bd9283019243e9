"""Questions that need passages of several articles: what is found covers every part that was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from index import Filters, Hit, Index
from rag import Chatbot
from rag.evaluation import contains

QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parents[2] / "data" / "several.jsonl").read_text("utf-8").splitlines()
]
TOP_K = 5

Finder = Callable[[str], list[Hit]]


def half(name: str) -> list[dict[str, Any]]:
    return [row for row in QUESTIONS if row["half"] == name]


def covered(row: dict[str, Any], hits: list[Hit]) -> bool:
    """Whether each part is answered by a passage, of the right article where one is named."""
    return all(
        any(contains(hit.text, answers) and (name is None or hit.article.uri.endswith(f"/{name}")) for hit in hits)
        for answers, name in zip(row["parts"], row["article_ids"], strict=True)
    )


@pytest.fixture(scope="module")
def find(samples: Index) -> Finder:
    chatbot = Chatbot(samples, None)
    return lambda question: chatbot.search(question, top_k=TOP_K)


def test_the_questions_are_well_formed(articles_folder: Path) -> None:
    assert [len(half(name)) for name in ("reported", "development")] == [24, 24]
    assert len({row["question"] for row in QUESTIONS}) == len(QUESTIONS)
    for row in QUESTIONS:
        assert len(row["parts"]) == len(row["article_ids"]) >= 2, row["question"]
        assert all(row["parts"]), row["question"]


@pytest.mark.models
def test_every_part_stands_in_the_articles(samples: Index) -> None:
    texts = [article.text for article in samples.articles()]
    for row in QUESTIONS:
        for answer in (answer for answers in row["parts"] for answer in answers):
            assert any(contains(text, [answer]) for text in texts), answer


@pytest.mark.models
@pytest.mark.parametrize(("name", "floor", "articles"), [("reported", 15, 3.0), ("development", 15, 3.0)])
def test_what_is_found_covers_every_part(find: Finder, name: str, floor: int, articles: float) -> None:
    found = [(row, find(row["question"])) for row in half(name)]
    missed = [row["question"] for row, hits in found if not covered(row, hits)]
    assert len(found) - len(missed) >= floor, missed
    assert mean(len({hit.chunk.article_id for hit in hits}) for _, hits in found) >= articles


@pytest.mark.models
def test_filters_are_hard_for_every_part(samples: Index) -> None:
    question = "How did the estimate of the cost of the bridge change between 2019 and 2023?"
    hits = Chatbot(samples, None).search(question, top_k=TOP_K, filters=Filters(after=date(2023, 1, 1)))
    assert len(hits) == TOP_K
    assert all(hit.article.published and hit.article.published >= date(2023, 1, 1) for hit in hits)
