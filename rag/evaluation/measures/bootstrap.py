"""Bootstrap confidence intervals of means, so that noise is not taken for progress.

Efron 1979, "Bootstrap methods: another look at the jackknife": the questions are resampled with replacement many times,
and the interval contains the middle 95 % of the means. Two runs are compared question by question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Interval: TypeAlias = tuple[float, float]

DRAWS = 2_000
SEED = 7


def interval(values: Sequence[float]) -> Interval:
    """Returns the ends of the 95 % interval of the mean, always the same for the same values.

    Raises ValueError if there are no values.
    """
    if not values:
        raise ValueError("no values, no interval")
    table = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(SEED)
    means = [table[rng.integers(0, len(table), len(table))].mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def difference(before: Sequence[float], after: Sequence[float]) -> tuple[float, Interval]:
    """Returns the mean of the paired differences `after - before`, and its interval.

    Raises ValueError if the lengths differ, or are 0.
    """
    changes = [b - a for a, b in zip(before, after, strict=True)]
    around = interval(changes)
    return round(sum(changes) / len(changes), 4), around
