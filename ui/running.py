"""Run the chatbot's steps in a thread of their own, so that Stop answers at once.

The page does not wait for the chatbot to notice a stop: it stops listening. The thread hands the stop on, which ends
the model's work, and closes the chatbot's generator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue

from rag.steps import Step

BEAT_SECONDS = 0.25
"""How often a silent run shows that it is alive. Gradio notices only then that the reader's browser has gone."""


class Run:
    """One question being answered. Iterate over it for the steps; it ends early after `stop`.

    While nothing comes it gives None every quarter of a second.
    """

    def __init__(self, start: Callable[..., Iterator[Step]]) -> None:
        """Start at once: call `start(stop=event)`, in the thread; the event is set by `stop`."""
        self._start = start
        self._arrived: SimpleQueue[Step | Exception | None] = SimpleQueue()
        self._stopped = threading.Event()
        threading.Thread(target=self._fetch, name="clippings-answer", daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether somebody has called `stop`."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the iteration now, and the model's work within half a second. Harmless when all is done."""
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
        except Exception as error:  # raised again by `__iter__`, in the thread that shows it
            self._arrived.put(error)
        finally:
            self._arrived.put(None)
