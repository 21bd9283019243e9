"""What asking through each door costs beside asking the chatbot itself, and what 20 who ask at once see.

Every question goes through each door in turn, so that a busy machine is busy for all of them. Needs the extras `mcp`
and `dev`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import mcp
import openai

from rag import Chatbot
from ui.access import passwords
from ui.server.app import Front
from ui.server.serve import allowed, start

AT_ONCE = 20


def measure(chatbot: Chatbot, questions: Sequence[str]) -> dict[str, Any]:
    """Medians in seconds by door, the times of `AT_ONCE` at once, and of checking a password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = start(chatbot, port=port, front=Front(chatbot, allowed("127.0.0.1", port)))
    url = f"http://127.0.0.1:{port}"
    try:
        figures = asyncio.run(_by_door(chatbot, url, questions))
        figures |= asyncio.run(_at_once(url, questions))
    finally:
        page.close(verbose=False)
    kept = passwords.hash_password("correct horse")
    times = [_timed(lambda: passwords.is_password("correct horse", kept)) for _ in range(10)]
    return figures | {"password, s": round(statistics.median(times), 3)}


async def _by_door(chatbot: Chatbot, url: str, questions: Sequence[str]) -> dict[str, Any]:
    async with (
        httpx.AsyncClient(base_url=url, timeout=600) as http,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as protocol,
        mcp.Client(f"{url}/mcp") as assistant,
    ):
        doors: dict[str, Callable[[str], Awaitable[object]]] = {
            "chatbot": lambda question: asyncio.to_thread(chatbot.ask, question),
            "HTTP": lambda question: http.post("/api/ask", json={"question": question}),
            "events": lambda question: _last_event(http, question),
            "OpenAI": lambda question: protocol.chat.completions.create(
                model="clippings", messages=[{"role": "user", "content": question}]
            ),
            "MCP": lambda question: assistant.call_tool("ask", {"question": question}),
        }
        times: dict[str, list[float]] = defaultdict(list)
        for door in doors.values():
            await door(questions[0])
        for question in questions:
            for name, door in doors.items():
                began = time.perf_counter()
                await door(question)
                times[name].append(time.perf_counter() - began)
    return {f"{name}, s": round(statistics.median(values), 3) for name, values in times.items()}


async def _at_once(url: str, questions: Sequence[str]) -> dict[str, Any]:
    """From the moment that all ask: until each has its evidence, and its answer."""

    async def ask(question: str) -> tuple[float, float, int]:
        evidence, place = 0.0, 0
        async with http.stream("POST", "/api/ask", json={"question": question, "stream": True}) as response:
            async for line in response.aiter_lines():
                if line == "event: found":
                    evidence = time.perf_counter() - began
                elif '"place":' in line and line.startswith('data: {"place"'):
                    place = max(place, json.loads(line.removeprefix("data: "))["place"])
        return evidence, time.perf_counter() - began, place

    async with httpx.AsyncClient(base_url=url, timeout=600) as http:
        began = time.perf_counter()
        seen = await asyncio.gather(*(ask(questions[number % len(questions)]) for number in range(AT_ONCE)))
    evidence, answers, places = zip(*seen, strict=True)
    return {
        f"answer of {AT_ONCE} at once, s": round(statistics.median(answers), 2),
        f"evidence of the last of {AT_ONCE}, s": round(max(evidence), 2),
        f"answer of the last of {AT_ONCE}, s": round(max(answers), 2),
        "longest queue for the model": max(places),
    }


async def _last_event(http: httpx.AsyncClient, question: str) -> str:
    last = ""
    async with http.stream("POST", "/api/ask", json={"question": question, "stream": True}) as response:
        async for line in response.aiter_lines():
            last = line or last
    return last


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
