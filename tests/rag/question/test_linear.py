"""The small classifier: probabilities by hand, and that what the training writes is what is read."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from rag.question.linear import LinearClassifier

SCRIPT = Path(__file__).parents[3] / "scripts" / "train" / "classifiers.py"
SPEC = importlib.util.spec_from_file_location("classifiers", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
classifiers = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(classifiers)


def test_probabilities_are_the_softmax_of_a_linear_map() -> None:
    weights, bias = np.array([[1, 0], [0, 2], [0, 0]], np.float32), np.array([0, 0, 1], np.float32)
    made = LinearClassifier(("a", "b", "c"), weights, bias, "hash")
    raised = [math.exp(3), math.exp(-2), math.exp(1)]
    features = np.array([3, -1], np.float32)
    assert made.probabilities(features) == pytest.approx([value / sum(raised) for value in raised])
    assert made.label(features) == "a"
    assert made.label(np.array([0, 2], np.float32)) == "b"


def test_large_scores_do_not_overflow() -> None:
    made = LinearClassifier(("no", "yes"), np.array([[0], [1]], np.float32), np.zeros(2, np.float32), "hash")
    assert made.probabilities(np.array([1e6], np.float32)).tolist() == [0, 1]


@pytest.mark.parametrize(("threshold", "holds"), [(0.5, True), (0.73, True), (0.74, False)])
def test_the_last_of_two_labels_holds_from_its_threshold_on(threshold: float, holds: bool) -> None:
    weights = np.array([[0], [1]], np.float32)
    made = LinearClassifier(("no", "yes"), weights, np.zeros(2, np.float32), "hash", threshold)
    assert made.holds(np.ones(1, np.float32)) is holds  # 1 / (1 + 1/e) = 0.731


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c"]])
def test_what_training_writes_is_what_is_read(tmp_path: Path, labels: list[str]) -> None:
    chance = np.random.default_rng(5)
    features = chance.normal(size=(60, 4))
    truth = [labels[n % len(labels)] for n in range(60)]
    features[np.arange(60), [labels.index(label) for label in truth]] += 2
    fitted = LogisticRegression(C=10.0).fit(features, truth)
    classifiers._write(tmp_path / "made.safetensors", fitted, threshold=0.62345)
    read = LinearClassifier.load(tmp_path / "made.safetensors")
    assert (read.labels, read.embedder, read.threshold) == (tuple(labels), "all-MiniLM-L6-v2", 0.6234)
    assert read.weights.shape == (len(labels), 4)
    for row, expected in zip(features, fitted.predict_proba(features), strict=True):
        assert read.probabilities(row.astype(np.float32)) == pytest.approx(expected, abs=0.01)


def test_weights_that_lie_otherwise_in_memory_are_written_in_their_order(tmp_path: Path) -> None:
    fitted = LogisticRegression()
    fitted.classes_ = np.array(["a", "b", "c"])
    fitted.coef_ = np.asfortranarray(np.arange(12).reshape(3, 4))
    fitted.intercept_ = np.arange(6.0)[::2]
    assert not fitted.coef_.flags.c_contiguous
    assert not fitted.intercept_.flags.c_contiguous
    classifiers._write(tmp_path / "made.safetensors", fitted, threshold=0.5)
    read = LinearClassifier.load(tmp_path / "made.safetensors")
    assert read.weights.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert read.bias.tolist() == [0, 2, 4]
