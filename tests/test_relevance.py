"""Features computed by hand on a tiny passage, the fitted model, and peoples that are not the one asked about."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from making import make_hit

from rag.expecting import Expects
from rag.relevance import FEATURES, READ, Asked, Model, features, names_another, says_something

QUESTION = "How many soldiers were wounded in Idlib?"
HIT = make_hit("Thirty-three soldiers died. Nobody was hurt.", title="Idlib", score=0.7, cosines=(0.25, 0.75))


def known(**counts: int):
    """Frequencies among four passages."""
    return lambda terms: ([counts.get(term, 0) for term in terms], 4)


def test_features_by_hand() -> None:
    asked = Asked(QUESTION, known(idlib=0, soldier=1, wound=4))
    idlib, soldier, wound = math.log(1 + 4.5 / 0.5), math.log(1 + 3.5 / 1.5), math.log(1 + 0.5 / 4.5)
    total = idlib + soldier + wound
    first, second = features(asked, HIT)
    assert (first.cosine, second.cosine) == (0.25, 0.75)
    assert (first.passage, second.passage) == (0.7, 0.7)
    assert first.coverage == pytest.approx(soldier / total)
    assert second.coverage == 0.0
    assert first.context == second.context == pytest.approx((idlib + soldier) / total)
    assert (first.thin, second.thin) == (pytest.approx(0.5 - soldier / total), 0.5)
    assert first.bare == second.bare == 0.0
    assert (first.length, second.length) == (pytest.approx(math.log(4)), pytest.approx(math.log(4)))
    assert (first.counts, first.miscounts) == (1.0, 0.0)
    assert (second.counts, second.miscounts) == (0.0, 1.0)


def test_vector_has_every_feature_at_its_name() -> None:
    first, second = (dict(zip(FEATURES, f.vector(), strict=True)) for f in features(Asked(QUESTION, known()), HIT))
    assert (first["cosine"], first["passage"], first["bare"]) == (0.25, 0.7, 0.0)
    assert (first["fits_count"], first["lacks_count"]) == (1.0, 0.0)
    assert (second["fits_count"], second["lacks_count"]) == (0.0, 1.0)
    others = [name for name in FEATURES if name.startswith(("fits_", "lacks_")) and not name.endswith("_count")]
    assert len(others) == 2 * (len(Expects) - 2)
    assert {first[name] for name in others} == {0.0}


def test_a_question_without_words_is_covered_by_anything() -> None:
    asked = Asked("?", known())
    assert asked.covered(frozenset()) == 1.0


def test_probability_is_the_logistic_of_the_weighted_sum() -> None:
    model = Model("hash@1", -1.0, dict.fromkeys(FEATURES, 0.0) | {"cosine": 2.0, "lacks_count": -3.0}, 0.5)
    first, second = features(Asked(QUESTION, known()), HIT)
    assert model.probability(first) == pytest.approx(1 / (1 + math.exp(1 - 2 * 0.25)))
    assert model.probability(second) == pytest.approx(1 / (1 + math.exp(1 - 2 * 0.75 + 3)))


def test_the_fitted_model_has_a_weight_for_every_feature_and_no_other() -> None:
    model = Model.load()
    assert sorted([*model.weights, *READ]) == sorted(FEATURES)
    assert 0 < model.threshold < 1
    assert model.embedder.partition("@")[0] == "all-MiniLM-L6-v2"


def test_the_fitted_model_prefers_the_sentence_that_answers() -> None:
    hit = make_hit(
        "In February, 33 Turkish soldiers were killed in Idlib. Erdogan met the governor. Snow fell.",
        cosines=(0.8, 0.3, 0.1),
    )
    rows = features(Asked("How many Turkish soldiers were killed in Idlib?", known()), hit)
    answer, other, nothing = map(Model.load().probability, rows)
    assert answer > max(other, nothing)
    assert answer > Model.load().threshold > nothing


def test_load_reads_what_fitting_wrote(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    kept = {"embedder": "hash@1", "bias": 1.5, "weights": {"cosine": 2.0}, "threshold": 0.25}
    path.write_text(json.dumps({"fitted_on": {"questions": 3}, **kept}))
    assert Model.load(path) == Model("hash@1", 1.5, {"cosine": 2.0}, 0.25)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("How many Russian soldiers were killed?", "33 Turkish soldiers were killed.", True),
        ("How many Russian soldiers were killed?", "33 Turkish soldiers and 2 Russian soldiers were killed.", False),
        ("How many Turkish soldiers were killed?", "33 Turkish soldiers were killed.", False),
        ("How many French soldiers died?", "A Turkish soldier died.", True),
        ("How many soldiers were killed?", "33 Turkish soldiers were killed.", False),
        ("How many Russian soldiers were killed?", "33 soldiers were killed.", False),
        ("How many Russian soldiers were killed?", "Turkish officials met the soldiers.", False),
        ("Who is it?", "", False),
        ("how many russian soldiers were killed?", "33 Turkish soldiers were killed.", True),
        ("HOW MANY RUSSIAN SOLDIERS WERE KILLED?", "33 Turkish soldiers were killed.", True),
        ("HOW MANY TURKISH SOLDIERS WERE KILLED?", "33 Turkish soldiers were killed.", False),
        ("how many russian soldiers were killed?", "33 TURKISH SOLDIERS KILLED", True),
        ("How many Ruritanian soldiers were killed?", "33 Turkish soldiers were killed.", True),
        ("how many electric cars were sold?", "Thirty German cars were sold.", False),
        ("how many human rights were lost?", "The Turkish rights were lost.", False),
    ],
)
def test_names_another_people(question: str, text: str, expected: bool) -> None:
    assert names_another(question, make_hit(text or "Nothing.", title="")) is expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many died?", "Thirty-one died.", True),
        ("How many died?", "Many died.", False),
        ("Who won in Vessen?", "Vessen won.", False),
        ("Who won in Vessen?", "Anna won in Vessen.", True),
        ("Did the bridge fall?", "The bridge did fall.", False),
    ],
)
def test_says_something_that_the_question_does_not(question: str, sentence: str, expected: bool) -> None:
    assert says_something(question, sentence) is expected
