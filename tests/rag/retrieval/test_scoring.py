"""Features computed by hand on a tiny passage, and the score made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from making import make_hit
from standins import ScriptedReader

from rag.question.kinds import Kind
from rag.retrieval.scoring import BACKGROUND, FEATURES, LOGITS, READ, Model, QuestionWords, Table, feature_table

QUESTION = "How many soldiers were wounded in Idlib?"
HIT = make_hit("Thirty-three soldiers died. “Nobody was hurt.”", title="Idlib", score=0.7, cosines=(0.25, 0.75))


def known(**counts: int) -> Callable[[Sequence[str]], tuple[list[int], int]]:
    """Frequencies among four passages."""
    return lambda terms: ([counts.get(term, 0) for term in terms], 4)


def column(table: Table, name: str) -> list[float]:
    values: list[float] = table[:, FEATURES.index(name)].tolist()
    return values


def test_features_by_hand() -> None:
    words = QuestionWords(QUESTION, known(idlib=0, soldier=1, wound=4))
    idlib, soldier, wound = math.log(1 + 4.5 / 0.5), math.log(1 + 3.5 / 1.5), math.log(1 + 0.5 / 4.5)
    total = idlib + soldier + wound
    table = feature_table(words, [HIT, make_hit("It rained.", uri="/2")], [None, None])
    second = HIT.article.text.index("“")
    expected = {
        "cosine": [0.25, 0.75, 0.5],
        "dense": [0.5] * 3,
        "score": [0.7, 0.7, 0.5],
        "lexical": [0.5] * 3,
        "coverage": [soldier / total, 0, 0],
        "context": [(idlib + soldier) / total] * 2 + [0],
        "thin": [0.5 - soldier / total, 0.5, 0.5],
        "bare": [0, 0, 0.5],
        "length": [math.log(4), math.log(4), math.log(3)],
        "fragment": [1, 1, 1],
        "number": [0, 0, 0],
        "quotes": [0, 1, 0],
        "rank": [1, 1, 0.5],
        "opening": [1, math.exp(-second / 800), 1],
        "first": [1, 0, 1],
        "central": [0, 0, 0],
        "unread": [1, 1, 1],
    } | dict.fromkeys(("says", "held", "evidence", "beside"), [0] * 3)
    assert {name: column(table, name) for name in FEATURES} == {
        name: pytest.approx(values) for name, values in expected.items()
    }


def test_what_the_reader_says() -> None:
    reader = ScriptedReader("died")
    table = feature_table(QuestionWords(QUESTION, known()), [HIT], reader.read(QUESTION, [HIT]))
    high, low = 5 / LOGITS, -5 / LOGITS
    assert {name: column(table, name) for name in READ} == {
        "says": [high, low],
        "held": [high, high],
        "evidence": [high, low],
        "beside": [low, high],
        "unread": [0, 0],
    }


def test_a_sentence_like_many_others_is_central() -> None:
    vectors = [np.array([[1, 0], [0, 1]], np.float32), np.array([[1, 0]], np.float32)]
    hits = [HIT, make_hit("They died.", uri="/2")]
    table = feature_table(QuestionWords(QUESTION, known()), hits, [None, None], vectors)
    assert column(table, "central") == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_words_of_earlier_questions_count_less() -> None:
    words = QuestionWords("And the wounded?", known(), background="Who died in Idlib?")
    assert BACKGROUND == 0.5
    assert words.covered(frozenset(["wound"])) == pytest.approx(1 / (1 + 3 * 0.5), rel=0.3)
    assert words.covered(frozenset(["wound"])) > words.covered(frozenset(["idlib"]))


def test_a_question_without_words_is_covered_by_anything() -> None:
    words = QuestionWords("?", known())
    assert (words.covered(frozenset()), words.unknown) == (1.0, 0.0)


def test_unknown_is_the_share_of_words_that_stand_nowhere() -> None:
    words = QuestionWords("soldiers Idlib", known(soldier=1))
    idlib, soldier = math.log(1 + 4.5 / 0.5), math.log(1 + 3.5 / 1.5)
    assert words.unknown == pytest.approx(idlib / (idlib + soldier))
    assert QuestionWords("soldiers", known(soldier=1)).unknown == 0.0


def test_a_common_word_that_stands_nowhere_says_little() -> None:
    def tokens(texts: Sequence[str]) -> list[int]:
        return [2 if text == "bellwether" else 1 for text in texts]

    words = QuestionWords("Bellwether, his job", known(job=0, bellweth=2), tokens=tokens)
    name, job = math.log(1 + 2.5 / 2.5), 0.3 * math.log(1 + 4.5 / 0.5)
    assert words.unknown == pytest.approx(job / (job + name))
    assert QuestionWords("Bellwether", known(), tokens=tokens).unknown == 1.0


def test_nothing_found_has_no_features() -> None:
    assert feature_table(QuestionWords(QUESTION, known()), [], []).shape == (0, len(FEATURES))


def test_log_odds_are_the_weighted_sum_with_what_a_kind_adds() -> None:
    model = Model("hash@1", -1.0, {"cosine": 2.0}, {"list": {"score": 3.0, "bias": 0.5}})
    table = feature_table(QuestionWords(QUESTION, known()), [HIT], [None])
    assert model.log_odds(table, Kind.FACT) == pytest.approx([-1 + 0.5, -1 + 1.5])
    assert model.log_odds(table, Kind.LIST) == pytest.approx([-0.5 + 0.5 + 2.1, -0.5 + 1.5 + 2.1])


def test_load_reads_what_fitting_wrote(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    kept = {"embedder": "hash@1", "bias": 1.5, "weights": {"cosine": 2.0}, "kinds": {"list": {"score": 1.0}}}
    path.write_text(json.dumps({"fitted_on": {"questions": 3}, **kept}))
    assert Model.load(path) == Model("hash@1", 1.5, {"cosine": 2.0}, {"list": {"score": 1.0}})
