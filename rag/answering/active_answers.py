"""A registry of the answers in progress, so that all of them can be stopped when the program ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import CannotRun


class Running:
    """The answers of one chatbot that are in progress. All methods are thread-safe."""

    def __init__(self) -> None:
        self._stops: list[threading.Event] = []
        self._closed = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Stops all answers in progress; `until_closed` and `check` raise CannotRun from now on."""
        with self._lock:
            self._closed = True
            for stop in self._stops:
                stop.set()

    @contextmanager
    def until_closed(self, stop: threading.Event) -> Iterator[None]:
        """Within the context, `close` sets `stop`. Raises CannotRun if `close` was called before."""
        with self._lock:
            self._stops.append(stop)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def check(self) -> None:
        """Raises CannotRun if `close` was called."""
        if self._closed:
            raise CannotRun("clippings is being stopped. Ask again when it has been started again.")
