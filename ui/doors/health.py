"""Whether the server lives and whether it can answer, for what starts, watches and balances servers; and its metrics.

`/healthz` and `/readyz` answer anybody, with a word; what is wrong is told to those who may come in. `/metrics` is for
those alone.
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
from ui.doors.metrics import Metrics

_log = logging.getLogger(__name__)

OPEN = frozenset({"/healthz", "/readyz"})
"""Paths that need no account."""

METRICS = "/metrics"


def routes(chatbot: Chatbot, metrics: Metrics, *, may_know: Callable[[Request], bool]) -> list[Route]:
    """The routes; `may_know` says whether who asks may hear what is wrong."""
    one_at_a_time = CapacityLimiter(1)  # strangers may ask, as often as they like

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

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route(METRICS, read)]


def problem_of(chatbot: Chatbot) -> str:
    """Why a question could not be answered now; empty if it could.

    Looks at the index, and loads its embedding model if that is not loaded yet; the language model was at the start. A
    server behind an address is not asked: it is others' to watch.
    """
    try:
        chatbot.index.status()
        _ = chatbot.index.embedder
    except ClippingsError as error:
        return str(error)
    except Exception:  # whatever it is, it must be told as not ready
        _log.exception("the index cannot be looked at")
        return "The index cannot be read. Look into it with: clippings index verify"
    return ""
