"""What happens to a body that arrives slowly or not at all; tests/ui/doors/test_doors.py has those that are too large."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator

import pytest
from served import QUESTION, Served, chatbot_of, serving
from starlette.types import Message, Receive, Scope, Send

from index import Index
from ui.server import body_limit
from ui.server.body_limit import BodyLimit


@pytest.fixture
def served(index: Index) -> Iterator[Served]:
    with serving(chatbot_of(index)) as found:
        yield found


def sent(served: Served, path: str, *parts: bytes, kind: str = "application/json", length: int, pause: float) -> bytes:
    """The answer to a request whose body comes in `parts`; all of it, until the server closes the connection."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(head.encode())
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_body_that_stops_arriving_is_408_and_its_connection_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "SLOWEST_PART", 0.2)
    form = "multipart/form-data; boundary=x"
    paths = dict.fromkeys(("/api/ask", "/v1/chat/completions", "/gradio_api/queue/join"), "application/json")
    paths |= dict.fromkeys(("/api/articles", "/gradio_api/upload"), form)
    begun = {"application/json": b"{", form: b"--x\r\n"}
    heard = {path: sent(served, path, begun[kind], kind=kind, length=100, pause=0) for path, kind in paths.items()}
    assert {path: answer[:12] for path, answer in heard.items()} == dict.fromkeys(paths, b"HTTP/1.1 408")
    assert [path for path, answer in heard.items() if b"\r\nconnection: close\r\n" not in answer.lower()] == []
    said = json.loads(heard["/api/ask"].partition(b"\r\n\r\n")[2])["error"]
    assert said == {"message": "The rest of the request did not arrive within 0 s.", "advice": "Send it again."}


def test_of_a_too_large_body_that_stops_arriving_no_rest_is_awaited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "SLOWEST_PART", 0.2)
    answer = sent(served, "/api/ask", b"{", length=body_limit.MOST_BYTES + 1, pause=0)
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_slow_body_that_keeps_arriving_is_whole(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "SLOWEST_PART", 1.5)
    body = json.dumps({"question": QUESTION}).encode()
    parts = [body[at : at + 10] for at in range(0, len(body), 10)]
    began = time.monotonic()
    assert sent(served, "/api/ask", *parts, length=len(body), pause=0.4).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began > 1.5


def test_the_answer_may_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "SLOWEST_PART", 0.05)
    heard: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([await receive(), await receive()])

    messages = iter([{"type": "http.request", "body": b"{}", "more_body": False}, {"type": "http.disconnect"}])

    async def receive() -> Message:
        message = next(messages)
        await asyncio.sleep(0.2 if message["type"] == "http.disconnect" else 0)
        return message

    async def send(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(BodyLimit(app, lambda path: 10)({"type": "http", "path": "/", "headers": []}, receive, send))
    assert [each["type"] for each in heard] == ["http.request", "http.disconnect"]
