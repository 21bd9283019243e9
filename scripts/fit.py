#!/usr/bin/env python3
"""Fit the relevance score (rag/relevance.json) on training questions, and print how well it does on held-out articles.

    scripts/fit.py ../shared/data/train [--write]
    scripts/fit.py ../shared/data/train --reading manifest.json [--write]

With `--reading` it fits rag/relevance_reading.json, the score for when the reader has read the passages, on the
articles that were kept out of the reader's training (manifest.json, made by scripts/train/examples.py).

The training articles are halved. A question asked of the half that holds its article gives sentences with and
without the answer; asked of the other half, it is a question that the archive cannot answer. The figures come from
fitting on one half and testing on the other, both ways; the weights written are fitted on everything.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from training_data import TrainingQuestion, build_index, hashes, load  # noqa: E402

from index import Index  # noqa: E402
from index.embedding import DEFAULT_EMBEDDER, load_embedder  # noqa: E402
from rag.evaluation import contains  # noqa: E402
from rag.reader import Reader, Reads  # noqa: E402
from rag.relevance import FEATURES, MODEL_FILE, READ, READING_MODEL_FILE, Asked, Model, features  # noqa: E402

TOP_K = 5
REFUSED_ANSWERABLE = 0.075
"""Share of the answerable training questions that the threshold refuses: the price of refusing nine in ten others."""


LEAN = 0.2
"""How much the reading score leans on the plain one, to refuse more of what no article says (docs/decisions.md)."""


@dataclass
class Rows:
    """Features and labels of the sentences found for each question, one entry a question."""

    features: list[np.ndarray]
    labels: list[np.ndarray]
    kinds: list[str]

    def of(self, *kinds: str) -> list[int]:
        """Positions of the questions of these kinds."""
        return [i for i, kind in enumerate(self.kinds) if kind in kinds]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--questions", type=int, default=1000, help="answerable questions of each half")
    arguments.add_argument("--reading", type=Path, metavar="MANIFEST", help="fit with the reader's features")
    arguments.add_argument("--write", action="store_true", help="write the fitted weights into rag/")
    options = arguments.parse_args()
    articles, questions = load(options.data)
    kept = set(json.loads(options.reading.read_text())["held_out"]) if options.reading else set(articles)
    questions = [q for q in questions if q.article in kept]
    names = [name for name in FEATURES if options.reading or name not in READ]
    reader = Reader() if options.reading else None
    embedder = load_embedder(DEFAULT_EMBEDDER)
    halves = _halves(articles, kept)
    with tempfile.TemporaryDirectory() as scratch:
        indexes = [
            build_index(Path(scratch) / str(n), {t: articles[t] for t in half}, embedder)
            for n, half in enumerate(halves)
        ]
        rows = [_rows(n, halves, indexes, questions, options.questions, reader) for n in (0, 1)]
    for part in rows:
        part.features = [row[:, [FEATURES.index(name) for name in names]] for row in part.features]
    plain = Model.load() if options.reading else None
    for train, test in ((0, 1), (1, 0)):
        _report(_lean(_fit([rows[train]]), plain, names), rows[train], rows[test])
    model = _lean(_fit(rows), plain, names)
    threshold = float(np.quantile([_best(model, r, i) for r in rows for i in r.of("answerable")], REFUSED_ANSWERABLE))
    fitted = {
        "embedder": DEFAULT_EMBEDDER,
        "bias": round(float(model.intercept_[0]), 4),
        "weights": {name: round(float(w), 4) for name, w in zip(names, model.coef_[0], strict=True)},
        "threshold": round(threshold, 4),
        "fitted_on": hashes(options.data),
    }
    if options.write:
        path = READING_MODEL_FILE if options.reading else MODEL_FILE
        path.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(fitted))


def _halves(articles: dict[str, str], kept: set[str]) -> list[set[str]]:
    """All articles in two halves, those that the questions are about evenly among them."""
    pick = random.Random(1)
    shuffled = [sorted(kept), sorted(articles.keys() - kept)]
    for titles in shuffled:
        pick.shuffle(titles)
    titles = [title for part in shuffled for title in part]
    return [set(titles[::2]), set(titles[1::2])]


def _rows(
    n: int,
    halves: list[set[str]],
    indexes: list[Index],
    questions: list[TrainingQuestion],
    count: int,
    reader: Reads | None,
) -> Rows:
    """Sentences found for a sample of the questions about half `n`: answerable, unanswerable, and asked elsewhere."""
    pick = random.Random(2)
    own = [q for q in questions if q.article in halves[n]]
    answerable = [q for q in own if q.answers]
    unanswerable = [q for q in own if not q.answers]
    rows = Rows([], [], [])
    for kind, index, chosen in (
        ("answerable", indexes[n], pick.sample(answerable, min(count, len(answerable)))),
        ("unanswerable", indexes[n], unanswerable),
        ("absent", indexes[1 - n], pick.sample(answerable, min(count // 2, len(answerable)))),
    ):
        for question in chosen:
            found, labels = _sentences(index, question, reader, elsewhere=kind == "absent")
            rows.features.append(np.array(found))
            rows.labels.append(np.array(labels))
            rows.kinds.append(kind)
    return rows


def _sentences(
    index: Index, question: TrainingQuestion, reader: Reads | None, *, elsewhere: bool
) -> tuple[list[list[float]], list[bool]]:
    asked = Asked(question.text, index.document_frequencies)
    found: list[list[float]] = []
    labels: list[bool] = []
    hits = index.search(question.text, top_k=TOP_K)
    readings = reader.read(question.text, hits) if reader else [None] * len(hits)
    for hit, reading in zip(hits, readings, strict=True):
        right = not elsewhere and hit.article.title == question.article
        for (start, end), row in zip(hit.chunk.sentences, features(asked, hit, reading), strict=True):
            found.append(row.vector())
            labels.append(right and contains(hit.article.text[start:end], question.answers))
    return found, labels


def _fit(parts: list[Rows]) -> LogisticRegression:
    x = np.vstack([f for rows in parts for f in rows.features])
    y = np.concatenate([labels for rows in parts for labels in rows.labels])
    return LogisticRegression(C=10, max_iter=5000).fit(x, y)


def _lean(model: LogisticRegression, plain: Model | None, names: list[str]) -> LogisticRegression:
    """The reading score, leaning a little on the plain one, which is fitted on more articles; as it is without one."""
    if plain is not None:
        weights = np.array([[plain.weights.get(name, 0.0) for name in names]])
        model.coef_ = (1 - LEAN) * model.coef_ + LEAN * weights
        model.intercept_ = (1 - LEAN) * model.intercept_ + LEAN * plain.bias
    return model


def _best(model: LogisticRegression, rows: Rows, i: int) -> float:
    return float(model.predict_proba(rows.features[i])[:, 1].max())


def _report(model: LogisticRegression, train: Rows, test: Rows) -> None:
    """One line: best sentences that hold the answer, refusals at the training half's threshold."""
    threshold = np.quantile([_best(model, train, i) for i in train.of("answerable")], REFUSED_ANSWERABLE)
    figures = {}
    for count in (1, 2, 3):
        held = []
        for i in test.of("answerable"):
            order = np.argsort(-model.predict_proba(test.features[i])[:, 1], kind="stable")[:count]
            held.append(bool(test.labels[i][order].any()))
        figures[f"best_{count}"] = float(np.mean(held))
    scores = {kind: [_best(model, test, i) for i in test.of(kind)] for kind in ("answerable", "unanswerable", "absent")}
    scores = {kind: values for kind, values in scores.items() if values}  # a half may hold no unanswerable ones
    for kind, values in scores.items():
        figures[f"refused_{kind}"] = float(np.mean(np.array(values) < threshold))
    for kind in sorted(scores.keys() - {"answerable"}):
        truth = [1] * len(scores["answerable"]) + [0] * len(scores[kind])
        figures[f"auc_{kind}"] = float(roc_auc_score(truth, scores["answerable"] + scores[kind]))
    print("held-out articles: " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
