"""The OpenAI protocol, `/v1`: one model, `clippings`, which answers the last message from the articles.

The answer's evidence is in the field `clippings` of a completion, and of the last chunk of a stream. The protocol's
means to control a model (temperature, system messages, …) are accepted and ignored.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from rag import Answer, Exchange, Found, Lead, Said, Step
from rag.answer import citation_to_json, evidence_to_json
from rag.grounding.citations import strip_markers
from ui.doors.questions import Desk, answer_unless_gone
from ui.doors.schemas import Limits, Text
from ui.doors.streaming import ensure_begun, json_text, question_to_json
from ui.http_errors import Refused, openai_error, refused_midway
from ui.paths import OPENAI

MODEL = "clippings"


class Part(BaseModel):
    """A part of a message; only text can be read."""

    type: Text
    text: Text = ""


class Message(BaseModel):
    """A message of the conversation."""

    role: Text
    content: Text | list[Part] | None = None

    def text(self) -> str:
        """Returns the text of the message. Raises Refused if it has a part that is no text."""
        if isinstance(self.content, list):
            if other := next((part.type for part in self.content if part.type != "text"), None):
                raise Refused(400, f"A message has a part of type {other}; only text can be read.", param="messages")
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class Completion(BaseModel):
    """A request for an answer. `clippings` is ours: which articles are searched."""

    model: Text = Field(default=MODEL, examples=[MODEL])
    messages: list[Message] = Field(
        min_length=1,
        max_length=1_000,
        examples=[[{"role": "user", "content": "How many people died in the Arle flood?"}]],
    )
    stream: bool | None = False
    n: int | None = 1
    clippings: Limits = Limits()

    def asked(self) -> tuple[str, list[Exchange]]:
        """Returns the question, and the earlier ones with their answers. Raises Refused if it cannot be answered."""
        if self.model != MODEL:
            raise Refused(
                404,
                f"There is no model “{self.model[:100]}” here, only “{MODEL}”.",
                code="model_not_found",
                param="model",
            )
        if self.n not in (None, 1):
            raise Refused(400, "There is one answer to a question: leave out n.", param="n")
        if self.messages[-1].role != "user":
            raise Refused(400, "The last message must be the user's question.", param="messages")
        turns: list[Exchange] = []
        for message in self.messages:
            if message.role == "user":
                turns.append(Exchange(message.text()))
            elif message.role == "assistant" and turns:
                turns[-1] = Exchange(turns[-1].question, strip_markers(message.text())[0])
        return turns[-1].question, [turn for turn in turns[:-1] if turn.question.strip()]


class Problem(BaseModel):
    """What is wrong, as the protocol has it."""

    message: str
    type: str
    param: str | None
    code: str | None


class Failure(BaseModel):
    """The body of every answer of `/v1` that is an error."""

    error: Problem


def _fails(**statuses: str) -> dict[int | str, dict[str, Any]]:
    return {int(name[1:]): {"model": Failure, "description": what} for name, what in statuses.items()}


def router(desk: Desk) -> APIRouter:
    """Returns the routes of `/v1`."""
    api = APIRouter(prefix=OPENAI)
    born = int(time.time())
    model = {"id": MODEL, "object": "model", "created": born, "owned_by": "clippings"}

    @api.get("/models", summary="The one model", response_class=JSONResponse)
    def models() -> Any:
        return {"object": "list", "data": [model]}

    @api.get(
        "/models/{name}",
        summary="The one model",
        response_class=JSONResponse,
        responses=_fails(_404="There is no such model.", _422="The name is none."),
    )
    def one_model(name: str) -> Any:
        if name != MODEL:
            raise Refused(404, f"There is no model “{name[:100]}” here, only “{MODEL}”.", code="model_not_found")
        return model

    @api.post(
        "/chat/completions",
        summary="Answer the last message, as the OpenAI protocol has it",
        responses={
            200: {"content": {"text/event-stream": {}}},
            **_fails(
                _400="The messages are none that can be answered.",
                _404="There is no such model.",
                _413="The request is too large.",
                _422="The request cannot be served as it is.",
                _503="A model or the index is missing.",
            ),
        },
    )
    async def complete(request: Request, wanted: Completion) -> Response:
        question, history = wanted.asked()
        filters = wanted.clippings.filters()
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": MODEL}
        if wanted.stream:
            steps = await ensure_begun(desk.steps(question, history=history, filters=filters))
            return EventSourceResponse(_chunks(head, steps), headers={"Cache-Control": "no-store"})
        answer = await answer_unless_gone(request, desk, question, history, filters)
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "clippings": extension(answer)})

    return api


def extension(answer: Answer) -> dict[str, Any]:
    """Returns the data that the protocol has no field for: where each sentence comes from, and what was found."""
    whole = answer.to_json()
    names = (
        "standalone kind leans_on outcome lead listed refused reason suggestions sentences citations passages "
        "index_version timings"
    )
    return {name: whole[name] for name in names.split()}


async def _chunks(head: dict[str, Any], steps: AsyncGenerator[Step | None]) -> AsyncGenerator[bytes]:
    """Yields the steps of an answer as chunks: the role, the lead, each sentence, and at last the finish reason.

    The contents of the chunks, joined, are `Answer.text`.
    """

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        data = {**head, "object": "chat.completion.chunk", "choices": [choice], **more}
        return format_sse_event(data_str=json_text(data))

    before = ""
    between = " "
    try:
        async with aclosing(steps):
            async for step in steps:
                match step:
                    case Found():
                        passages = [evidence_to_json(passage) for passage in step.passages]
                        found = question_to_json(step.question) | {"passages": passages}
                        yield chunk({"role": "assistant", "content": ""}, clippings=found)
                    case Lead():
                        between = "\n" if step.listed else " "
                        if step.text:
                            yield chunk({"content": step.text})
                            before = between
                    case Said():
                        citations = [citation_to_json(citation) for citation in step.citations]
                        yield chunk({"content": f"{before}{step.sentence}"}, clippings={"citations": citations})
                        before = between
                    case Answer():
                        yield chunk({}, "stop", clippings=extension(step))
        yield format_sse_event(data_str="[DONE]")
    except Exception as problem:
        yield format_sse_event(data_str=json_text(openai_error(refused_midway(problem))))
