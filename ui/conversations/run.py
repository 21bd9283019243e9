"""Runs the chatbot's steps in a thread of their own, so that Stop takes effect at once.

The page does not wait until the chatbot has stopped: it ends the iteration, and the chatbot, which is passed the stop,
ends the model's work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue

from rag.answering.active_answers import answer_in_thread
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
        self._arrived: SimpleQueue[Step | Exception | None] = SimpleQueue()
        self._stopped = threading.Event()
        answer_in_thread(partial(start, stop=self._stopped), self._arrived.put)

    def stop(self) -> None:
        """End the iteration now, and the model's work within half a second. Has no effect on a finished run."""
        self._stopped.set()
        self._arrived.put(None)

    def __iter__(self) -> Iterator[Step | None]:
        while not self._stopped.is_set():
            try:
                step = self._arrived.get(timeout=BEAT_SECONDS)
            except Empty:
                yield None
                continue
            if step is None or self._stopped.is_set():
                return
            if isinstance(step, Exception):
                raise step
            yield step
