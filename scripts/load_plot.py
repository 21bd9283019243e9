"""Draw a load: memory of the server, and how long each answer took, over time. Needs the extra `plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure


def draw(memory: Sequence[tuple[float, float]], answers: Sequence[tuple[float, float]], path: Path) -> None:
    """`memory` has seconds and MB, `answers` when each was asked for and the seconds that it took."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot([at / 60 for at, _ in memory], [megabytes for _, megabytes in memory], linewidth=1)
    above.set(title="Memory of the server", ylabel="MB", ylim=(0, None))
    below.scatter([at / 60 for at, _ in answers], [seconds for _, seconds in answers], s=2, alpha=0.4)
    below.set(title="From the question to the whole answer", ylabel="seconds", xlabel="minutes", ylim=(0, None))
    for axes in (above, below):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
