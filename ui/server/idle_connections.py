"""Idle timeout: closes connections whose clients send no request, before they use up the file handles.

uvicorn waits for the first request, and for the rest of an incomplete one, without a limit, so that anybody could take
every file handle with a thousand connections.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

SECONDS = 20.0
"""Seconds that a client may take to send the head of a request."""

MOST_WAITING = 200
"""Maximum number of connections without a request; beyond it the oldest are closed at once. A browser has six, a proxy
some dozens."""

MOST_OPEN = 65_536
"""Maximum number of open files, connections included."""

LOOKS = 0.5
"""Seconds between two checks of the connections."""


class Patience:
    """Applies the idle timeout to the connections of one uvicorn server."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: WeakKeyDictionary[Any, tuple[Any, float]] = WeakKeyDictionary()

    async def watch(self, connections: Callable[[], Iterable[Any]]) -> None:
        """Check what `connections` returns every `LOOKS` seconds, until cancelled."""
        while True:
            self.look(connections())
            await asyncio.sleep(LOOKS)

    def look(self, connections: Iterable[Any]) -> None:
        """Close the connections that have waited too long."""
        now, waits = self._clock(), [each for each in list(connections) if _is_waiting(each)]
        waiting = {each: self._seen(each, now) for each in waits}
        self._waiting = WeakKeyDictionary(waiting)
        longest = sorted(waiting, key=lambda connection: waiting[connection][1])
        over = len(longest) - MOST_WAITING
        for place, connection in enumerate(longest):
            if place < over or now - waiting[connection][1] >= SECONDS:
                connection.transport.abort()

    def _seen(self, connection: Any, now: float) -> tuple[Any, float]:
        """Returns the last request that was answered, and the time since when the connection has been idle."""
        before = self._waiting.get(connection)
        return before if before and before[0] is connection.cycle else (connection.cycle, now)


def raise_open_files() -> None:
    """Raise the limit of open files, often 1,024, to what the system allows, but at most to `MOST_OPEN`."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_OPEN if most == resource.RLIM_INFINITY else min(most, MOST_OPEN)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def _is_waiting(connection: Any) -> bool:
    """Whether no request of a connection is being answered; False for a WebSocket, which has no such state."""
    if not hasattr(connection, "cycle"):
        return False
    return connection.cycle is None or connection.cycle.response_complete
