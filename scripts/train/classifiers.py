#!/usr/bin/env python3
"""Train the small classifiers: a question's kind, and whether it leans on the conversation.

    scripts/train/classifiers.py [kinds|leaning ...]

Each is a logistic regression on vectors of the embedding model, trained on scripts/train/data; a minute or two. Prints
accuracy and area under the curve on examples left out in turn (five folds; turns of one conversation stay together).
Where a mistake costs more one way, the threshold is set on those folds so that a chosen share of the negatives pass.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from index.embedding.embedder import DEFAULT_EMBEDDER, Embedder, load_embedder  # noqa: E402
from rag.question import kinds, leaning  # noqa: E402
from rag.question.kinds import kind_of  # noqa: E402

DATA = Path(__file__).parent / "data"

STANDING_ALONE_TAKEN = 0.015
"""Share of the questions that stand alone and may be taken for leaning: mixing two subjects is the worse mistake."""


def main() -> None:
    trainers = {"kinds": train_kinds, "leaning": train_leaning}
    embedder = load_embedder(DEFAULT_EMBEDDER)
    for name in sys.argv[1:] or trainers:
        trainers[name](embedder)


def train_kinds(embedder: Embedder) -> None:
    """rag/question/kinds.safetensors."""
    rows = _rows("kinds.jsonl") + [r for r in _rows("reuters_questions.jsonl") if r["answerable"]]
    labels = [row["kind"] for row in rows]
    features = np.array([kinds.features(embedder, row["question"]) for row in rows])
    groups = [row["question"] for row in rows]
    guessed = _left_out(features, labels, groups, strength=10.0)
    names = sorted(set(labels))
    right = [kind_of(names[n]) is kind_of(label) for n, label in zip(guessed.argmax(1), labels, strict=True)]
    print(json.dumps({"kinds": {"n": len(rows), "accuracy": round(float(np.mean(right)), 3)}}))
    _write(kinds.WEIGHTS_FILE, _fitted(features, labels, strength=10.0), threshold=0.5)


def train_leaning(embedder: Embedder) -> None:
    """rag/question/leaning.safetensors."""
    rows = _rows("leaning.jsonl")
    labels = ["leans" if row["leans"] else "alone" for row in rows]
    features = np.array([leaning.features(embedder, row["question"], row["history"]) for row in rows])
    guessed = _left_out(features, labels, [row["history"][0] for row in rows], strength=10.0)[:, 1]
    truth = np.array([row["leans"] for row in rows])
    threshold = float(np.quantile(guessed[~truth], 1 - STANDING_ALONE_TAKEN))
    figures = {"auc": roc_auc_score(truth, guessed), "leaning recognised": (guessed[truth] >= threshold).mean()}
    print(json.dumps({"leaning": {name: round(float(value), 3) for name, value in figures.items()}}))
    _write(leaning.WEIGHTS_FILE, _fitted(features, labels, strength=10.0), threshold=threshold)


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _fitted(features: np.ndarray, labels: list[str], *, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=4000).fit(features, labels)


def _left_out(features: np.ndarray, labels: list[str], groups: list[str], *, strength: float) -> np.ndarray:
    """Probabilities (examples, labels) by models that have not seen the example's group."""
    found = np.zeros((len(labels), len(set(labels))))
    for train, test in GroupKFold(5).split(features, labels, groups):
        model = _fitted(features[train], [labels[n] for n in train], strength=strength)
        found[test] = model.predict_proba(features[test])
    return found


def _write(path: Path, model: LogisticRegression, *, threshold: float) -> None:
    weights, bias = model.coef_, model.intercept_
    if len(bias) == 1:  # of two labels scikit-learn keeps the last's weights alone
        weights, bias = np.concatenate([0 * weights, weights]), np.concatenate([0 * bias, bias])
    metadata = {
        "labels": json.dumps([str(label) for label in model.classes_]),
        "embedder": DEFAULT_EMBEDDER,
        "threshold": str(round(threshold, 4)),
    }
    tensors = {"weights": weights.astype(np.float16), "bias": bias.astype(np.float32)}
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path, metadata=metadata)
    path.chmod(0o644)


if __name__ == "__main__":
    main()
