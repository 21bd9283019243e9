"""Login throttling: after some failures each further try must wait, twice as long each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000
"""Maximum number of clients that a Throttle remembers; the one whose last failure is oldest is dropped first."""

FORGOTTEN_SECONDS = 600.0
"""Seconds without a failure after which earlier failures no longer count."""

Clock = Callable[[], float]


class Throttle:
    """Counts the failures of each client, which any text may identify. The first `free` of them cause no wait."""

    def __init__(self, free: int, longest: float, clock: Clock = time.monotonic) -> None:
        """`longest` is the longest wait in seconds."""
        self._free = free
        self._longest = longest
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Returns the seconds until the client may try again; 0 if it may now."""
        count, last = self._failures.get(who, (0, 0.0))
        if count < self._free:
            return 0.0
        # The exponent is capped at 30, because a float holds 2 ** 1023 at most.
        return max(0.0, last + min(2.0 ** min(count - self._free, 30), self._longest) - self._clock())

    def failed(self, who: str) -> None:
        """Count a failure of the client."""
        count, last = self._failures.pop(who, (0, 0.0))
        now = self._clock()
        self._failures[who] = (count + 1 if now - last < FORGOTTEN_SECONDS else 1, now)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def forget(self, who: str) -> None:
        """Delete all failures of the client, after a success."""
        self._failures.pop(who, None)

    def take_back(self, who: str) -> None:
        """Delete the client's last failure, which turned out to be none; earlier ones still count."""
        if who in self._failures:
            count, last = self._failures[who]
            self._failures[who] = (count - 1, last)


class Logins:
    """Counts failed logins by address and name together, by address (many names), and by name (many addresses).

    A user who mistypes reaches none of the limits. The waits by name are short, so that nobody is locked out by others
    who guess.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._pairs = Throttle(5, 300.0, clock)
        self._addresses = Throttle(50, 300.0, clock)
        self._names = Throttle(100, 30.0, clock)

    def wait(self, address: str, name: str) -> float:
        """Returns the seconds until this address may try this name again; 0 if it may now."""
        pair = f"{address} {name}"
        return max(self._pairs.wait(pair), self._addresses.wait(address), self._names.wait(name))

    def failed(self, address: str, name: str) -> None:
        """Count a login with a wrong password."""
        self._pairs.failed(f"{address} {name}")
        self._addresses.failed(address)
        self._names.failed(name)

    def succeeded(self, address: str, name: str) -> None:
        """Undo what `failed` has counted of a login whose password was right.

        The address's failures with other names still count; otherwise an attacker with an account would never have to
        wait.
        """
        self._pairs.forget(f"{address} {name}")
        self._names.forget(name)
        self._addresses.take_back(address)
