"""How sure a measured mean is: bootstrap intervals, so that noise is not taken for progress.

Efron 1979, "Bootstrap methods: another look at the jackknife": the questions are drawn again with replacement many
times, and the middle 95 % of the means is the interval. Two runs are compared question by question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Interval: TypeAlias = tuple[float, float]

DRAWS = 2_000
SEED = 7


def interval(values: Sequence[float]) -> Interval:
    """Lower and upper end of the 95 % interval of the mean; the same values always give the same interval."""
    if not values:
        raise ValueError("no values, no interval")
    table = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(SEED)
    means = [table[rng.integers(0, len(table), len(table))].mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def difference(before: Sequence[float], after: Sequence[float]) -> tuple[float, Interval]:
    """Mean of the paired differences `after - before`, and its interval; ValueError if not parallel, or empty."""
    changes = [b - a for a, b in zip(before, after, strict=True)]
    around = interval(changes)
    return round(sum(changes) / len(changes), 4), around
