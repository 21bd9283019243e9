"""Small talk, and questions about the archive itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Filters, Index
from rag.answering.talk import about_archive, talk
from rag.question.kinds import Kind
from rag.question.period import period
from rag.question.question import Question

CAN = "I answer questions from the 4 articles in this archive, each sentence with its source."
EMPTY = "There is nothing to search: no article has been added yet."
ALL = "There are 4 articles, from 2021-03-14 to 2025-04-03."


@pytest.mark.parametrize(
    ("typed", "opening"),
    [
        ("hi", "Hello. "),
        ("Hello there!", "Hello. "),
        ("thanks a lot", "You are welcome. "),
        ("ok, bye", "Goodbye. "),
        ("thanks, bye!", "Goodbye. "),
        ("what can you do?", ""),
        ("?", ""),
    ],
)
def test_talk_is_met_in_kind_and_says_what_can_be_asked(index: Index, typed: str, opening: str) -> None:
    assert talk(Question(typed, Kind.TALK), index).startswith(f"{opening}{CAN}")


def about(index: Index, typed: str, **limits: date | str) -> str:
    asked = Question(typed, Kind.ARCHIVE, period=period(typed, date(2025, 4, 10)))
    return about_archive(asked, index, Filters(**limits))


@pytest.mark.parametrize(
    "typed", ["How many articles do you have?", "what's in the archive", "Which papers are covered?"]
)
def test_the_archive_in_numbers_days_papers_and_titles(index: Index, typed: str) -> None:
    papers = "They are from Port Calder Courier (1), Sandover Gazette (1), The Perrine Mail (1)."
    newest = "The newest: “Vaccine licensed”; “Airline grounded”; “Bridge bill climbs”."
    assert about(index, typed) == f"{ALL} {papers} {newest}"


def test_the_papers_with_the_most_articles_are_named(tmp_path: Path) -> None:
    sources = ["Mail", "Mail", "Echo", "Post", "Star", "Sun", "Sun", ""]
    for n, source in enumerate(sources):
        (tmp_path / f"{n}.md").write_text(f"---\ntitle: T{n}\nsource: {source}\n---\nIt rained w{n} day {n}.")
    index = Index.create(tmp_path / "papers", embedder=HashEmbedder())
    index.update(sorted(tmp_path.glob("*.md")))
    said = about(index, "Which papers?")
    index.close()
    assert said.startswith("There are 8 articles. They are from Mail (2), Sun (2), ")
    assert " and 1 more. The newest: " in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("How many articles are from 2022?", "1 of 4 articles are from that time: “Airline grounded”."),
        ("How many articles in 2019?", "0 of 4 articles are from that time."),
        ("Anything from last week?", "1 of 4 articles are from that time: “Vaccine licensed”."),
    ],
)
def test_the_articles_of_a_period(index: Index, typed: str, said: str) -> None:
    assert about(index, typed) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Do you have articles about the vaccine?", "1 of 4 articles hold “vaccine”: “Vaccine licensed”."),
        ("Is there something about Crowns or clay?", "1 of 4 articles hold “crowns”: “Bridge bill climbs”."),
    ],
)
def test_the_articles_of_a_topic(index: Index, typed: str, said: str) -> None:
    assert about(index, typed) == said


@pytest.mark.parametrize("typed", ["oldest article?", "What is the earliest piece here?"])
def test_the_oldest_articles_are_named_if_they_are_asked_for(index: Index, typed: str) -> None:
    said = about(index, typed)
    assert said.endswith("The oldest: “Bridge bill climbs”.")
    assert "newest" not in said


def test_a_topic_in_no_article_gets_the_archive_as_a_whole(index: Index) -> None:
    assert about(index, "Do you have articles about chess?").startswith(ALL)


def test_limits_narrow_what_is_counted(index: Index) -> None:
    assert about(index, "How many articles are from 2022?", source="Gazette").startswith("1 of 1 article")
    assert about(index, "How many articles are there?", source="Gazette") == (
        "There is 1 article within the limits (source Gazette). The newest: “Airline grounded”."
    )


def test_a_period_outside_the_limits_has_no_articles(index: Index) -> None:
    assert (
        about(index, "How many articles are from 2021?", after=date(2022, 1, 1))
        == "0 of 2 articles are from that time."
    )


def test_limits_that_no_article_passes_leave_nothing_to_say(index: Index) -> None:
    assert about(index, "How many articles?", source="Nobody") == ""


def test_an_empty_archive_is_said_to_be_empty(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "empty", embedder=HashEmbedder())
    assert about(index, "How many articles?") == ""
    assert talk(Question("hi"), index) == f"Hello. {EMPTY}"
    assert talk(Question("what can you do"), index) == EMPTY
    index.close()
