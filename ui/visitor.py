"""Who is at the page: the name they logged in with, or else a random one in a cookie that only this server can read."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Protocol

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "clippings"

_ABOUT = "Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
"""400 days, the longest that browsers allow, counted anew with every visit."""


class Visited(Protocol):
    """The part of `gr.Request` that tells who asks."""

    username: str | None

    @property
    def cookies(self) -> Mapping[str, str]:
        """The browser's cookies."""


def owner_of(request: Visited) -> str:
    """Name under which the visitor's conversations are kept; what is in the cookie cannot be told from it."""
    if request.username:
        return f"user {request.username}"
    secret = dict(request.cookies).get(COOKIE, "")
    return f"browser {hashlib.sha256(secret.encode()).hexdigest()[:32]}" if secret else ""


class Cookies:
    """ASGI middleware: gives every browser that asks for the page its cookie, for 400 days from now.

    What follows sees no cookie of another program: browsers send a machine's cookies to all of its ports.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        scope = {**scope, "headers": _without_others(scope["headers"])} if "headers" in scope else scope

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                value = _cookie(scope) or secrets.token_urlsafe(24)
                header = (b"set-cookie", f"{COOKIE}={value}; {_ABOUT}".encode())
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _without_others(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, with no cookies but ours.

    None of ours has a backslash, and the standard library reads one full of them in a time that grows with its square:
    60 kB, from anybody, stopped the server for a minute.
    """
    kept = []
    for name, value in headers:
        if name.lower() == b"cookie":
            ours = (part.strip() for part in value.split(b";") if part.strip().startswith(COOKIE.encode()))
            value = b"; ".join(part for part in ours if b"\\" not in part)
        kept.append((name, value))
    return kept


def _is_page(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])


def _cookie(scope: Scope) -> str:
    """The browser's cookie if it looks like one of ours."""
    found = next((value for name, value in scope["headers"] if name.lower() == b"cookie"), b"")
    value = cookie_parser(found.decode("latin-1")).get(COOKIE, "")
    return value if len(value) == 32 and value.replace("-", "").replace("_", "").isalnum() and value.isascii() else ""
