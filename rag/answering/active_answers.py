"""Answers in progress: each in a thread of its own, and a registry to stop all of them when the program ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from index.errors import CannotRun
from rag.answering.steps import Step


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


def answer_in_thread(start: Callable[[], Iterator[Step]], put: Callable[[Step | Exception | None], object]) -> None:
    """Calls `put` with each step of `start()`, in a new thread; returns at once.

    An exception of `start` is put like a step; at the end comes None.
    """

    def work() -> None:
        try:
            for step in start():
                put(step)
        except Exception as error:  # raised again where the steps are read
            put(error)
        finally:
            put(None)

    threading.Thread(target=work, name="clippings-answer", daemon=True).start()
