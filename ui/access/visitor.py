"""Identifies the page's visitor: by the login name, or else by a random cookie that only this server can read."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "clippings"

_ABOUT = "Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
"""Attributes of the cookie: it lasts 400 days, the longest that browsers allow, counted again from every visit."""


class Visited(Protocol):
    """The part of `gr.Request` that identifies the visitor."""

    username: str | None

    @property
    def cookies(self) -> Mapping[str, str]:
        """The browser's cookies."""


def owner_of(request: Visited) -> str:
    """Returns the owner name of the visitor's conversations; empty without a cookie.

    It does not reveal the cookie's value.
    """
    if request.username:
        return f"user {request.username}"
    secret = dict(request.cookies).get(COOKIE, "")
    return f"browser {hashlib.sha256(secret.encode()).hexdigest()[:32]}" if secret else ""


class Cookies:
    """ASGI middleware that sets the visitor cookie, valid for 400 days from now, whenever the page is loaded.

    It also removes other programs' cookies from requests, because browsers send a machine's cookies to all of its
    ports.
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
    """Returns the headers with only the cookies that clippings sets.

    Ours never hold a backslash, so cookies with one are removed: the standard library takes quadratic time to read a
    cookie full of them, and 60 kB, from anybody, stopped the server for a minute.
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
    """Returns the value of the visitor cookie if it has the expected form, else an empty text."""
    value = HTTPConnection(scope).cookies.get(COOKIE, "")
    return value if len(value) == 32 and value.replace("-", "").replace("_", "").isalnum() and value.isascii() else ""
