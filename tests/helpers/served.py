"""A real server on a free port of this machine, with the page and all doors."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gradio as gr
from making import SCORES
from standins import ScriptedGenerator

from index import Index
from rag import Chatbot
from rag.llm.generation import Message
from rag.question.understanding import Understanding
from ui.server.app import Front
from ui.server.serve import allowed, start

QUESTION = "What will the Calder bridge cost?"
COST = "The Calder bridge will cost 587 million crowns."
UNANSWERED = "Who won the chess championship in Reykjavik?"


class Repeating(ScriptedGenerator):
    """A `ScriptedGenerator` that never runs out of replies; while `held` it waits in mid-answer until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.held = False
        self.began = threading.Event()
        self.stopped = threading.Event()

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """The cost of the bridge, with a marker."""
        self.prompts.append(list(messages))
        if self.held:
            self.began.set()
            assert stop is not None
            assert stop.wait(30), "nobody stopped the model"
            self.stopped.set()
            return
        yield f"{COST} [1]"


def chatbot_of(index: Index) -> Chatbot:
    """A chatbot over an index of stand-ins."""
    return Chatbot(index, Repeating(), scores=SCORES, understanding=Understanding())


@dataclass
class Served:
    """`url` has no slash at its end; `generator` is what writes."""

    url: str
    port: int
    page: gr.Blocks
    front: Front
    chatbot: Chatbot

    @property
    def generator(self) -> Any:
        """What writes."""
        return self.chatbot.generator


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(chatbot: Chatbot, **options: str) -> Iterator[Served]:
    """Serve until the end of the block; `options` as for `ui.server.serve.allowed`."""
    port = free_port()
    front = Front(chatbot, allowed("127.0.0.1", port, **options))

    # Within a running loop, because Gradio makes one wherever there is none and never closes it; in a thread, because
    # a browser's test has a loop already.
    async def started() -> gr.Blocks:
        return start(chatbot, port=port, front=front)

    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(lambda: asyncio.run(started())).result()
    try:
        yield Served(f"http://127.0.0.1:{port}", port, page, front, chatbot)
    finally:
        page.close(verbose=False)
