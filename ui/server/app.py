"""The app for `/api`, `/v1`, `/mcp`, health and metrics, which runs before the page and behind the same gate.

front = Front(chatbot, Access(site, accounts))
page.launch(…, **front.launch_options())
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
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
from ui.access.gate import USER, Access, Gate
from ui.doors import http_api, openai_api
from ui.doors.articles import Shelf
from ui.doors.questions import Desk
from ui.http_errors import Refused, answered, handle
from ui.paths import API, DESCRIPTION, MCP, METRICS, OPEN, OPENAI
from ui.server import health
from ui.server.body_limit import BodyLimit, most_of_doors, most_of_page
from ui.server.metrics import Metrics
from ui.server.request_log import Seen
from ui.version import program_version

_log = logging.getLogger(__name__)

_ABOUT = (
    "Ask your own articles: every sentence of an answer carries the clipping that proves it. Errors have one shape: "
    "what happened, and what to do."
)


class Front:
    """The interfaces for programs over one chatbot, and the access control for them and the page."""

    def __init__(self, chatbot: Chatbot, access: Access) -> None:
        """`access` decides who may use the interfaces and the page."""
        self.access = access
        self.chatbot = chatbot
        desk = Desk(chatbot)
        self.metrics = Metrics(chatbot, doors=lambda: desk.waiting)
        shelf = Shelf(chatbot.index, private_addresses=access.accounts is None)
        self.app = FastAPI(
            title="clippings",
            version=program_version(),
            description=_ABOUT,
            openapi_url=DESCRIPTION,
            docs_url=None,  # FastAPI's documentation pages load scripts from other hosts
            redoc_url=None,
            servers=[{"url": access.site.root or "/"}],
        )
        handle(self.app)
        self.app.include_router(http_api.router(desk, shelf))
        self.app.include_router(openai_api.router(desk))
        self.app.router.routes += health.routes(chatbot, self.metrics, may_know=self._may_know)
        self._mcp = _mcp(desk, shelf)
        self.app.router.routes += self._mcp.routes if self._mcp else [Route(MCP, _no_mcp, methods=["GET", "POST"])]

    def launch_options(self, *first: Middleware) -> dict[str, Any]:
        """Returns arguments for Gradio's `launch`: middleware `first`, then request log, gate, interfaces, and page."""
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
        # Gradio's CORS middleware runs before ours, and allows every site to call a server that has a host name.
        app.user_middleware = [each for each in app.user_middleware if each.cls is not CustomCORSMiddleware]
        app.middleware_stack = None  # drops the stack that includes it; the first request builds a new one
        async with AsyncExitStack() as stack:
            if self._mcp:
                await stack.enter_async_context(self._mcp.router.lifespan_context(self._mcp))
            yield


_ALONE = {MCP, METRICS, *OPEN}


class _Doors:
    """Routes the requests for the interfaces to them, and all others to the page."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._page = BodyLimit(app, most_of_page)
        self._doors = BodyLimit(front.app, most_of_doors)
        self._site = front.access.site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._site.inner(scope["path"]) if scope["type"] == "http" else ""
        if path.startswith((f"{API}/", f"{OPENAI}/")) or path.rstrip("/") in _ALONE:
            # Without a prefix: Starlette would expect it in the path, from which the proxy may have removed it.
            scope = {**scope, "path": path.rstrip("/"), "root_path": ""}
            try:
                await self._doors(scope, receive, send)
            except Exception:  # already answered with status 500, which raising it would cut off
                _log.exception("a request failed")
        else:
            await self._page({**scope, "path": path} if path else scope, receive, send)


def _mcp(desk: Desk, shelf: Shelf) -> Any:
    """Returns the app for `/mcp`; None if its package is not installed."""
    if find_spec("mcp") is None:
        return None
    from mcp.server.transport_security import TransportSecuritySettings

    from ui.doors.mcp_server import server

    # The gate has checked Host and Origin. Requests are stateless, so that a restart loses nobody's session.
    return server(desk, shelf).streamable_http_app(
        streamable_http_path=MCP,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


async def _no_mcp(_: Request) -> Response:
    return answered(MCP, Refused(501, "MCP needs another package.", "Install it with: pip install 'clippings[mcp]'"))
