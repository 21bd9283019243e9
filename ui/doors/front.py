"""Puts the doors before the page: one app for `/api`, `/v1`, `/mcp`, health and metrics, behind the same gate as all.

front = Front(chatbot, Access(site, accounts))
page.launch(…, **front.launch_options())
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from gradio.route_utils import CustomCORSMiddleware
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import Chatbot
from ui.doors import api, health, openai_api
from ui.doors.access import USER, Access, Gate
from ui.doors.desk import Desk
from ui.doors.failures import Refused, answered, handle
from ui.doors.limits import BodyLimit, most_of_doors, most_of_page
from ui.doors.metrics import Metrics
from ui.doors.patience import Patience
from ui.doors.seeing import Seen
from ui.doors.shelf import Shelf
from ui.doors.version import program_version

_log = logging.getLogger(__name__)

_ABOUT = (
    "Ask your own articles: every sentence of an answer carries the clipping that proves it. Errors have one shape: "
    "what happened, and what to do."
)


class Front:
    """The doors over one chatbot, and who may use them and the page."""

    def __init__(self, chatbot: Chatbot, access: Access) -> None:
        """The doors are open to whom `access` lets in."""
        self.access = access
        self.chatbot = chatbot
        self.server: Any = None
        """The uvicorn server, once it has started."""
        desk = Desk(chatbot)
        self.metrics = Metrics(chatbot, doors=lambda: desk.waiting)
        shelf = Shelf(chatbot.index, private_addresses=access.accounts is None)
        self.app = FastAPI(
            title="clippings",
            version=program_version(),
            description=_ABOUT,
            openapi_url="/api/openapi.json",
            docs_url=None,  # the usual pages load their scripts from other hosts
            redoc_url=None,
            servers=[{"url": access.site.root or "/"}],
        )
        handle(self.app)
        self.app.include_router(api.router(desk, shelf))
        self.app.include_router(openai_api.router(desk))
        self.app.router.routes += health.routes(chatbot, self.metrics, may_know=self._may_know)
        self._mcp = _mcp(desk, shelf)
        self.app.router.routes += self._mcp.routes if self._mcp else [Route("/mcp", _no_mcp, methods=["GET", "POST"])]

    def launch_options(self, *first: Middleware) -> dict[str, Any]:
        """For Gradio's `launch`: behind the `first` middleware who counts, then the gate, the doors, and the page."""
        seen = Middleware(Seen, requests=self.metrics.requests, site=self.access.site)
        middleware = [*first, seen, Middleware(Gate, access=self.access), Middleware(_Doors, front=self)]
        return {
            "app_kwargs": {"middleware": middleware, "lifespan": self._lifespan},
            "auth_dependency": self.access.user if self.access.accounts else None,
            "root_path": self.access.site.root or None,
        }

    def _may_know(self, request: Request) -> bool:
        return self.access.accounts is None or USER in request.scope

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        # Gradio's stands before all of ours, and tells every site that it may ask a server with a name.
        app.user_middleware = [each for each in app.user_middleware if each.cls is not CustomCORSMiddleware]
        app.middleware_stack = None  # which has it makes way for one made anew, with the first request
        watching = asyncio.ensure_future(Patience().watch(self._connections))
        async with AsyncExitStack() as stack:
            if self._mcp:
                await stack.enter_async_context(self._mcp.router.lifespan_context(self._mcp))
            yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    def _connections(self) -> Iterable[Any]:
        return self.server.server_state.connections if self.server else ()


_ALONE = {"/mcp", health.METRICS, *health.OPEN}


class _Doors:
    """Sends what is for the doors there, and the rest on to the page."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._page = BodyLimit(app, most_of_page)
        self._doors = BodyLimit(front.app, most_of_doors)
        self._site = front.access.site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._site.inner(scope["path"]) if scope["type"] == "http" else ""
        if path.startswith(("/api/", "/v1/")) or path.rstrip("/") in _ALONE:
            # The doors know no prefix: Starlette wants to see it in the path, where proxies have taken it off.
            scope = {**scope, "path": path.rstrip("/"), "root_path": ""}
            try:
                await self._doors(scope, receive, send)
            except Exception:  # answered with status 500; raised on, it would cut that answer off
                _log.exception("a request failed")
        else:
            await self._page({**scope, "path": path} if path else scope, receive, send)


def _mcp(desk: Desk, shelf: Shelf) -> Any:
    """The app for `/mcp`; None if its package is not installed."""
    if find_spec("mcp") is None:
        return None
    from mcp.server.transport_security import TransportSecuritySettings

    from ui.doors.mcp_tools import server

    # The gate has looked at Host and Origin. Each request stands alone, so that a restart loses nobody's session.
    return server(desk, shelf).streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


async def _no_mcp(_: Request) -> Response:
    return answered("/mcp", Refused(501, "MCP needs another package.", "Install it with: pip install 'clippings[mcp]'"))
