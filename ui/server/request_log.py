"""The request log: counts every request by interface and status, and writes a line for it.

The line has the path without the query string, which may hold words of a question, and no headers: those hold secrets.
"""

from __future__ import annotations

import time

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access.gate import USER
from ui.access.origin import Site
from ui.event_log import event
from ui.paths import OPEN

GONE = 499
"""The status counted if the client disconnected before the answer began; proxies use the same one."""

LONGEST_PATH = 200
"""Maximum number of characters of a path that are logged."""


class Seen:
    """ASGI middleware that logs requests and changes nothing."""

    def __init__(self, app: ASGIApp, requests: Counter, site: Site) -> None:
        self._app = app
        self._requests = requests
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and log it when it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), GONE

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        finally:
            self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        path = self._site.inner(scope["path"])
        door = door_of(path)
        self._requests.labels(door, str(status)).inc()
        if door == "page" and scope["method"] in ("GET", "HEAD") and status < 400:
            return  # loading the page takes 70 requests
        event(
            "request",
            method=scope["method"],
            path=path[:LONGEST_PATH],
            status=status,
            seconds=round(seconds, 3),
            door=door,
            user=scope.get(USER),
            client=(scope.get("client") or ("",))[0],
        )


def door_of(path: str) -> str:
    """Returns the interface of a path: "api", "v1", "mcp", "login", "health", "metrics", else "page"."""
    if path.rstrip("/") in OPEN:
        return "health"
    first = path.split("/")[1] if path.startswith("/") else ""
    return first if first in ("api", "v1", "mcp", "login", "metrics") else "page"
