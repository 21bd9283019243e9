"""Answers for programs that use asyncio: the same steps, and the loop goes on meanwhile.

Each question is answered in a thread of its own. Closing the iterator, or cancelling the task that reads it, stops
the model.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import suppress

from rag.answer import Answer
from rag.steps import Step


async def steps_of(start: Callable[[threading.Event], Iterator[Step]]) -> AsyncGenerator[Step]:
    """The steps of `start(stop)`, which runs in a thread; `stop` is set when nobody reads them any more.

    What `start` raises is raised here.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Step | Exception | None] = asyncio.Queue()
    stop = threading.Event()

    def tell(item: Step | Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits for this
            loop.call_soon_threadsafe(arrived.put_nowait, item)

    def work() -> None:
        try:
            for step in start(stop):  # which a stop ends, and which says so if it was not the reader's
                tell(step)
        except Exception as error:  # raised again where the steps are read
            tell(error)
        finally:
            tell(None)

    threading.Thread(target=work, name="clippings-answer", daemon=True).start()
    try:
        while (item := await arrived.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        stop.set()


async def answer_of(steps: AsyncIterator[Step]) -> Answer:
    """The Answer that the steps end in."""
    *_, last = [step async for step in steps]
    assert isinstance(last, Answer)
    return last
