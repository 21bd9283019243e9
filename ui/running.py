"""Run the chatbot's steps in a thread of their own, so that Stop answers at once.

The chatbot can only be interrupted between two steps. The page does not wait for that: it stops listening, and the
thread closes the chatbot's generator, which stops the model, as soon as the current step is there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import SimpleQueue

from rag.chatbot import Step


class Run:
    """One question being answered. Iterate over it for the steps; it ends early after `stop`."""

    def __init__(self, start: Callable[[], Iterator[Step]]) -> None:
        """Start at once; `start` itself runs in the thread, too."""
        self._start = start
        self._arrived: SimpleQueue[Step | Exception | None] = SimpleQueue()
        self._stopped = threading.Event()
        threading.Thread(target=self._fetch, name="clippings-answer", daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether somebody has called `stop`."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the iteration now, and the model's work at its next step. Harmless when all is done."""
        self._stopped.set()
        self._arrived.put(None)

    def __iter__(self) -> Iterator[Step]:
        while (step := self._arrived.get()) is not None and not self.stopped:
            if isinstance(step, Exception):
                raise step
            yield step

    def _fetch(self) -> None:
        try:
            steps = self._start()
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
