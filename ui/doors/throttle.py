"""Slow down whoever guesses: after some failures each further try must wait, twice as long each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 5
"""Failures before the first wait: people mistype."""

LONGEST_SECONDS = 300.0
"""The longest wait, also after which failures are forgotten."""

REMEMBERED = 10_000
"""Guessers; the one that failed longest ago is forgotten first."""


class Throttle:
    """Counts the failures of each guesser, which is any text: an address with the name tried."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Seconds until they may try again; 0 if they may now."""
        count, last = self._failures.get(who, (0, 0.0))
        if count < FREE:
            return 0.0
        return max(0.0, last + min(2.0 ** (count - FREE), LONGEST_SECONDS) - self._clock())

    def failed(self, who: str) -> None:
        """They guessed wrong."""
        count, last = self._failures.pop(who, (0, 0.0))
        now = self._clock()
        self._failures[who] = (count + 1 if now - last < 2 * LONGEST_SECONDS else 1, now)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, who: str) -> None:
        """They were right: forget their failures."""
        self._failures.pop(who, None)
