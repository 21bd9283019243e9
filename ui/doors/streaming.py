"""Functions that the interfaces which stream answers share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

from rag import Question

T = TypeVar("T")


def json_text(data: Any) -> str:
    """Returns the data as JSON on one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def question_to_json(question: Question) -> dict[str, Any]:
    """Returns a question as it was understood, under its field names in the JSON of an answer."""
    return {"standalone": question.standalone, "kind": question.kind.value, "leans_on": list(question.leans_on)}


async def ensure_begun(items: AsyncGenerator[T], patience: float | None = None) -> AsyncGenerator[T | None]:
    """Returns the same items, but raises an error before the first one now, while an error status can still be sent.

    If no item has come after `patience` seconds, the first item is None, and errors are raised during the iteration.
    """
    first = asyncio.ensure_future(anext(items))
    try:
        await asyncio.wait((first,), timeout=patience)
    except asyncio.CancelledError:
        first.cancel()
        raise
    late = not first.done()
    if not late:
        first.result()

    async def all_of_them() -> AsyncGenerator[T | None]:
        try:
            if late:
                yield None
            yield await first
            async for item in items:
                yield item
        finally:
            first.cancel()
            await asyncio.wait((first,))
            await items.aclose()

    return all_of_them()
