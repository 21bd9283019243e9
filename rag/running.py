"""Which answers are being given, so that all of them can be stopped when the program ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import CannotRun


class Running:
    """The answers of one chatbot that are under way. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._stops: list[threading.Event] = []
        self._closed = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Stop them all; those that would begin later, too."""
        with self._lock:
            self._closed = True
            for stop in self._stops:
                stop.set()

    @contextmanager
    def until_closed(self, stop: threading.Event) -> Iterator[None]:
        """Meanwhile `close` sets `stop`. CannotRun if all is over already."""
        with self._lock:
            self._stops.append(stop)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def check(self) -> None:
        """CannotRun if all is over."""
        if self._closed:
            raise CannotRun("clippings is being stopped. Ask again when it has been started again.")
