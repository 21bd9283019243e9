"""The table of kinds, and what the recogniser looks at."""

from __future__ import annotations

import numpy as np
import pytest
from standins import HashEmbedder

from rag.question.kinds import FORMS, OPENING, WEIGHTS_FILE, Kind, KindRecogniser, Order, features, kind_of
from rag.question.linear import LinearClassifier


def test_kinds_that_no_article_is_searched_for_are_about_the_archive_or_the_conversation() -> None:
    others = {kind for kind in Kind if not kind.about_the_articles}
    assert others == {Kind.ARCHIVE, Kind.TALK, Kind.SHORTER, Kind.MORE, Kind.SOURCE}
    assert set(FORMS) == set(Kind) - others


# DESIGN.md, section 6: the longest answer of each kind in words.
LONGEST = {Kind.FACT: 60, Kind.VERDICT: 60, Kind.QUOTATION: 60}
LONGEST |= {Kind.EXPLANATION: 110, Kind.LATEST: 110, Kind.COMPARISON: 110}
LONGEST |= {Kind.OVERVIEW: 180, Kind.SUMMARY: 180, Kind.LIST: 180, Kind.TIMELINE: 180}


@pytest.mark.parametrize("kind", FORMS)
def test_an_answer_keeps_within_the_words_that_its_kind_may_have(kind: Kind) -> None:
    form = FORMS[kind]
    assert 0 < form.words <= LONGEST[kind]
    assert form.passages >= 1
    assert form.sentences >= 1
    assert 0 < form.floor < 1


def test_time_orders_timelines_and_news_and_a_summary_is_of_one_article() -> None:
    assert FORMS[Kind.TIMELINE].order is Order.OLDEST_FIRST
    assert FORMS[Kind.LATEST].order is Order.NEWEST_FIRST
    assert [kind for kind, form in FORMS.items() if form.one_article] == [Kind.SUMMARY]


def test_features_are_the_vectors_of_the_question_and_of_its_first_words() -> None:
    embedder = HashEmbedder(dimension=64)
    whole = "what do the articles say about it"
    found = features(embedder, "  (“what” do *the* articles:  say about it?) ")
    assert (found.shape, found.dtype) == ((128,), np.float32)
    assert found[:64].tolist() == embedder.embed_question(whole).tolist()
    assert found[64:].tolist() == embedder.embed_question("what do the articles").tolist()
    assert OPENING == 4


def test_a_short_question_is_embedded_once() -> None:
    embedder = HashEmbedder()
    found = features(embedder, "who won the race")
    assert embedder.questions == ["who won the race"]
    assert found[:256].tolist() == found[256:].tolist()


def test_the_recogniser_names_the_likeliest_kind() -> None:
    embedder = HashEmbedder()
    weights = np.zeros((2, 512), np.float32)
    weights[1, embedder.slot("why")] = 9
    recogniser = KindRecogniser(
        LinearClassifier(("fact", "explanation"), weights, np.array([1, 0], np.float32), "hash")
    )
    assert recogniser.recognise(embedder, "Why did it fall?").kind is Kind.EXPLANATION
    assert recogniser.recognise(embedder, "Where did it fall?").kind is Kind.FACT
    assert recogniser.embedder == "hash"


def test_the_trained_recogniser_knows_every_kind_and_no_other() -> None:
    trained = LinearClassifier.load(WEIGHTS_FILE)
    assert {kind_of(label) for label in trained.labels} == set(Kind)
    assert trained.weights.shape == (len(trained.labels), 2 * 384)
    assert KindRecogniser.load().embedder == "all-MiniLM-L6-v2"


@pytest.mark.parametrize("question", ["and when does it open", "OK so when does it open?", "But when does it open"])
def test_words_that_only_go_on_say_nothing_of_the_kind(question: str) -> None:
    embedder = HashEmbedder()
    assert (features(embedder, question) == features(embedder, "when does it open")).all()
    assert features(embedder, "and so").any()
