"""Plot an evaluation: answer@k, the refusal curve, and latencies. Requires the extra `plot` (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import CannotRun, WrongUse
from rag.evaluation.questions import RANKS, Result


def plot(results: Sequence[Result], path: Path) -> None:
    """Writes a plot of the results, in the format of the file's suffix; PNG without a suffix.

    Raises CannotRun if matplotlib is not installed, WrongUse if the file cannot be written.
    """
    try:
        import matplotlib
    except ImportError:
        raise CannotRun("Plots need matplotlib. Install it with: pip install 'clippings[plot]'") from None
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    ranks, refusals, latencies = figure.subplots(1, 3)
    _ranks(ranks, results)
    _refusals(refusals, results)
    _latencies(latencies, results)
    try:
        figure.savefig(path, dpi=150, format=path.suffix[1:] or "png")
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be written: {error}") from error


def _ranks(axes: Any, results: Sequence[Result]) -> None:
    ranks = [r.rank for r in results if r.question.answerable]
    ks = range(1, max(RANKS) + 1)
    shares = [np.mean([rank is not None and rank <= k for rank in ranks]) if ranks else 0.0 for k in ks]
    axes.plot(ks, shares, marker="o")
    axes.set(title="A passage in the first k holds the answer", xlabel="k", ylabel="share of questions", ylim=(0, 1.02))
    axes.grid(alpha=0.3)


def _refusals(axes: Any, results: Sequence[Result]) -> None:
    """Plots the share of refused unanswerable questions over that of refused answerable ones, for all thresholds."""
    scored = [(r.question.answerable, r.answer.confidence) for r in results if r.answer is not None]
    known = np.array([score for answerable, score in scored if answerable])
    unknown = np.array([score for answerable, score in scored if not answerable])
    axes.set(
        title="Refusal curve", xlabel="answerable refused", ylabel="unanswerable refused", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.grid(alpha=0.3)
    if not len(known) or not len(unknown):
        axes.text(0.5, 0.5, "needs answers to both kinds\nof question", ha="center", va="center")
        return
    thresholds = np.concatenate([[0.0], np.unique(np.concatenate([known, unknown])), [1.0 + 1e-9]])
    axes.plot([(known < t).mean() for t in thresholds], [(unknown < t).mean() for t in thresholds])
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    refused = [(r.question.answerable, r.answer.refused) for r in results if r.answer is not None]
    here = [np.mean([was for answerable, was in refused if answerable is kind]) for kind in (True, False)]
    axes.plot(*here, marker="o", color="black")
    axes.annotate("in use", here, textcoords="offset points", xytext=(8, -4))


def _latencies(axes: Any, results: Sequence[Result]) -> None:
    answers = [r.answer for r in results if r.answer is not None]
    firsts = [a.timings.first_word for a in answers if a.timings.first_word is not None]
    rows = {
        "passages": [r.retrieve_seconds for r in results],
        "first word": firsts,
        "whole answer": [a.timings.total for a in answers],
    }
    shown = {name: values for name, values in rows.items() if values}
    axes.boxplot(list(shown.values()), orientation="horizontal", whis=(5, 95), showfliers=False)
    axes.set_yticks(range(1, len(shown) + 1), list(shown))
    axes.set(title="Seconds (median, quartiles, 5 to 95 %)", xlim=(0, None))
    axes.grid(alpha=0.3, axis="x")
