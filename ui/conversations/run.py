"""Runs the chatbot's steps in a thread of their own, so that Stop takes effect at once.

The page does not wait until the chatbot has stopped: it ends the iteration. The thread passes the stop on to the
chatbot, which ends the model's work, and closes the chatbot's generator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue

from rag.answering.steps import Step

BEAT_SECONDS = 0.25
"""Seconds without a step after which a run yields None. Only then does Gradio notice that the browser has
disconnected."""


class Run:
    """One question being answered. Iterate over it for the steps; the iteration ends early after `stop`.

    While there is no new step it yields None every `BEAT_SECONDS`.
    """

    def __init__(self, start: Callable[..., Iterator[Step]]) -> None:
        """Start at once: calls `start(stop=event)` in the thread; `stop` sets the event."""
        self._start = start
        self._arrived: SimpleQueue[Step | Exception | None] = SimpleQueue()
        self._stopped = threading.Event()
        threading.Thread(target=self._fetch, name="clippings-answer", daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the iteration now, and the model's work within half a second. Has no effect on a finished run."""
        self._stopped.set()
        self._arrived.put(None)

    def __iter__(self) -> Iterator[Step | None]:
        while not self.stopped:
            try:
                step = self._arrived.get(timeout=BEAT_SECONDS)
            except Empty:
                yield None
                continue
            if step is None or self.stopped:
                return
            if isinstance(step, Exception):
                raise step
            yield step

    def _fetch(self) -> None:
        try:
            steps = self._start(stop=self._stopped)
            for step in steps:
                self._arrived.put(step)
                if self.stopped:
                    break
            if isinstance(steps, Generator):
                steps.close()
        except Exception as error:  # raised again by `__iter__`, in the thread that iterates
            self._arrived.put(error)
        finally:
            self._arrived.put(None)
