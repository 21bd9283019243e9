#!/usr/bin/env python3
"""Fit the scores that choose evidence and that tell whether there is an answer (rag/retrieval/*.json).

    scripts/train/evidence.py ../shared/data

The questions are ones that the reader was not trained on, because of what it has seen it is surer than it should be:
scripts/train/data/fitting_questions.jsonl, over Reuters, whose answering sentences are known, those of
scripts/train/data/fitting_reading.jsonl over texts of ours, once among many and once among three, and Wikipedia
questions on the articles that were kept out.
Prints how well each score does on questions left out in turn (five folds), then writes the weights fitted on all:

    passages.json            weights that order passages before they are read
    evidence.json            the network that orders sentences, with what the reader finds
    answerable.json          the probability that the articles hold the answer
    answerable_unread.json   the same without the reader's signals
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from common import load_rows, plain
from examples import Question as SquadQuestion
from examples import build_index, by_title, held_out_questions
from people_examples import articles_of, name_of, our_rows, reuters_index

from index import Hit, Index
from index.embedding.embedder import DEFAULT_EMBEDDER
from rag.evaluation.measures.squad_metrics import contains
from rag.question.kinds import FORMS, Kind
from rag.question.question import Question
from rag.question.understanding import Understanding
from rag.reader.reader import Reader
from rag.retrieval import answerable, scoring
from rag.retrieval.evidence import signals_of
from rag.retrieval.passages import find_passages
from rag.retrieval.scoring import FEATURES, READ, QuestionWords, ScoresSentences, feature_table
from rag.retrieval.sentence_network import FARTHEST, SentenceNetwork, inputs

DATA = Path(__file__).parent / "data"
QUESTIONS = DATA / "fitting_questions.jsonl"
READING = DATA / "fitting_reading.jsonl"

SQUAD = 300
"""Wikipedia questions, half of them answerable."""

UNITS, NETWORKS = 16, 5
"""Hidden units of each of the networks for sentences, which are trained from other beginnings and averaged."""

EPOCHS, BATCH, RATE, DECAY = 40, 16, 0.01, 0.5
"""Of the networks' training: passes over all questions, questions a step, learning rate at first, weight decay."""

FEW = 3
"""Articles of a small archive: there fewer sentences speak for an answer, and more words occur nowhere."""

PULL = 0.3
"""Inverse strength of what pulls a kind's own weights to nothing: few questions a kind must not bend them far."""

REFUSED_COVERED = 0.01
"""Share of the questions on a topic that is there and may be taken for one that is not."""

MARGINS = {"narrow": -1.1, "broad": 1.0, "topic": 0.8}
"""Added to the log odds: in other archives than the one of the fit, questions on what is there score differently.

Chosen on the development questions over web pages, where 0.02 to 0.05 of what is there is refused.
"""

STEADY = {"narrow": 0.01, "broad": 0.1, "topic": 0.1}
"""Inverse strength of what pulls the weights to nothing."""

REFUSED_ANSWERABLE = 0.04
"""Share of the answerable questions of each group of kinds that the threshold refuses."""


@dataclass
class Asked:
    """A question, the features of the sentences found for it, and which of them answer it.

    `counts` says whether the question is for choosing sentences; all are for telling whether there is an answer.
    `among_few` says whether it was asked in an archive of a few texts.
    """

    question: Question
    table: np.ndarray
    truth: np.ndarray
    answerable: bool
    group: str
    unknown: float
    pointed: list[str]
    sentences: list[str]
    counts: bool = True
    asked_by_people: bool = True
    covered: bool = True
    among_few: bool = False


def main(data: Path) -> None:
    """Fit the scores that choose evidence and that tell whether there is an answer."""
    asked = [*_reuters(data), *_reading(), *_few_texts(), *_squad(data / "train")]
    plain = [name for name in FEATURES if name not in READ and name != "central"]
    unread = [replace(one, table=_unread(one.table)) for one in asked]
    for path, answerable_path, fit, rows in (
        (scoring.PASSAGES_FILE, answerable.UNREAD_FILE, partial(_sentence_model, names=plain), unread),
        (scoring.EVIDENCE_FILE, answerable.FILE, _sentence_network, asked),
    ):
        odds = _left_out(rows, fit)
        _report(path.stem, rows, odds)
        _write(path, fit([one for one in rows if one.counts]))
        _write(answerable_path, _answerable_model(rows, odds))


def _left_out(asked: Sequence[Asked], fit: Callable[[Sequence[Asked]], ScoresSentences]) -> list[np.ndarray]:
    """The log odds of each question's sentences, by what was fitted on the other four fifths of the questions."""
    groups = [one.group for one in asked]
    odds: dict[int, np.ndarray] = {}
    for train, test in GroupKFold(5).split(groups, groups=groups):
        model = fit([asked[n] for n in train if asked[n].counts])
        odds |= {n: model.log_odds(asked[n].table, asked[n].question.kind) for n in test.tolist()}
    return [odds[n] for n in range(len(asked))]


def _unread(table: np.ndarray) -> np.ndarray:
    """As if the reader had read nothing."""
    table = table.copy()
    table[:, [FEATURES.index(name) for name in READ]] = 0.0
    table[:, FEATURES.index("central")] = 0.0
    return table


def _asking(index: Index) -> Callable[..., Asked | None]:
    """What asks this index a question; it gives None for one that is not about the articles."""
    reader, model = Reader(), scoring.Model.load(scoring.PASSAGES_FILE)
    understanding = Understanding(reader)

    def ask(
        text: str, holds: Callable[[Hit, int, int], bool], answerable: bool, group: str, kind: Kind | None = None
    ) -> Asked | None:
        question = understanding.question(index, text)
        question = replace(question, kind=kind or question.kind)
        if not question.kind.about_the_articles:
            return None
        hits = find_passages(index, question, model, top_k=FORMS[question.kind].passages)
        truth = np.array([holds(hit, a, b) for hit in hits for a, b in hit.chunk.sentences], bool)
        words = QuestionWords(question.plain, index.document_frequencies, tokens=index.embedder.count_tokens)
        readings = reader.read(question.searched, hits)
        table = feature_table(words, hits, readings, index.sentence_vectors(hits))
        pointed = [h.article.text[slice(*p.span)] for h, r in zip(hits, readings, strict=True) for p in r.sentences]
        sentences = [h.article.text[a:b] for h in hits for a, b in h.chunk.sentences]
        counts = bool(truth.any())
        return Asked(question, table, truth, answerable, group, words.unknown, pointed, sentences, counts)

    return ask


def _reuters(data: Path) -> Iterator[Asked]:
    rows = our_rows(data, QUESTIONS)
    with tempfile.TemporaryDirectory() as scratch:
        ask = _asking(reuters_index(data, rows, Path(scratch) / "reuters", random.Random(5)))
        for row in rows:
            named = [(str(e["article"]), plain(e["sentence"])) for e in row["evidence"]]
            given = row["answerable"] or row["kind"] == "false_premise"
            group = min(articles_of(row), default=row["question"])
            if found := ask(row["question"], partial(_holds, named), given, group):
                yield replace(found, covered=row["kind"] != "absent")


def _reading() -> Iterator[Asked]:
    """Questions over texts of ours, among those that the reader was trained on."""
    texts = load_rows(READING)
    others = [row for path in sorted((DATA / "reading").glob("*.jsonl")) for row in load_rows(path)]
    rows = [{"id": n, "title": row["title"], "text": row["text"]} for n, row in enumerate([*texts, *others])]
    with tempfile.TemporaryDirectory() as scratch:
        ask = _asking(build_index(Path(scratch) / "texts", rows))
        for name, row in enumerate(texts):
            yield from _about_text(ask, name, row)


def _few_texts() -> Iterator[Asked]:
    """The same questions in archives of three texts, and some on texts that are not there: only to tell answerable."""
    texts = dict(enumerate(load_rows(READING)))
    pick = random.Random(11)
    order = pick.sample(list(texts), len(texts))
    with tempfile.TemporaryDirectory() as scratch:
        for own in (order[n : n + FEW] for n in range(0, len(order), FEW)):
            rows = [{"id": n, "title": texts[n]["title"], "text": texts[n]["text"]} for n in own]
            ask = _asking(build_index(Path(scratch) / f"texts {own[0]}", rows))
            for name in own:
                yield from (
                    replace(found, counts=False, among_few=True) for found in _about_text(ask, name, texts[name])
                )
            for name in pick.sample([n for n in order if n not in own], 2 * FEW):
                asked = pick.choice(texts[name]["questions"])
                if found := ask(asked["question"], partial(_holds, []), False, f"text {name}"):
                    yield replace(found, covered=False, among_few=True)


def _about_text(ask: Callable[..., Asked | None], name: int, row: dict[str, Any]) -> Iterator[Asked]:
    for asked in row["questions"]:
        named = [(str(name), plain(sentence)) for sentence in asked["evidence"]]
        given = bool(named) or asked["kind"] == "false premise"
        if found := ask(asked["question"], partial(_holds, named), given, f"text {name}"):
            yield found


def _holds(named: Sequence[tuple[str, str]], hit: Hit, a: int, b: int) -> bool:
    """Whether the sentence is one of those that are named by their article and text."""
    text = plain(hit.article.text[a:b])
    return any(name == name_of(hit.article) and (text in said or said in text) for name, said in named)


def _squad(data: Path) -> Iterator[Asked]:
    texts, questions = held_out_questions(data)
    pick = random.Random(3)
    known = pick.sample([q for q in questions if q.answers], SQUAD // 2)
    unknown = [q for q in questions if not q.answers]
    with tempfile.TemporaryDirectory() as scratch:
        ask = _asking(build_index(Path(scratch) / "squad", by_title(texts)))
        for asked in [*known, *pick.sample(unknown, min(SQUAD // 2, len(unknown)))]:

            def holds(hit: Hit, a: int, b: int, asked: SquadQuestion = asked) -> bool:
                right = bool(asked.answers) and hit.article.title == asked.title
                return right and contains(hit.article.text[a:b], asked.answers)

            found = ask(asked.text, holds, bool(asked.answers), asked.title, Kind.FACT)
            yield replace(found, asked_by_people=False)


def _sentence_model(asked: Sequence[Asked], names: Sequence[str]) -> scoring.Model:
    """Logistic regression on the features, and once more on those of each kind, which are held small."""
    columns = [FEATURES.index(name) for name in names]
    kinds = list(FORMS)
    x = np.concatenate([one.table[:, columns] for one in asked])
    y = np.concatenate([one.truth for one in asked])
    own = np.concatenate([np.full(len(one.table), kinds.index(one.question.kind)) for one in asked])
    weights = np.concatenate([_weights(one.truth) for one in asked])
    with_one = np.hstack([x, np.ones((len(x), 1))])
    by_kind = np.hstack([with_one * (own == n)[:, None] * PULL for n in range(len(kinds))])
    fit = LogisticRegression(C=3.0, max_iter=4000).fit(np.hstack([x, by_kind]), y, sample_weight=weights)
    coefficients = fit.coef_[0]
    shared = dict(zip(names, coefficients[: len(names)].round(4).tolist(), strict=True))
    parts = coefficients[len(names) :].reshape(len(kinds), len(names) + 1) * PULL
    extra = {
        kind.value: dict(zip([*names, "bias"], part.round(4).tolist(), strict=True))
        for kind, part in zip(kinds, parts, strict=True)
    }
    return scoring.Model(DEFAULT_EMBEDDER, round(float(fit.intercept_[0]), 4), shared, extra)


def _sentence_network(asked: Sequence[Asked]) -> SentenceNetwork:
    """Networks trained on the same questions from other beginnings; their mean is one network with all their units."""
    rows = [inputs(one.table, one.question.kind) for one in asked]
    mean, scale = np.concatenate(rows).mean(0), np.concatenate(rows).std(0).clip(1e-3)
    x = [torch.tensor(((row - mean) / scale).clip(-FARTHEST, FARTHEST), dtype=torch.float32) for row in rows]
    y = [torch.tensor(one.truth, dtype=torch.float32) for one in asked]
    weights = [torch.tensor(_weights(one.truth) / 20, dtype=torch.float32) for one in asked]
    trained = [_trained(x, y, weights, seed) for seed in range(NETWORKS)]
    hidden, outs, direct = zip(*trained, strict=True)
    return SentenceNetwork(
        embedder=DEFAULT_EMBEDDER,
        mean=mean,
        scale=scale,
        hidden=torch.cat([layer.weight for layer in hidden]).detach().numpy(),
        hidden_bias=torch.cat([layer.bias for layer in hidden]).detach().numpy(),
        out=torch.cat([layer.weight[0] for layer in outs]).detach().numpy() / NETWORKS,
        direct=torch.stack([layer.weight[0] for layer in direct]).mean(0).detach().numpy(),
        bias=sum(layer.bias.item() for layer in (*outs, *direct)) / NETWORKS,
    )


def _trained(
    x: Sequence[torch.Tensor], y: Sequence[torch.Tensor], weights: Sequence[torch.Tensor], seed: int
) -> tuple[torch.nn.Linear, torch.nn.Linear, torch.nn.Linear]:
    """The layers of one network: to its hidden units, from these to its output, and directly."""
    torch.manual_seed(seed)
    size = x[0].shape[1]
    hidden, out, direct = torch.nn.Linear(size, UNITS), torch.nn.Linear(UNITS, 1), torch.nn.Linear(size, 1)
    of_all = [p for layer in (hidden, out, direct) for p in layer.parameters()]
    optimizer = torch.optim.AdamW(of_all, lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(x) // BATCH)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(x)).split(BATCH):
            rows, truth, weight = (torch.cat([part[n] for n in some.tolist()]) for part in (x, y, weights))
            given = (out(torch.tanh(hidden(rows))) + direct(rows)).squeeze(1)
            wrong = torch.nn.functional.binary_cross_entropy_with_logits(given, truth, weight, reduction="sum")
            optimizer.zero_grad()
            (wrong / len(some)).backward()
            optimizer.step()
            falling.step()
    return hidden, out, direct


def _weights(truth: np.ndarray) -> np.ndarray:
    """So that every question counts the same, and its answering sentences a third of it."""
    share = np.where(truth, 1 / 3 / max(1, truth.sum()), 2 / 3 / max(1, (~truth).sum()))
    return share * 20


def _report(name: str, asked: Sequence[Asked], odds: Sequence[np.ndarray]) -> None:
    """On questions left out: area under the curve of sentences, and recall within the kind's sentences."""
    aucs, found, best = [], [], []
    for one, scores in zip(asked, odds, strict=True):
        if one.counts and not one.truth.all():
            aucs.append(roc_auc_score(one.truth, scores))
            order = np.argsort(-scores)
            best.append(bool(one.truth[order[0]]))
            found.append(one.truth[order[: FORMS[one.question.kind].sentences]].sum() / one.truth.sum())
    figures = {"questions": len(aucs), "auc": np.mean(aucs), "first": np.mean(best), "recall": np.mean(found)}
    print(json.dumps({name: {key: round(float(value), 3) for key, value in figures.items()}}), flush=True)


def _answerable_model(asked: Sequence[Asked], odds: Sequence[np.ndarray]) -> answerable.Model:
    """Of questions that people asked: how Wikipedia's were made to look answerable tells nothing of theirs."""
    chosen = [(one, scores) for one, scores in zip(asked, odds, strict=True) if one.asked_by_people]
    rows = [_signals(one, scores) for one, scores in chosen]
    asked = [one for one, _ in chosen]
    x = np.array([[row.get(name, 0.0) for name in answerable.SIGNALS] for row in rows])
    y = np.array([one.answerable for one in asked])
    broad = np.array([one.question.kind in answerable.BROAD for one in asked])
    groups = np.array([one.group for one in asked])
    many = np.array([not one.among_few for one in asked])  # among few, a topic that is not there looks like one that is
    narrow = _answerable_weights(x[~broad], y[~broad], groups[~broad], "narrow", REFUSED_ANSWERABLE)
    wide = _answerable_weights(*(part[broad & many] for part in (x, y, groups)), "broad", REFUSED_ANSWERABLE)
    covered = np.array([one.covered for one in asked])
    alone = x * [name in answerable.TOPIC for name in answerable.SIGNALS]
    topic = _answerable_weights(*(part[many] for part in (alone, covered, groups)), "topic", REFUSED_COVERED)
    return answerable.Model(DEFAULT_EMBEDDER, narrow, wide, 0.5, topic)


def _answerable_weights(
    x: np.ndarray, y: np.ndarray, groups: np.ndarray, name: str, refused: float
) -> dict[str, float]:
    """Weights by signal, and a bias for which a probability of 0.5 refuses the share of the true ones that may be."""
    left_out = np.zeros(len(y))
    for train, test in GroupKFold(5).split(x, groups=groups):
        left_out[test] = _logistic(x[train], y[train], STEADY[name]).decision_function(x[test])
    cut = float(np.quantile(left_out[y], refused))
    curve = {
        str(share): round(float((left_out[~y] < np.quantile(left_out[y], share)).mean()), 3)
        for share in (0.02, 0.04, 0.06, 0.08, 0.12, 0.2)
    }
    figures = {"questions": len(y), "auc": round(roc_auc_score(y, left_out), 3), "others refused": curve}
    print(json.dumps({f"answerable, {name}": figures}), flush=True)
    fit = _logistic(x, y, STEADY[name])
    scale, logistic = fit[0], fit[1]
    weights = logistic.coef_[0] / scale.scale_
    bias = float(logistic.intercept_[0] - weights @ scale.mean_) - cut + MARGINS[name]
    return dict(zip(answerable.SIGNALS, weights.round(4).tolist(), strict=True)) | {"bias": round(bias, 4)}


def _signals(one: Asked, odds: np.ndarray) -> dict[str, float]:
    unread = not one.table[:, FEATURES.index("evidence")].any()
    texts = one.sentences if unread else one.pointed
    return signals_of(one.question, one.table, odds, one.unknown, [texts[n] for n in np.argsort(-odds)])


def _logistic(x: np.ndarray, y: np.ndarray, steady: float) -> Pipeline:
    model = LogisticRegression(C=steady, max_iter=4000, class_weight="balanced")
    return make_pipeline(StandardScaler(), model).fit(x, y)


def _write(path: Path, model: scoring.Model | SentenceNetwork | answerable.Model) -> None:
    content = {name: getattr(model, name) for name in model.__dataclass_fields__}
    content = {
        name: v.astype(float).round(4).tolist() if isinstance(v, np.ndarray) else v for name, v in content.items()
    }
    path.write_text(
        json.dumps(content, indent=None if isinstance(model, SentenceNetwork) else 1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    typer.run(main)
