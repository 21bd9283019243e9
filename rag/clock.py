"""How long an answer takes, from the question on."""

from __future__ import annotations

import time


class Clock:
    """Starts when it is made; `evidence` and `first_word` are noted by whoever reaches them."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.evidence: float | None = None
        self.first_word: float | None = None

    def seconds(self) -> float:
        """Seconds since the start, to a tenth of a millisecond."""
        return round(time.perf_counter() - self._start, 4)
