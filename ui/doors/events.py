"""What the doors that stream have in common."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

T = TypeVar("T")


def json_text(data: Any) -> str:
    """JSON on one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


async def ensure_begun(items: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """The same items; what fails before the first is raised now, while the status can still be that of an error."""
    first = await anext(items)

    async def all_of_them() -> AsyncGenerator[T]:
        try:
            yield first
            async for item in items:
                yield item
        finally:
            await items.aclose()

    return all_of_them()
