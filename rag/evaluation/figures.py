"""Aggregates the results of an evaluation: means with counts, medians, areas under the curve, and the same by kind.

The result of a question, a turn or a pair has `measures`; each mean is that of one measure over all results that have
it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, TypeAlias

from rag.evaluation.dialogues import TurnResult
from rag.evaluation.measures.bootstrap import Interval, interval
from rag.evaluation.measures.squad_metrics import area_under_curve
from rag.evaluation.nuggets import NuggetResult
from rag.evaluation.pairs import PairResult
from rag.evaluation.questions import Result

Measured: TypeAlias = Result | NuggetResult | TurnResult | PairResult
Figures: TypeAlias = dict[str, float | int]

NO_NAME = "other"
"""The group of rows without a kind, and of pairs without a phenomenon."""


def summary(results: Sequence[Measured]) -> Figures:
    """Returns the number of results, the mean of every measure, medians of words and times, and areas under the curve.

    Figures without any values are left out. `auc` is that of the confidence for questions with answers, or that of the
    judge's score for pairs; if there are both, the second is called `support_auc`.
    """
    figures: Figures = {"n": len(results), **means(results), **_words(results)}
    searches = [1000 * r.retrieve_seconds for r in results if isinstance(r, Result)]
    figures |= _median("retrieve_p50_ms", searches) | _areas(results)
    return figures | _median("first_token_p50_s", _first_words(results)) | _median("total_p50_s", _totals(results))


def means(results: Sequence[Measured]) -> dict[str, float]:
    """Returns the mean of every measure, over the results that have it."""
    return {name: round(statistics.mean(values), 4) for name, values in collected(results).items()}


def intervals(results: Sequence[Measured]) -> dict[str, Interval]:
    """Returns the 95 % interval of every mean."""
    return {name: interval(values) for name, values in collected(results).items()}


def collected(results: Sequence[Measured]) -> dict[str, list[float]]:
    """Returns the values of each measure, of the results that have it."""
    table: dict[str, list[float]] = {}
    for result in results:
        for name, value in result.measures.items():
            table.setdefault(name, []).append(value)
    return table


def counts(results: Sequence[Measured]) -> dict[str, int]:
    """Returns how many results have each measure; empty if all results are of questions with answers."""
    if all(isinstance(result, Result) for result in results):
        return {}
    return {name: len(values) for name, values in collected(results).items()}


def by_kind(results: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """Returns, for each kind of question with nuggets and of turn, the count, and the figures with their intervals."""
    return _grouped([(r.kind, r) for r in results if isinstance(r, (NuggetResult, TurnResult))])


def by_phenomenon(results: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """Returns, for each phenomenon of the pairs, the count, and the figures with their intervals."""
    return _grouped([(r.pair.phenomenon, r) for r in results if isinstance(r, PairResult)])


def _grouped(named: Sequence[tuple[str | None, Measured]]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Measured]] = {}
    for name, result in named:
        groups.setdefault(name or NO_NAME, []).append(result)
    return {name: _group(groups[name]) for name in sorted(groups)}


def _group(results: Sequence[Measured]) -> dict[str, Any]:
    figures = {"n": len(results), **means(results), **_words(results), **_areas(results)}
    return {**figures, "confidence": intervals(results)}


def _words(results: Sequence[Measured]) -> Figures:
    """Returns the median number of words of answers to questions with nuggets, without refusals."""
    replies = [r.reply for r in results if isinstance(r, NuggetResult)]
    return _median("words", [reply.words for reply in replies if not reply.refused])


def _areas(results: Sequence[Measured]) -> dict[str, float]:
    """Returns the AUC of the confidence for answerable questions, and of the judge's score for supported pairs."""
    asked = [(r.question.answerable, r.answer.confidence) for r in results if isinstance(r, Result) and r.answer]
    judged = [(r.is_supported, r.score) for r in results if isinstance(r, PairResult)]
    areas = _area("auc", asked)
    return areas | _area("support_auc" if areas else "auc", judged)


def _area(name: str, scored: Sequence[tuple[bool, float]]) -> dict[str, float]:
    """Returns the area under the ROC curve of scores with labels; empty unless both labels occur."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for label, score in scored:
        scores[label].append(score)
    return {name: round(area_under_curve(scores[True], scores[False]), 4)} if all(scores.values()) else {}


def _first_words(results: Sequence[Measured]) -> list[float]:
    """Returns the seconds to the first sentence of each answer that has one."""
    firsts = [r.reply.first_word for r in results if isinstance(r, (NuggetResult, TurnResult))]
    firsts += [r.answer.timings.first_word for r in results if isinstance(r, Result) and r.answer]
    return [first for first in firsts if first is not None]


def _totals(results: Sequence[Measured]) -> list[float]:
    """Returns the seconds that each complete answer took."""
    totals = [r.reply.total for r in results if isinstance(r, (NuggetResult, TurnResult))]
    return totals + [r.answer.timings.total for r in results if isinstance(r, Result) and r.answer]


def _median(name: str, values: Sequence[float]) -> Figures:
    return {name: round(statistics.median(values), 3)} if values else {}
