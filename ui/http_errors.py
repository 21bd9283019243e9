"""Error answers of the interfaces for programs: what happened and what to do, in the format of each interface.

HTTP: `{"error": {"message": …, "advice": …}}`. OpenAI: `{"error": {"message", "type", "param", "code"}}`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from index.errors import ClippingsError, IndexBusy, UnreadableFile, WrongUse
from ui.paths import DESCRIPTION, OPENAI

_log = logging.getLogger(__name__)

_ADVICE = {
    401: "Send an API key: Authorization: Bearer KEY. Make one with: clippings auth key NAME --auth FILE",
    404: f"What there is stands in {DESCRIPTION}.",
    405: f"What there is stands in {DESCRIPTION}.",
    503: "Mend what the message names, then ask again.",
    500: "The terminal that clippings runs in says what. You can try again.",
}
_CHANGE = f"Change the request as the message says; what it may hold stands in {DESCRIPTION}."


class Refused(HTTPException):  # FastAPI re-raises only these while it reads a body
    """An error to be sent to the client; only the OpenAI protocol uses `code` and `param`."""

    def __init__(
        self,
        status: int,
        message: str,
        advice: str = "",
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, dict(headers or {}))
        self.message = message
        self.advice = advice
        self.code = code
        self.param = param


def answered(path: str, refused: Refused) -> Response:
    """Returns the error answer to a request for `path`, in the format of its interface."""
    body = openai_error(refused) if path.startswith(f"{OPENAI}/") else error(refused)
    return JSONResponse(body, refused.status_code, headers=refused.headers)


def error(refused: Refused) -> dict[str, Any]:
    """Returns the error in the format of the HTTP interface, also for its server-sent events."""
    advice = refused.advice or _ADVICE.get(refused.status_code, _CHANGE)
    return {"error": {"message": refused.message, "advice": advice}}


def openai_error(refused: Refused) -> dict[str, Any]:
    """Returns the error in the format of the OpenAI protocol."""
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(refused.status_code, "server_error" if refused.status_code >= 500 else "invalid_request_error")
    message = f"{refused.message} {refused.advice}".strip()
    return {"error": {"message": message, "type": kind, "param": refused.param, "code": refused.code}}


def refused_of(problem: Exception) -> Refused:
    """Returns the error to send for an exception; that of a fault in clippings reveals no details."""
    match problem:
        case Refused():
            return problem
        case IndexBusy():
            return Refused(409, str(problem), "Try again when the other update is done.", headers={"Retry-After": "5"})
        case WrongUse() | UnreadableFile():
            return Refused(422, str(problem))
        case ClippingsError():
            return Refused(503, str(problem))
        case RequestValidationError():
            return Refused(422, "; ".join(map(_told, problem.errors())))
        case HTTPException():
            return Refused(problem.status_code, f"{problem.detail}.", headers=problem.headers)
    return Refused(500, "Something went wrong inside clippings.")


def refused_midway(problem: Exception) -> Refused:
    """Returns the error to send for an exception after the answer has begun; logs faults, as nothing else does then."""
    refused = refused_of(problem)
    if refused.status_code == 500:
        _log.error("a request failed", exc_info=problem)
    return refused


def handle(app: FastAPI) -> None:
    """Make the app answer exceptions in these formats."""

    async def answer(request: Request, problem: Exception) -> Response:
        return answered(request.scope["path"], refused_of(problem))

    for kind in (Refused, ClippingsError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)


def _told(problem: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"] if part != "body")
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])
