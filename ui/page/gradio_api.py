"""The page's own API, for `gradio_client`: `/answer` and `/find_passages`, names that no handler of the page has.

`/answer` yields an empty value while it has none, because Gradio notices only between two values that the caller has
disconnected; it then closes the generator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import gradio as gr

from index import Filters
from index.errors import CannotRun, ClippingsError
from rag import Answer, Chatbot
from rag.answer import hit_to_json
from ui.conversations.run import Run
from ui.doors.questions import AT_ONCE
from ui.page.filter_boxes import days


def add_to(page: gr.Blocks, chatbot: Chatbot) -> None:
    """Add the two functions to the page. They take and return plain values; dates are texts, empty for no limit."""

    def answer(
        question: str,
        history: list[str] = [],  # noqa: B006 (never changed)
        after: str = "",
        before: str = "",
        source: str = "",
        author: str = "",
        request: gr.Request | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Answer a question, with citations."""
        with _told(), _forgotten(page, request):
            filters = Filters(*days(after, before), source or None, author or None)
            run = Run(partial(chatbot.stream, question, history=history, filters=filters))
            try:
                for step in run:
                    if isinstance(step, Answer):
                        yield step.to_json()
                        return
                    yield {}
            finally:
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
            filters = Filters(*days(after, before), source or None, author or None)
            hits = chatbot.search(question, top_k=max(1, min(top_k, 100)), filters=filters)
            return [hit_to_json(hit) for hit in hits]

    with page:
        for function in (answer, find_passages):
            gr.api(function, api_name=function.__name__, concurrency_limit=AT_ONCE)


@contextmanager
def _told() -> Iterator[None]:
    """Raise errors as `gr.Error`, whose message Gradio sends to the client."""
    try:
        yield
    except ClippingsError as error:
        raise gr.Error(str(error), print_exception=False) from error


@contextmanager
def _forgotten(page: gr.Blocks, request: gr.Request | None) -> Iterator[None]:
    """Delete the caller's session in Gradio afterwards: Gradio creates one per call, of 175 KB, and would keep 10,000.

    Nothing is lost with it, because these functions have no state.
    """
    try:
        yield
    finally:
        held = page.state_holder
        if request is not None:
            with held.lock:
                held.session_data.pop(request.session_hash, None)
                held.time_last_used.pop(request.session_hash, None)
