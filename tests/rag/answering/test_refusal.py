"""What is said where there is no answer: why, what the articles do say, and what can be asked instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from making import make_candidates, make_hit
from standins import HashEmbedder

from index import Filters, Index
from rag.answer import Outcome
from rag.answering.refusal import (
    NEAR,
    ON_TOPIC,
    nearest,
    nothing_found,
    probably_meant,
    refuse,
    unknown_names,
)
from rag.question.question import Question
from rag.retrieval.evidence import Candidate, Found


def found(*candidates: Candidate, context: float = 1.0) -> Found:
    return Found(candidates, {"context": context})


def test_nothing_found_is_nothing_indexed_or_nothing_within_the_limits() -> None:
    assert nothing_found(Filters()) == (
        Outcome.NOTHING_INDEXED,
        "There is nothing to search: no article has been added yet.",
    )
    assert nothing_found(Filters(after=date(2030, 1, 1))) == (
        Outcome.OUTSIDE_LIMITS,
        "There is nothing to search: no article passes the limits (published from 2030-01-01).",
    )


def test_a_topic_that_is_there_is_not_said() -> None:
    question = Question("Who built the Calder bridge?")
    outcome, said = refuse(question, found(context=ON_TOPIC), [])
    assert outcome is Outcome.NOT_SAID
    assert said == "The articles do not give an answer to “Who built the Calder bridge”."


def test_a_topic_that_is_not_there_is_not_covered() -> None:
    outcome, said = refuse(Question("Who plays chess?"), found(context=ON_TOPIC - 0.01), [])
    assert outcome is Outcome.NOT_COVERED
    assert said == "The articles do not say. None of them is about “Who plays chess”."


def test_the_topic_of_a_follow_up_is_the_earlier_questions_and_so_it_is_there() -> None:
    question = Question("and why", leans_on=("Who built the Calder bridge?",))
    outcome, said = refuse(question, found(context=ON_TOPIC - 0.01), [])
    assert (outcome, said) == (Outcome.NOT_SAID, "The articles do not give an answer to “and why”.")


def test_an_unknown_name_is_reported_and_then_the_topic_is_not_covered(index: Index) -> None:
    question = Question("Who built the Calder bridge in Baku?")
    outcome, said = refuse(question, found(context=1.0), unknown_names(question, index))
    assert outcome is Outcome.NOT_COVERED
    assert said.endswith("No article mentions: Baku.")


def test_a_misspelt_question_is_repeated_as_typed() -> None:
    question = Question("who bilt the bridge", corrected="who built the bridge")
    assert "“who bilt the bridge”" in refuse(question, found(), [])[1]


@pytest.fixture
def archive(tmp_path: Path, articles_folder: Path) -> Iterator[Index]:
    """An index whose embedding model does not know these words."""
    made = Index.create(tmp_path / "archive", embedder=HashEmbedder(strangers=["reykjavik", "skerry", "whatcha"]))
    made.update([articles_folder])
    yield made
    made.close()


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who won in Baku?", ["Baku"]),
        ("Who won in Baku, in Baku or in Tbilisi?", ["Baku", "Tbilisi"]),
        ("who won in reykjavik", ["reykjavik"]),
        ("Reykjavik?", ["Reykjavik"]),
        ("What happened in Arle and at Port Calder?", []),
        ("Does Skerry Air fly?", []),
        ("Bridges of the Calders?", []),
        # Question words and words at the beginning are no names, nor are verbs and nouns in small letters.
        ("Whom, Whose, Which, What, When, Where, Why, How", []),
        ("Summarise the flood", []),
        ("please summarise and explain the chess olympiad", []),
        ("When Were Which People Drowned", []),
        ("WHO WON THE CHESS OLYMPIAD IN BAKU?", []),
        ("Who is Bo?", []),
        ("在巴库谁赢了比赛？", []),
        ("ใครชนะในบากู", []),
        ("?!", []),
        ("", []),
    ],
)
def test_names_that_stand_in_no_article(archive: Index, question: str, names: list[str]) -> None:
    assert unknown_names(Question(question), archive) == names


def test_names_of_a_corrected_question_are_those_of_the_right_spelling(archive: Index) -> None:
    asked = Question("Who drowned in Holin?", corrected="Who drowned in Hollin?")
    assert unknown_names(asked, archive) == []


def test_the_nearest_is_one_sentence_without_a_number_that_might_be_taken_for_the_answer() -> None:
    hit = make_hit(
        "In the flood 31 people died. Many of 2021 were saved. Too short. Nobody counted the sheep. A calf was lost there."
    )
    chosen = nearest(Question("How many sheep died in 2021?"), found(*make_candidates(hit)))
    assert [one.text for one in chosen] == ["Many of 2021 were saved."]
    chosen = nearest(Question("How many sheep died?"), found(*make_candidates(hit)))
    assert [one.text for one in chosen] == ["Nobody counted the sheep."]


def test_where_every_sentence_has_a_number_or_is_a_scrap_none_is_the_nearest() -> None:
    hit = make_hit("In the flood 31 people died. Many sheep. Thirty cows were lost as well.")
    assert nearest(Question("How many sheep died?"), found(*make_candidates(hit))) == []
    assert nearest(Question("How many?"), found()) == []


def test_a_sentence_that_only_shares_a_word_is_not_the_nearest() -> None:
    hit = make_hit("The sheep died out. The sheep were sold.", cosines=(NEAR - 0.01, NEAR))
    chosen = nearest(Question("How many sheep died?"), found(*make_candidates(hit)))
    assert [one.text for one in chosen] == ["The sheep were sold."]


@pytest.mark.parametrize(
    ("typed", "strange", "meant"),
    [
        ("who is judge halloweigh?", ["halloweigh"], "who is judge Halloway?"),
        ("Did Conrad Wivell resign?", ["Wivell"], "Did Conrad Wyvill resign?"),
        ("Who is Mr Brandt?", ["Brandt"], ""),  # "Brand" would be too short to tell
        ("Who is the mayor of Hallstadt?", ["Hallstadt"], ""),
        ("Who plays chess?", [], ""),
    ],
)
def test_a_name_like_one_in_the_articles_is_probably_meant(typed: str, strange: list[str], meant: str) -> None:
    candidates = make_candidates(
        make_hit("Judge Maren Halloway heard Conrad Wyvill. Brand was not there, and whirled.")
    )
    assert probably_meant(Question(typed), strange, candidates) == meant
