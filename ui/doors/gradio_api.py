"""The page's own API, for `gradio_client`: `/answer` and `/find_passages`; the page has functions of other names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import gradio as gr

from index.errors import CannotRun, ClippingsError
from rag import Answer, Chatbot
from rag.answer import hit_to_json
from ui.doors.desk import AT_ONCE
from ui.limits import filters_of
from ui.running import Run


def add_to(page: gr.Blocks, chatbot: Chatbot) -> None:
    """Give the page the two functions, which take and give plain values. Days are texts, empty for no limit."""

    def answer(
        question: str,
        history: list[str] = [],  # noqa: B006 (never changed)
        after: str = "",
        before: str = "",
        source: str = "",
        author: str = "",
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Answer a question, with citations."""
        with _told(), _forgotten(page, request):
            filters = filters_of((after, before, source, author))
            run = Run(partial(chatbot.stream, question, history=history, filters=filters))
            for step in run:
                if isinstance(step, Answer):
                    return step.to_json()
                if _has_left(page, request):
                    run.stop()
            raise CannotRun("The answer was stopped before it was ready. Ask again.")

    def find_passages(
        question: str,
        top_k: int = 5,
        after: str = "",
        before: str = "",
        source: str = "",
        author: str = "",
        request: gr.Request | None = None,
    ) -> list[dict[str, Any]]:
        """The passages found for a question, no answer."""
        with _told(), _forgotten(page, request):
            filters = filters_of((after, before, source, author))
            hits = chatbot.search(question, top_k=max(1, min(top_k, 100)), filters=filters)
            return [hit_to_json(hit) for hit in hits]

    with page:
        for function in (answer, find_passages):
            gr.api(function, api_name=function.__name__, concurrency_limit=AT_ONCE)


def _has_left(page: gr.Blocks, request: gr.Request | None) -> bool:
    """Whether Gradio has noticed that the caller went away: it calls what it does for them dead, and lets it go on."""
    running = [event for events in page._queue.active_jobs if events for event in events]
    mine = [event for event in running if request is not None and event.session_hash == request.session_hash]
    return any(not event.alive for event in mine)


@contextmanager
def _told() -> Iterator[None]:
    """Problems as Gradio tells them to a client."""
    try:
        yield
    except ClippingsError as error:
        raise gr.Error(str(error), print_exception=False) from error


@contextmanager
def _forgotten(page: gr.Blocks, request: gr.Request | None) -> Iterator[None]:
    """Afterwards Gradio forgets the caller's session: it makes one a call, of 175 KB, and would keep 10,000 of them.

    Nothing is lost with it, for these functions have no state.
    """
    try:
        yield
    finally:
        held = page.state_holder
        if request is not None:
            with held.lock:
                held.session_data.pop(request.session_hash, None)
                held.time_last_used.pop(request.session_hash, None)
