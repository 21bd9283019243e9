"""Slow down whoever guesses: after some failures each further try must wait, twice as long each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000
"""Guessers of one kind; the one that failed longest ago is forgotten first."""

FORGOTTEN_SECONDS = 600.0
"""After so long without a failure earlier ones do not count."""

Clock = Callable[[], float]


class Throttle:
    """Counts the failures of each guesser, which is any text. The first `free` of them cost no wait."""

    def __init__(self, free: int, longest: float, clock: Clock = time.monotonic) -> None:
        """`longest` is the longest wait in seconds."""
        self._free = free
        self._longest = longest
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Seconds until they may try again; 0 if they may now."""
        count, last = self._failures.get(who, (0, 0.0))
        if count < self._free:
            return 0.0
        # No power of more than 30: a float holds 2 ** 1023 at most.
        return max(0.0, last + min(2.0 ** min(count - self._free, 30), self._longest) - self._clock())

    def failed(self, who: str) -> None:
        """They guessed wrong."""
        count, last = self._failures.pop(who, (0, 0.0))
        now = self._clock()
        self._failures[who] = (count + 1 if now - last < FORGOTTEN_SECONDS else 1, now)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def forget(self, who: str) -> None:
        """They were right: none of their failures count."""
        self._failures.pop(who, None)

    def take_back(self, who: str) -> None:
        """Their last failure was none; earlier ones count."""
        if who in self._failures:
            count, last = self._failures[who]
            self._failures[who] = (count - 1, last)


class Logins:
    """The failures of logging in: by address and name together, by address (many names), by name (many addresses).

    A person who mistypes is stopped by none of them; the waits for a name are short, so that nobody is kept out by
    others who guess.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._pairs = Throttle(5, 300.0, clock)
        self._addresses = Throttle(50, 300.0, clock)
        self._names = Throttle(100, 30.0, clock)

    def wait(self, address: str, name: str) -> float:
        """Seconds until this address may try this name again; 0 if it may now."""
        pair = f"{address} {name}"
        return max(self._pairs.wait(pair), self._addresses.wait(address), self._names.wait(name))

    def failed(self, address: str, name: str) -> None:
        """A wrong password."""
        self._pairs.failed(f"{address} {name}")
        self._addresses.failed(address)
        self._names.failed(name)

    def succeeded(self, address: str, name: str) -> None:
        """It was the right one, though `failed` had counted it.

        What the address tried with other names counts on: else whoever has an account need never wait.
        """
        self._pairs.forget(f"{address} {name}")
        self._names.forget(name)
        self._addresses.take_back(address)
