"""What the doors that stream have in common."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

from rag import Question

T = TypeVar("T")


def json_text(data: Any) -> str:
    """JSON on one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def question_to_json(question: Question) -> dict[str, Any]:
    """A question as it was understood, under the names that it has in the JSON of an answer."""
    return {
        "standalone": question.standalone,
        "kind": question.kind.value,
        "leans_on": list(question.leans_on),
    }


async def ensure_begun(items: AsyncGenerator[T], patience: float | None = None) -> AsyncGenerator[T | None]:
    """The same items; what fails before the first is raised now, while the status can still be that of an error.

    If nothing has come after `patience` seconds, the first item is None, and failures come as they come.
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
