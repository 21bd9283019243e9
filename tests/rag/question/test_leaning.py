"""What is looked at to tell whether a question leans on the conversation."""

from __future__ import annotations

import numpy as np
import pytest
from standins import HashEmbedder

from rag.question.leaning import WEIGHTS_FILE, LeaningRecogniser, features
from rag.question.linear import LinearClassifier

SCALARS = (
    "near", "nearest", "words", "content", "pointing", "joining", "capital", "shared", "rare", "function", "two", "bare",
)  # fmt: skip

HISTORY = ["Who runs the ferry?", "Who won in Arle?"]


def scalars(question: str, history: list[str] = HISTORY, *strangers: str) -> dict[str, float]:
    embedder = HashEmbedder(dimension=64, strangers=strangers)
    found = features(embedder, question, history)
    assert (found.shape, found.dtype) == ((128 + len(SCALARS),), np.float32)
    return dict(zip(SCALARS, found[128:].tolist(), strict=True))


def test_features_by_hand() -> None:
    assert scalars("and did he win in Arle?") == pytest.approx(
        {
            "near": 2 / (6**0.5 * 4**0.5),  # "in" and "arle"
            "nearest": 2 / (6**0.5 * 4**0.5),
            "words": 0.6,
            "content": 0.4,
            "pointing": 1,
            "joining": 1,
            "capital": 1,
            "shared": 1,
            "rare": 0,
            "function": 4 / 6,
            "two": 0,
            "bare": 0,
        },
        abs=1e-6,
    )


def test_the_nearest_of_all_earlier_questions_counts_as_well() -> None:
    found = scalars("who runs the ferry")
    assert found["near"] == pytest.approx(1 / 4)
    assert found["nearest"] == pytest.approx(1)
    assert (found["pointing"], found["joining"], found["capital"], found["shared"]) == (0, 0, 0, 0)


def test_a_question_of_bare_words() -> None:
    found = scalars("ticket price")
    assert (found["two"], found["bare"], found["function"], found["words"]) == pytest.approx((1, 1, 0, 0.2))


def test_a_name_is_a_word_of_several_tokens() -> None:
    assert scalars("who is ostrow", HISTORY, "ostrow")["rare"] == 1
    assert scalars("who is ostrow")["rare"] == 0


@pytest.mark.parametrize("question", ["?", "", "…", "了吗"])
def test_no_question_is_an_error(question: str) -> None:
    assert np.isfinite(list(scalars(question).values())).all()


def test_without_earlier_questions_nothing_leans() -> None:
    weights, bias = np.zeros((2, 140), np.float32), np.array([0, 99], np.float32)
    recogniser = LeaningRecogniser(LinearClassifier(("alone", "leans"), weights, bias, "hash"))
    embedder = HashEmbedder(dimension=64)
    assert not recogniser.leans(embedder, "and he?", [])
    assert recogniser.leans(embedder, "and he?", ["Who won?"])


def test_the_trained_recogniser_has_a_weight_for_every_feature() -> None:
    trained = LinearClassifier.load(WEIGHTS_FILE)
    assert trained.labels == ("alone", "leans")
    assert trained.weights.shape == (2, 2 * 384 + len(SCALARS))
    assert 0 < trained.threshold < 1
