"""Limits the size of request bodies, before they fill the disk or the memory, and the time that they take to arrive."""

from __future__ import annotations

from collections.abc import Callable

from anyio import fail_after
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http_errors import Refused, answered
from ui.paths import ARTICLES

MOST_BYTES = 1_000_000
"""Maximum size of a question with its conversation, in bytes."""

MOST_OF_PAGE = 5_000_000
"""Maximum bytes that the page sends for one event: what was typed, and the names of files uploaded before."""

MOST_UPLOADED = 200_000_000
"""Maximum bytes of all files of one upload."""

MOST_DISCARDED = 2_000_000_000
"""Bytes of a too large body that are still read and discarded: most clients read no answer while they send."""

SLOWEST_PART = 60.0
"""Seconds within which the next part of a body must arrive."""


def most_of_doors(path: str) -> int:
    """Returns the maximum bytes of a request to this path of the interfaces for programs."""
    return MOST_UPLOADED if path.endswith(ARTICLES) else MOST_BYTES


def most_of_page(path: str) -> int | None:
    """Returns the maximum bytes for this path of the page; None for uploads, where Gradio limits each file."""
    return None if path.endswith("/gradio_api/upload") else MOST_OF_PAGE


class BodyLimit:
    """ASGI middleware that answers a too large body with 413, and one that stops arriving with 408."""

    def __init__(self, app: ASGIApp, most_of: Callable[[str], int | None]) -> None:
        """`most_of` returns how many bytes may be sent to a path; None for no limit."""
        self._app = app
        self._most_of = most_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request; reading its body raises Refused if it is too large or stops arriving."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._most_of(scope["path"].rstrip("/"))
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        prompt = _prompt(receive)
        if limit is not None and length.isdecimal() and int(length) > limit:
            refused = _too_large(limit)
            try:
                if headers.get("expect", "").lower() != "100-continue":  # such a client has not begun to send
                    await _discard({"more_body": True}, prompt)
            except Refused as error:
                refused = error
            await answered(scope["path"], refused)(scope, receive, send)
            return
        await self._app(scope, prompt if limit is None else _counted(prompt, limit), send)


def _prompt(receive: Receive) -> Receive:
    """Returns a `receive` that raises Refused if the next part of the body takes too long."""
    whole = False

    async def prompt() -> Message:
        nonlocal whole
        if whole:  # the next message says that the client has gone
            return await receive()
        try:
            with fail_after(SLOWEST_PART):
                message = await receive()
        except TimeoutError as error:
            said = f"The rest of the request did not arrive within {SLOWEST_PART:.0f} s."
            raise Refused(408, said, "Send it again.", headers={"Connection": "close"}) from error
        whole = not message.get("more_body", False)
        return message

    return prompt


def _counted(receive: Receive, limit: int) -> Receive:
    """Returns a `receive` that raises Refused if the body has more than `limit` bytes."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            await _discard(message, receive)
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> Refused:
    return Refused(
        413,
        f"The request brings more than the {limit / 1e6:,.0f} MB that are taken at once.",
        "Send it in several requests." if limit == MOST_UPLOADED else "Shorten it.",
    )


async def _discard(message: Message, receive: Receive) -> None:
    read = 0
    while message.get("more_body", False) and read < MOST_DISCARDED:
        message = await receive()
        read += len(message.get("body", b""))
