"""The HTTP interface, `/api`: ask, search, articles, status. Plain JSON; answers also as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict
from datetime import date
from functools import partial
from itertools import chain
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from index.errors import WrongUse
from rag import Answer, Begun, Found, Lead, Said, Step, Waiting
from rag.answer import citation_to_json, evidence_to_json, hit_to_json, sentence_to_json
from ui.doors import schemas
from ui.doors.articles import Shelf
from ui.doors.questions import Desk, answer_unless_gone
from ui.doors.streaming import ensure_begun, json_text, question_to_json
from ui.http_errors import Refused, error, refused_midway
from ui.paths import API
from ui.version import program_version

SILENT_SECONDS = 0.5
"""Seconds after which a program gets an event of a search that is still running. A failure before that is answered with
an error status."""

_EVENTS = (
    "Server-sent events if asked for: `waiting` (the place in the queue to search, after `found` for the model, 0 at "
    "last), `searching` (if it takes long), `found` (the question as searched for, and the passages), `lead` (words "
    "before the sentences, which cite nothing), `reading` (how many passages the model reads), `said` (a sentence with "
    "its citations), `answer` (all of it); or `error`."
)
_ADDING: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
            }
        },
        "application/json": {"schema": schemas.Address.model_json_schema()},
    },
}


MOST_FILES = 1_000
"""Maximum number of files in one upload."""

MOST_SKIPPED = 10**9
"""Maximum offset of a page of the list: more than the number of articles, and an integer that SQLite can hold."""


def _fails(*statuses: int) -> dict[int | str, dict[str, Any]]:
    about = {
        400: "The request cannot be read: its body is broken, or its address over 64 kB.",
        404: "There is no such article.",
        409: "Another process is changing the index.",
        413: "The request is too large.",
        422: "The request cannot be served as it is.",
        503: "A model or the index is missing.",
    }
    return {status: {"model": schemas.Error, "description": about[status]} for status in statuses}


def router(desk: Desk, shelf: Shelf) -> APIRouter:
    """Returns the routes of `/api`."""
    api = APIRouter(prefix=API)
    _asking(api, desk)
    _articles(api, shelf)

    @api.get("/status", summary="What the index holds", response_model=schemas.Status, responses=_fails(503))
    def status() -> Any:
        found = asdict(desk.chatbot.index.status())
        return found | {"model": desk.chatbot.model_name, "clippings": program_version()}

    return api


def _asking(api: APIRouter, desk: Desk) -> None:
    @api.post(
        "/ask",
        summary="Answer a question, with citations",
        responses={
            200: {"model": schemas.Answer, "description": _EVENTS, "content": {"text/event-stream": {}}},
            **_fails(400, 413, 422, 503),
        },
    )
    async def ask(request: Request, asked: schemas.Question) -> Response:
        filters = asked.filters()
        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            steps = desk.steps(asked.question, history=asked.history, filters=filters)
            events = _events(await ensure_begun(steps, SILENT_SECONDS))
            return EventSourceResponse(events, headers={"Cache-Control": "no-store"})
        answer = await answer_unless_gone(request, desk, asked.question, asked.history, filters)
        return JSONResponse(answer.to_json())

    @api.post(
        "/search",
        summary="The passages found for a question, no answer",
        responses={200: {"model": schemas.Found}, **_fails(400, 413, 422, 503)},
    )
    async def search(asked: schemas.Search) -> Response:
        filters = asked.filters()
        hits = await desk.search(asked.question, top_k=asked.top_k, filters=filters)
        return JSONResponse({"hits": [hit_to_json(hit) for hit in hits], "undated": await desk.undated(filters)})


def _articles(api: APIRouter, shelf: Shelf) -> None:
    # Changes of the index run one at a time; the others wait without taking one of the 40 threads for all requests.
    changing = CapacityLimiter(1)

    @api.get("/articles", summary="The articles, the latest first", responses={200: {"model": schemas.ArticlePage}})
    async def articles(
        title: Annotated[str, Query(description="Part of the title, whatever its case.", max_length=500)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=MOST_SKIPPED)] = 0,
        after: date | None = None,
        before: date | None = None,
        source: str | None = None,
        author: str | None = None,
    ) -> Response:
        filters = schemas.Limits(after=after, before=before, source=source, author=author).filters()
        return await _in_thread(partial(shelf.page, filters, title, limit=limit, offset=offset))

    @api.get(
        "/articles/{article_id}",
        summary="One whole article",
        responses={200: {"model": schemas.ArticleText}, **_fails(404)},
    )
    async def article(article_id: str) -> Response:
        return await _in_thread(partial(shelf.opened, article_id))

    @api.post(
        "/articles",
        summary="Add articles: upload files, or name the address of a page or feed",
        description="What can be read is added; `failed` names the rest, with the reason. If nothing could be read, "
        "the status is 422. A file with the name of an earlier upload takes its place.",
        openapi_extra={"requestBody": _ADDING},
        responses={200: {"model": schemas.Report}, **_fails(400, 409, 413, 422)},
    )
    async def add(request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await _add_files(request, shelf, changing)
        return _reported(await to_thread.run_sync(shelf.add_address, await _address(request), limiter=changing))

    @api.delete(
        "/articles",
        summary="Remove articles",
        description="All of them, or none if one is unknown.",
        responses={200: {"model": schemas.Removed}, **_fails(400, 404, 409, 422)},
    )
    async def remove(
        id: Annotated[list[str], Query(description="An article's id; may be given several times.", max_length=1_000)],
    ) -> Response:
        return await _in_thread(partial(shelf.remove, id), changing)


async def _in_thread(work: Callable[[], dict[str, Any]], changing: CapacityLimiter | None = None) -> Response:
    return JSONResponse(await to_thread.run_sync(work, limiter=changing))


async def _add_files(request: Request, shelf: Shelf, changing: CapacityLimiter) -> Response:
    async with request.form(max_files=MOST_FILES, max_fields=100) as form:
        sent = list(chain.from_iterable(form.getlist(field) for field in form))
        files = [(file.filename or "article", file.file) for file in sent if isinstance(file, UploadFile)]
        if not files:
            raise WrongUse("No file was sent. Send some as multipart/form-data, in the field “files”.")
        return _reported(await to_thread.run_sync(shelf.add_files, files, limiter=changing))


async def _address(request: Request) -> str:
    try:
        return schemas.Address.model_validate_json(await request.body()).address
    except ValidationError as problem:
        raise WrongUse(
            'Send files as multipart/form-data, or {"address": "https://…"} as application/json; '
            f"this is neither ({problem.error_count()} problems: {problem.errors()[0]['msg']})."
        ) from problem


def _reported(report: dict[str, Any]) -> Response:
    """Returns the report; with an error and status 422 if nothing could be read at all."""
    good = [kind for kind in ("added", "changed", "unchanged", "moved") if report[kind]]
    if report["failed"] and not good:
        reasons = "; ".join(f"{failure['name']}: {failure['reason']}" for failure in report["failed"][:10])
        return JSONResponse(error(Refused(422, f"Nothing could be read. {reasons}")) | {"report": report}, 422)
    return JSONResponse(report)


async def _events(steps: AsyncGenerator[Step | None]) -> AsyncGenerator[bytes]:
    """Yields the steps of an answer as server-sent events."""
    try:
        async with aclosing(steps):
            async for step in steps:
                name, data = _event(step)
                yield format_sse_event(event=name, data_str=json_text(data))
    except Exception as problem:
        yield format_sse_event(event="error", data_str=json_text(error(refused_midway(problem))))


def _event(step: Step | None) -> tuple[str, dict[str, Any]]:
    """Returns name and data of a step's event; None stands for a search that takes long."""
    match step:
        case None:
            return "searching", {}
        case Found():
            passages = [evidence_to_json(passage) for passage in step.passages]
            return "found", question_to_json(step.question) | {"passages": passages}
        case Waiting():
            return "waiting", {"place": step.place}
        case Begun():
            return "reading", {"passages": step.read}
        case Lead():
            return "lead", {"text": step.text, "listed": step.listed}
        case Said():
            citations = [citation_to_json(citation) for citation in step.citations]
            return "said", {"sentence": sentence_to_json(step.sentence), "citations": citations}
        case Answer():
            return "answer", step.to_json()
