"""Answers for programs that use asyncio: the same steps, without blocking the event loop.

Each question is answered in a separate thread. Closing the iterator, or cancelling the task that reads it, stops the
model.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import suppress
from functools import partial

from rag.answer import Answer
from rag.answering.active_answers import answer_in_thread
from rag.answering.steps import Step


async def steps_of(start: Callable[[threading.Event], Iterator[Step]]) -> AsyncGenerator[Step]:
    """Yields the steps of `start(stop)`, which runs in a thread; sets `stop` when this iterator is closed.

    Exceptions of `start` are raised here again.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Step | Exception | None] = asyncio.Queue()
    stop = threading.Event()

    def tell(item: Step | Exception | None) -> None:
        with suppress(RuntimeError):  # the event loop is closed, so no task waits for this
            loop.call_soon_threadsafe(arrived.put_nowait, item)

    answer_in_thread(partial(start, stop), tell)  # ends after `stop`; raises if the chatbot itself was closed
    try:
        while (item := await arrived.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        stop.set()


async def answer_of(steps: AsyncIterator[Step]) -> Answer:
    """Returns the Answer, which is the last of the steps."""
    *_, last = [step async for step in steps]
    assert isinstance(last, Answer)
    return last
