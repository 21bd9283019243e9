"""The one place where every door asks: the chatbot that the page has, a limit on how many ask at once, and who left.

The chatbot's own queue gives the language model to one question after the other, whichever door it came through.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from functools import partial

from anyio import to_thread
from starlette.requests import Request

from index import Filters, Hit
from rag import Answer, Chatbot, Step
from rag.asynchronous import answer_of, steps_of
from rag.question.question import History
from ui.doors.failures import Refused

AT_ONCE = 32
"""Questions that are worked on at the same time; the page has as many of its own."""

MOST_WAITING = 500
"""Questions that wait for that; more are turned away, for their answers would come too late for anybody."""


class Desk:
    """Asks one chatbot for everybody. Its methods are called from the server's one event loop."""

    def __init__(self, chatbot: Chatbot) -> None:
        self.chatbot = chatbot
        self._room = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    @property
    def waiting(self) -> int:
        """Questions that wait to be worked on."""
        return max(0, self._here - AT_ONCE)

    async def steps(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters = Filters(),  # noqa: B008 (frozen)
    ) -> AsyncGenerator[Step]:
        """The steps of an answer, as `Chatbot.stream` gives them. Closing the iterator stops the model."""
        if self._here >= AT_ONCE + MOST_WAITING:
            raise Refused(
                503, "Too many questions are waiting.", "Ask again in a minute.", headers={"Retry-After": "60"}
            )

        def start(stop: threading.Event) -> Iterator[Step]:
            return self.chatbot.stream(question, history=history, filters=filters, stop=stop)

        self._here += 1
        try:
            async with self._room, aclosing(steps_of(start)) as steps:
                async for step in steps:
                    yield step
        finally:
            self._here -= 1

    async def answer(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters = Filters(),  # noqa: B008 (frozen)
    ) -> Answer:
        """The whole answer. Cancelling it stops the model."""
        async with aclosing(self.steps(question, history=history, filters=filters)) as steps:
            return await answer_of(steps)

    async def search(self, question: str, *, top_k: int | None, filters: Filters) -> list[Hit]:
        """The best passages, as many as the settings say without `top_k`."""
        return await to_thread.run_sync(partial(self.chatbot.search, question, top_k=top_k, filters=filters))


async def answer_unless_gone(request: Request, desk: Desk, question: str, history: History, filters: Filters) -> Answer:
    """The answer for a client that waits for it; a client that goes away is a stop."""
    answering = asyncio.ensure_future(desk.answer(question, history=history, filters=filters))
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise Refused(499, "The client went away.")  # nobody reads this; 499 is what proxies log for it
        return answering.result()
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    """Returns when the client has left. The request's body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
