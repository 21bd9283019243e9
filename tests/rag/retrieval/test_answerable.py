"""Whether the articles hold the answer: a logistic of the signals, in one way for facts and in another for topics."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from rag.question.kinds import Kind
from rag.retrieval import scoring
from rag.retrieval.answerable import BROAD, NEARLY_CERTAIN, NOT_EXCLUDED, SIGNALS, UNREAD_FILE, Model
from rag.retrieval.finding import Scores

MODEL = Model("hash@1", {"bias": -1.0, "first_odds": 2.0, "unknown": -3.0}, {"bias": 1.0, "cosine": 4.0}, 0.4)


def logistic(total: float) -> float:
    return 1 / (1 + math.exp(-total))


def test_a_fact_and_a_topic_are_weighed_in_their_own_ways() -> None:
    signals = {"first_odds": 1.5, "unknown": 0.25, "cosine": 0.5}
    assert MODEL.probability(signals, Kind.FACT) == pytest.approx(logistic(-1 + 3 - 0.75))
    for kind in BROAD:
        assert MODEL.probability(signals, kind) == pytest.approx(logistic(1 + 2))


def test_a_topic_that_no_article_is_about_has_the_last_word() -> None:
    weighed = replace(MODEL, topic={"bias": -2.0, "cosine": 4.0})
    assert weighed.covered({"cosine": 0.25}) == pytest.approx(logistic(-1))
    assert weighed.probability({"cosine": 0.25, "first_odds": 9.0}, Kind.FACT) == pytest.approx(logistic(-1))
    assert weighed.probability({"cosine": 2.0, "first_odds": 1.0}, Kind.FACT) == pytest.approx(logistic(-1 + 2))


def test_a_nearly_certain_sentence_is_not_refused_if_the_reader_does_not_exclude_it() -> None:
    model = replace(MODEL, narrow={"bias": -3.0})
    certain = {"first_odds": NEARLY_CERTAIN, "first_says": NOT_EXCLUDED}
    assert model.probability(certain, Kind.FACT) == 0.4
    for less in ({"first_odds": NEARLY_CERTAIN - 0.1}, {"first_says": NOT_EXCLUDED - 0.1}):
        assert model.probability(certain | less, Kind.FACT) == pytest.approx(logistic(-3))
    assert replace(model, topic={"bias": -2.0}).probability(certain, Kind.FACT) == pytest.approx(logistic(-2))


def test_signals_that_are_missing_or_not_weighed_count_nothing() -> None:
    assert MODEL.probability({}, Kind.FACT) == pytest.approx(logistic(-1))
    assert MODEL.probability({"held": 99.0, "nobody": 99.0}, Kind.FACT) == pytest.approx(logistic(-1))


def test_a_probability_is_never_quite_0_or_1() -> None:
    assert (
        0 < MODEL.probability({"first_odds": -1e9}, Kind.FACT) < MODEL.probability({"first_odds": 1e9}, Kind.FACT) < 1
    )


def test_load_reads_what_fitting_wrote(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    kept = {"embedder": "hash@1", "narrow": {"first_odds": 1.0}, "broad": {"bias": 2.0}, "threshold": 0.25}
    path.write_text(json.dumps({"fitted_on": {"questions": 3}, **kept}))
    assert Model.load(path) == Model("hash@1", {"first_odds": 1.0}, {"bias": 2.0}, 0.25)


def test_another_fit_has_another_name_and_another_threshold_has_not() -> None:
    assert replace(MODEL, threshold=0.9).fingerprint == MODEL.fingerprint
    assert replace(MODEL, broad={"bias": 1.5}).fingerprint != MODEL.fingerprint
    assert replace(MODEL, embedder="hash@2").fingerprint != MODEL.fingerprint


@pytest.mark.parametrize("reading", [True, False])
def test_the_fitted_scores_weigh_only_what_there_is(reading: bool) -> None:
    scores = Scores.load(reading=reading)
    kinds = {kind.value for kind in Kind}
    for weights in (scores.answerable.narrow, scores.answerable.broad):
        assert set(weights) <= {"bias", *SIGNALS} | kinds
    assert 0 < scores.answerable.threshold < 1
    assert set(scores.passages.weights) <= set(scoring.FEATURES)
    assert set(scores.passages.kinds) <= kinds
    assert all(set(own) <= {"bias", *scoring.FEATURES} for own in scores.passages.kinds.values())
    assert scores.passages.embedder.partition("@")[0] == "all-MiniLM-L6-v2"
    # What the reader says is weighed only where it has read.
    assert not set(scores.passages.weights) & set(scoring.READ)
    assert (scores.evidence == scores.passages) is not reading
    assert (scores.answerable == Model.load(UNREAD_FILE)) or reading
