"""The figures of an evaluation: means with how many they are of, medians, areas, and the same by kind.

What comes of a question, a turn or a pair has `measures`; every figure that is a mean is the mean of one measure over
all that have it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, TypeAlias

from rag.evaluation.bootstrap import Interval, interval
from rag.evaluation.dialogues import TurnResult
from rag.evaluation.nuggets import NuggetResult
from rag.evaluation.pairs import PairResult
from rag.evaluation.questions import Result
from rag.evaluation.squad_metrics import area_under_curve

Measured: TypeAlias = Result | NuggetResult | TurnResult | PairResult
Figures: TypeAlias = dict[str, float | int]

NO_NAME = "other"
"""What rows without a kind, and pairs without a phenomenon, are counted under."""


def summary(results: Sequence[Measured]) -> Figures:
    """How many there are, the mean of every measure, medians of words and times, and areas under the curve.

    Figures that have nothing to count are left out. `auc` is of the confidence in questions with answers, or of the
    judge's score; in a file that has both, the second is `support_auc`.
    """
    figures: Figures = {"n": len(results), **means(results), **_words(results)}
    searches = [1000 * r.retrieve_seconds for r in results if isinstance(r, Result)]
    figures |= _median("retrieve_p50_ms", searches) | _areas(results)
    return figures | _median("first_token_p50_s", _first_words(results)) | _median("total_p50_s", _totals(results))


def means(results: Sequence[Measured]) -> dict[str, float]:
    """The mean of every measure, over the results that have it."""
    return {name: round(statistics.mean(values), 4) for name, values in collected(results).items()}


def intervals(results: Sequence[Measured]) -> dict[str, Interval]:
    """The 95 % interval of every mean."""
    return {name: interval(values) for name, values in collected(results).items()}


def collected(results: Sequence[Measured]) -> dict[str, list[float]]:
    """For each measure its values, over the results that have it."""
    table: dict[str, list[float]] = {}
    for result in results:
        for name, value in result.measures.items():
            table.setdefault(name, []).append(value)
    return table


def counts(results: Sequence[Measured]) -> dict[str, int]:
    """For each measure how many results have it; nothing where all are questions with answers."""
    if all(isinstance(result, Result) for result in results):
        return {}
    return {name: len(values) for name, values in collected(results).items()}


def by_kind(results: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """Of each kind of question with nuggets and of turn: how many, and the figures with their intervals."""
    return _grouped([(r.kind, r) for r in results if isinstance(r, (NuggetResult, TurnResult))])


def by_phenomenon(results: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """Of each phenomenon among the pairs: how many, and the figures with their intervals."""
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
    """Median of the words of answers to questions with nuggets, refusals left out."""
    replies = [r.reply for r in results if isinstance(r, NuggetResult)]
    return _median("words", [reply.words for reply in replies if not reply.refused])


def _areas(results: Sequence[Measured]) -> dict[str, float]:
    """How well confidence tells answerable questions from the others, and the judge's score supported pairs."""
    asked = [(r.question.answerable, r.answer.confidence) for r in results if isinstance(r, Result) and r.answer]
    judged = [(r.is_supported, r.score) for r in results if isinstance(r, PairResult)]
    areas = _area("auc", asked)
    return areas | _area("support_auc" if areas else "auc", judged)


def _area(name: str, scored: Sequence[tuple[bool, float]]) -> dict[str, float]:
    """Area under the curve of scores of what is so and what is not; nothing unless there are both."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for label, score in scored:
        scores[label].append(score)
    return {name: round(area_under_curve(scores[True], scores[False]), 4)} if all(scores.values()) else {}


def _first_words(results: Sequence[Measured]) -> list[float]:
    """Seconds to the first word of each answer that a model wrote."""
    firsts = [r.reply.first_word for r in results if isinstance(r, (NuggetResult, TurnResult))]
    firsts += [r.answer.timings.first_word for r in results if isinstance(r, Result) and r.answer]
    return [first for first in firsts if first is not None]


def _totals(results: Sequence[Measured]) -> list[float]:
    """Seconds that each answer took."""
    totals = [r.reply.total for r in results if isinstance(r, (NuggetResult, TurnResult))]
    return totals + [r.answer.timings.total for r in results if isinstance(r, Result) and r.answer]


def _median(name: str, values: Sequence[float]) -> Figures:
    return {name: round(statistics.median(values), 3)} if values else {}
