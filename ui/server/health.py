"""Endpoints for process managers, monitoring and load balancers: liveness, readiness and metrics.

`/healthz` and `/readyz` answer anybody, with one word; only users with access see what is wrong. `/metrics` is for
those users only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from index.errors import ClippingsError
from rag import Chatbot
from ui.paths import ALIVE, METRICS, READY
from ui.server.metrics import Metrics

_log = logging.getLogger(__name__)


def routes(chatbot: Chatbot, metrics: Metrics, *, may_know: Callable[[Request], bool]) -> list[Route]:
    """Returns the routes; `may_know` says whether the sender of a request may learn what is wrong."""
    one_at_a_time = CapacityLimiter(1)  # anybody may ask, as often as they like

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        problem = await to_thread.run_sync(problem_of, chatbot, limiter=one_at_a_time)
        said = {"status": "not ready" if problem else "ready"}
        if problem and may_know(request):
            said["problem"] = problem
        return JSONResponse(said, 503 if problem else 200)

    async def read(request: Request) -> Response:
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        text = await to_thread.run_sync(encode, metrics.registry)
        return Response(text, headers={"Content-Type": kind})

    return [Route(ALIVE, healthz), Route(READY, readyz), Route(METRICS, read)]


def problem_of(chatbot: Chatbot) -> str:
    """Returns why a question could not be answered now; empty if it could.

    Checks the index, and loads its embedding model if that is not loaded yet; the language model was loaded at the
    start. A remote model server is not checked: its operator monitors it.
    """
    try:
        chatbot.index.status()
        _ = chatbot.index.embedder
    except ClippingsError as error:
        return str(error)
    except Exception:  # after any error, the server is not ready
        _log.exception("the index cannot be looked at")
        return "The index cannot be read. Look into it with: clippings index verify"
    return ""
