"""Users who ask a server through all of its doors, wait, think and ask again; some always leave in mid-answer."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx

THINKING = (1.0, 5.0)
"""Seconds between an answer and the next question, at least and at most."""

PATIENCE_SECONDS = 900.0
"""After that an answer counts as lost."""

LEAVES_EVERY = 10
"""Every tenth user always leaves in mid-answer."""


class Left(Exception):
    """The user has closed the connection."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a user received: the answer's text and quotations, as every door gives them."""

    text: str
    quotes: frozenset[str]
    question: str
    """As the answer repeats it; empty where the door does not."""
    modelled: bool = False
    """Whether the language model was asked, which has a queue of its own; False where the door does not say."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], text: str | None = None) -> Received:
        """Of the JSON of an answer. AssertionError if a citation is none of the passages shown."""
        quotes = frozenset(citation["quote"] for citation in answer["citations"])
        shown = {passage["article_id"] for passage in answer["passages"]}
        assert {citation["article_id"] for citation in answer["citations"]} <= shown, "a citation of another question"
        text = answer["text"] if text is None else text
        return cls(text, quotes, answer.get("question", ""), answer.get("tokens_read", 0) > 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of one user. `at` counts from the beginning of the load, `seconds` until the answer was whole."""

    door: str
    question: str
    at: float
    seconds: float
    received: Received | None = None
    left: bool = False
    error: str = ""


Door = Callable[[httpx.AsyncClient, str, int], Coroutine[Any, Any, Received]]


async def by_http(http: httpx.AsyncClient, question: str, leave_after: int) -> Received:
    """`POST /api/ask`; whoever leaves does so after some tenths of a second."""
    asking = http.post("/api/ask", json={"question": question})
    if leave_after:
        try:
            response = await asyncio.wait_for(asking, leave_after / 5)
        except TimeoutError:
            raise Left from None
    else:
        response = await asking
    return Received.of(_checked(response).json())


async def by_events(http: httpx.AsyncClient, question: str, leave_after: int) -> Received:
    """`POST /api/ask` with `stream`: the sentences that come one by one must be those of the answer."""
    said: list[str] = []
    answer: dict[str, Any] | None = None
    async with http.stream("POST", "/api/ask", json={"question": question, "stream": True}) as response:
        _checked(response)
        async with aclosing(_events(response)) as events:
            async for number, (name, data) in _counted(events):
                if number == leave_after:
                    raise Left
                if name == "said":
                    said.append(data["sentence"]["text"])
                if name == "error":
                    raise RuntimeError(data["error"]["message"])
                answer = data if name == "answer" else answer
    assert answer is not None, "the stream ended without an answer"
    assert said == [sentence["text"] for sentence in answer["sentences"]], "the sentences are another answer's"
    return Received.of(answer)


async def by_openai(http: httpx.AsyncClient, question: str, leave_after: int) -> Received:
    """`POST /v1/chat/completions`, streamed."""
    body = {"model": "clippings", "messages": [{"role": "user", "content": question}], "stream": True}
    text, last = "", {}
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        _checked(response)
        async with aclosing(_events(response)) as events:
            async for number, (_, data) in _counted(events):
                if number == leave_after:
                    raise Left
                if "error" in data:
                    raise RuntimeError(data["error"]["message"])
                if data:
                    text += data["choices"][0]["delta"].get("content") or ""
                    last = data
    assert last and last["choices"][0]["finish_reason"] == "stop", "the stream ended without an answer"
    return Received.of(last["clippings"], text)


async def by_gradio(http: httpx.AsyncClient, question: str, leave_after: int) -> Received:
    """The page's own API, `/answer`, with its queue."""
    began = await http.post("/gradio_api/call/answer", json={"data": [question, [], "", "", "", ""]})
    event = _checked(began).json()["event_id"]
    async with http.stream("GET", f"/gradio_api/call/answer/{event}") as response:
        _checked(response)
        if leave_after:
            raise Left
        async with aclosing(_events(response)) as events:
            async for name, data in events:
                if name == "error":
                    raise RuntimeError(f"the page's API failed: {data}")
                if name == "complete":
                    return Received.of(data[0])
    raise RuntimeError("the stream ended without an answer")


DOORS: dict[str, Door] = {"http": by_http, "events": by_events, "openai": by_openai, "gradio": by_gradio}


async def users(
    http: httpx.AsyncClient, count: int, seconds: float, questions: Sequence[str], seed: int = 0
) -> list[Asked]:
    """What `count` users asked in that time; those who wait at its end are still answered."""
    began = time.perf_counter()
    each = await asyncio.gather(
        *(_user(http, number, began, seconds, questions, random.Random(f"{seed} {number}")) for number in range(count))
    )
    return [asked for one in each for asked in one]


async def _user(
    http: httpx.AsyncClient, number: int, began: float, seconds: float, questions: Sequence[str], dice: random.Random
) -> list[Asked]:
    asked: list[Asked] = []
    await asyncio.sleep(dice.uniform(0, THINKING[1]))
    while (at := time.perf_counter() - began) < seconds:
        leave_after = dice.randint(1, 4) if number % LEAVES_EVERY == 0 else 0
        asked.append(await ask(http, dice.choice(list(DOORS)), dice.choice(questions), at, leave_after))
        await asyncio.sleep(dice.uniform(*THINKING))
    return asked


async def ask(http: httpx.AsyncClient, door: str, question: str, at: float = 0.0, leave_after: int = 0) -> Asked:
    """Ask once. `leave_after` so many events, or fifths of a second, the user goes; 0 for never."""
    began = time.perf_counter()
    received, left, error = None, False, ""
    try:
        received = await asyncio.wait_for(DOORS[door](http, question, leave_after), PATIENCE_SECONDS)
    except Left:
        left = True
    except TimeoutError:
        error = f"no answer after {PATIENCE_SECONDS:.0f} s"
    except Exception as problem:  # whatever it is, it is counted and shown
        error = f"{type(problem).__name__}: {problem}"
    return Asked(door, question, at, time.perf_counter() - began, received, left, error)


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code != 200:
        raise RuntimeError(f"status {response.status_code}")
    return response


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """Name and data of each server-sent event; the data of OpenAI's last one is empty."""
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            text = line.removeprefix("data: ")
            yield name, {} if text == "[DONE]" else json.loads(text)


async def _counted(events: AsyncIterator[tuple[str, Any]]) -> AsyncIterator[tuple[int, tuple[str, Any]]]:
    number = 0
    async for event in events:
        number += 1
        yield number, event
