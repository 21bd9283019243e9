"""Passes the questions of all interfaces for programs to the page's chatbot, and limits how many run at once.

It also stops an answer whose client has disconnected. The chatbot's own queue gives the language model to one question
after the other, whichever interface it came through.
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
from rag.answering.asyncio_bridge import answer_of, steps_of
from rag.question.question import History
from ui.http_errors import Refused

AT_ONCE = 32
"""Maximum number of questions that run at the same time; the page has the same limit for its own."""

MOST_WAITING = 500
"""Maximum number of questions that wait for that; more are refused, because their answers would come too late."""


class Desk:
    """Asks one chatbot on behalf of all clients. Call its methods from the server's one event loop."""

    def __init__(self, chatbot: Chatbot) -> None:
        self.chatbot = chatbot
        self._room = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    @property
    def waiting(self) -> int:
        """The number of questions that wait to run."""
        return max(0, self._here - AT_ONCE)

    async def steps(
        self, question: str, *, history: History = (), filters: Filters = Filters()
    ) -> AsyncGenerator[Step]:
        """Yields the steps of an answer, like `Chatbot.stream`. Closing the iterator stops the model.

        Raises Refused with status 503 if too many questions are waiting.
        """
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

    async def answer(self, question: str, *, history: History = (), filters: Filters = Filters()) -> Answer:
        """Returns the whole answer. Cancelling the call stops the model."""
        async with aclosing(self.steps(question, history=history, filters=filters)) as steps:
            return await answer_of(steps)

    async def search(self, question: str, *, top_k: int | None, filters: Filters) -> list[Hit]:
        """Returns the `top_k` best passages, or as many as the settings say."""
        return await to_thread.run_sync(partial(self.chatbot.search, question, top_k=top_k, filters=filters))

    async def undated(self, filters: Filters) -> int:
        """Returns how many articles a search with these filters cannot consider, as they have no date."""
        return await to_thread.run_sync(self.chatbot.index.undated, filters)


async def answer_unless_gone(request: Request, desk: Desk, question: str, history: History, filters: Filters) -> Answer:
    """Returns the answer for a waiting client; stops the answer if the client disconnects."""
    answering = asyncio.ensure_future(desk.answer(question, history=history, filters=filters))
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise Refused(499, "The client went away.")  # never received; proxies log 499, too
        return answering.result()
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    """Returns when the client has disconnected. The request's body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
