"""Makes an answer in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from rag.answering.steps import Step


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
