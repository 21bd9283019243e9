"""Login throttling: after some wrong passwords each further try must wait, twice as long each time.

Wrong passwords are counted by address and name together, by address (many names), and by name (many addresses).
"""

from __future__ import annotations

import time
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


class Limit(NamedTuple):
    """The number of wrong passwords that cause no wait, and the longest wait in seconds."""

    free: int
    longest: int


PAIR = Limit(5, 300)
"""For one name from one address. A user who mistypes reaches none of the limits."""

ADDRESS = Limit(50, 300)
"""For all names from one address."""

NAME = Limit(100, 30)
"""For one name from all addresses; its waits are short, so that nobody is locked out by others who guess."""

_COUNTED = RateLimitItemPerHour(1_000)
"""The window in which wrong passwords count: an hour, from the first. No limit lets 1,000 of them happen in it."""


class Logins:
    """Counts the wrong passwords of one server, in memory."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def wait(self, address: str, name: str) -> float:
        """Returns the seconds until this address may try this name again; 0 if it may now."""
        ends = [
            self._limiter.get_window_stats(pause, *who).reset_time
            for limit, who in _counts(address, name)
            if (pause := self._pause(limit, who))
        ]
        return max(0.0, max(ends, default=0.0) - time.time())

    def failed(self, address: str, name: str) -> None:
        """Count a wrong password."""
        for limit, who in _counts(address, name):
            self._limiter.hit(_COUNTED, *who)
            if pause := self._pause(limit, who):
                self._limiter.hit(pause, *who)

    def succeeded(self, address: str, name: str) -> None:
        """Forget the wrong passwords for this name.

        Those from the address still count; otherwise an attacker with an account would never have to wait.
        """
        for limit, who in _counts(address, name):
            if limit is not ADDRESS:
                self._limiter.clear(_COUNTED, *who)

    def _pause(self, limit: Limit, who: tuple[str, ...]) -> RateLimitItem | None:
        """Returns the limit to one try in so many seconds that applies to the client now; None if none does."""
        beyond = _COUNTED.amount - self._limiter.get_window_stats(_COUNTED, *who).remaining - limit.free
        return RateLimitItemPerSecond(1, min(2**beyond, limit.longest)) if beyond >= 0 else None


def _counts(address: str, name: str) -> tuple[tuple[Limit, tuple[str, ...]], ...]:
    """Returns each limit, with what is counted for it."""
    return (PAIR, ("pair", address, name)), (ADDRESS, ("address", address)), (NAME, ("name", name))
