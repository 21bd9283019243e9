"""Measures how long an answer takes, in seconds from the question."""

from __future__ import annotations

import time


class Clock:
    """A stopwatch that starts when it is created; the caller sets `evidence` and `first_word`, in seconds."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.evidence: float | None = None
        self.first_word: float | None = None

    def seconds(self) -> float:
        """Returns the seconds since the start, rounded to a tenth of a millisecond."""
        return round(time.perf_counter() - self._start, 4)
