"""Draw a load: memory of the server, and how long each answer took, over time. Needs the extra `plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure


def draw(
    memory: Sequence[tuple[float, float]],
    answers: Sequence[tuple[float, float, bool]],
    path: Path,
    *,
    flat: tuple[float, float],
) -> None:
    """`memory` has seconds and MB, `answers` when each was asked for, the seconds that it took and if by the model.

    `flat` says from which second on memory may rise by which share of what it is then.
    """
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    _memory(above, memory, *flat)
    for by_model, about in ((False, "clippings alone"), (True, "the language model was asked")):
        dots = [(at / 60, seconds) for at, seconds, modelled in answers if modelled == by_model]
        below.scatter(*zip(*dots, strict=True) if dots else ((), ()), s=6, alpha=0.5, linewidths=0, label=about)
    below.set(ylabel="seconds", xlabel="minutes", ylim=(0, None))
    below.set_title("From the question to the whole answer", loc="left")
    below.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, markerscale=2)  # on no dot
    for axes in (above, below):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def _memory(axes: Any, memory: Sequence[tuple[float, float]], settled: float, growth: float) -> None:
    axes.plot([at / 60 for at, _ in memory], [megabytes for _, megabytes in memory], linewidth=1)
    after = [(at / 60, megabytes) for at, megabytes in memory if at >= settled]
    if after:
        begin, base = after[0]
        label = f"allowed from then on: {growth:.0%} more"
        axes.fill_between([begin, after[-1][0]], base, base * (1 + growth), alpha=0.2, color="C2", label=label)
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
    top = max((megabytes for _, megabytes in memory), default=1.0)
    axes.set(ylabel="MB", ylim=(0, 1.15 * top))
    axes.set_title("Memory of the server", loc="left")
