"""A language model on an OpenAI-compatible server: llama-server, Ollama, vLLM, llama-cpp-python's, or a service.

The server is contacted only if the user gave its address. Its tokenizer is not available, so tokens are estimated.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePath
from typing import Any

import httpx

from index.errors import CannotRun, WrongUse, plain_reason
from rag.llm.abort import when_set
from rag.llm.fair_queue import Turns
from rag.llm.generation import CONTEXT_TOKENS, LARGE, Message

CONNECT_SECONDS = 5.0
"""Timeout of connecting: a running server accepts a connection at once."""

READ_SECONDS = 60.0
"""Timeout between two pieces: a big model on a slow machine may process the prompt that long before its first word."""

BYTES_PER_TOKEN = 3
"""Of UTF-8 text: English has about 4.5, other languages in Latin letters 3 to 4; a CJK character is 3 bytes."""

TOKENS_PER_MESSAGE = 8
"""Tokens that a chat template adds to a message: its role and the control tokens at its beginning and end."""

AT_ONCE = 4
"""Concurrent requests; llama-server and Ollama serve as many. Others wait in our queue, whose positions are shown."""

KEY_VARIABLE = "CLIPPINGS_API_KEY"


class ServerGenerator:
    """A chat model of an OpenAI-compatible server; see `rag.llm.generation.Generator`.

    `address` is its base URL, with or without /v1; `#model` at its end selects a model, by default the first one that
    the server lists. The API key is read from the environment variable CLIPPINGS_API_KEY and never shown.
    """

    def __init__(self, address: str) -> None:
        """Requests the model list. Raises CannotRun if the server is down or has no model, WrongUse for a bad URL."""
        url, self._chosen = _parsed(address)
        self.url = str(url.copy_with(username=None, password=None)).rstrip("/")
        """The base URL without /v1, user name and password, so that it may be shown."""
        self._client = httpx.Client(
            base_url=url,
            headers=_authorisation(),
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            # A connection kept alive from the last question would fail if the server was restarted in between.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=not _is_this_machine(url.host),  # a proxy cannot reach a server on this machine
        )
        listed = self._listed()
        self.model = self._chosen or next(iter(listed), "")
        if not self.model:
            raise CannotRun(f"The server at {self.url} offers no model. Load one there, or name one: {self.url}#MODEL")
        self.name = PurePath(self.model).stem if self.model.endswith(".gguf") else self.model
        entry = listed.get(self.model, {})
        self.context_tokens = self._context(entry)
        self.turns = Turns(AT_ONCE)
        self.parameters = _whole((entry.get("meta") or {}).get("n_params")) or LARGE  # small models need no server
        self.adapted = False

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Estimates the prompt's tokens, rather too high than too low: 3 bytes per token, and 8 tokens per message."""
        return sum(TOKENS_PER_MESSAGE + len(m.content.encode()) // BYTES_PER_TOKEN + 1 for m in messages)

    def warm(self, messages: Sequence[Message]) -> None:
        """Does nothing: a server may not cache the prefix for us, and may charge for it."""

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yields pieces of the answer as they arrive.

        Setting `stop` or closing the iterator closes the connection, which stops the server. Raises CannotRun if the
        server is down, refuses, sends nothing for 60 seconds, or ends before the answer is complete.
        """
        asked = {
            "model": self.model,
            "messages": [{"role": m.role, "content": _harmless(m.content)} for m in messages],
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "stream": True,
        }
        connection = _Connection(stop or threading.Event())
        try:
            with when_set(connection.stop, connection.cut):
                yield from self._answer(asked, connection)
        except CannotRun:
            if not connection.stop.is_set():
                raise

    def _answer(self, asked: dict[str, Any], connection: _Connection) -> Iterator[str]:
        asking = self._client.stream("POST", "v1/chat/completions", json=asked, extensions={"trace": connection.note})
        with self._explained(), asking as response:
            if response.status_code != 200:
                response.read()
                raise self._refused(response)
            finished = False
            for event in self._events(response):
                text, ended = self._piece(event)
                finished = finished or ended
                if text:
                    yield text
            if not finished:
                raise self._broken_off()

    def _events(self, response: httpx.Response) -> Iterator[Any]:
        """Yields the JSON objects of a stream of server-sent events, without its end mark `[DONE]`."""
        begun = False
        for line in response.iter_lines():
            field, _, value = line.partition(":")
            if field == "data" and value.strip() != "[DONE]":
                try:
                    yield json.loads(value)
                except ValueError:
                    raise (self._broken_off() if begun else self._not_understood()) from None
                begun = True

    def _piece(self, event: Any) -> tuple[str, bool]:
        """Returns the text of one event, and whether the answer ends with it. Raises CannotRun for an error event."""
        try:
            if error := event.get("error"):
                raise CannotRun(f"The server at {self.url} failed: {_short(_message(error))}. Ask again.")
            choices = event.get("choices") or [{}]  # empty in an event that only reports token usage
            return choices[0].get("delta", {}).get("content") or "", bool(choices[0].get("finish_reason"))
        except (AttributeError, KeyError, TypeError):
            raise self._not_understood() from None

    def _listed(self) -> dict[str, dict[str, Any]]:
        """Returns the server's models by name; empty if it has no list and the address names a model."""
        with self._explained():
            response = self._client.get("v1/models")
        if response.status_code == 404 and self._chosen:
            return {}
        if response.status_code != 200:
            raise self._refused(response)
        try:
            return {str(entry["id"]): entry for entry in response.json()["data"] or []}
        except (ValueError, KeyError, TypeError):
            raise self._not_understood() from None

    def _context(self, entry: dict[str, Any]) -> int:
        """Returns the context length in tokens, for prompt and answer together, if the server reports it; else 4,096.

        vLLM lists max_model_len, llama-server reports n_ctx at /props. The context that a model was trained on is only
        an upper bound, because servers are often started with less.
        """
        reported = _whole(entry.get("max_model_len")) or self._props()
        trained = _whole((entry.get("meta") or {}).get("n_ctx_train"))
        return reported or min(CONTEXT_TOKENS, trained or CONTEXT_TOKENS)

    def _props(self) -> int:
        try:
            props = self._client.get("props").json()
            return _whole(props["default_generation_settings"]["n_ctx"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return 0  # other servers have no such endpoint

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Converts errors of the connection into CannotRun with a message for the user."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise CannotRun(
                f"No server answers at {self.url} ({_short(plain_reason(error))}). "
                "Start it, or check the address after --llm."
            ) from error
        except httpx.TimeoutException as error:
            raise CannotRun(
                f"The server at {self.url} was silent for {READ_SECONDS:g} seconds. Look at its log; ask again."
            ) from error
        except (httpx.RequestError, httpx.StreamError) as error:
            raise self._broken_off() from error

    def _refused(self, response: httpx.Response) -> CannotRun:
        """Returns the error for a status other than 200, with the server's own message if it sent one."""
        status = response.status_code
        if status in (401, 403):
            key = f"refuses the key in {KEY_VARIABLE}" if os.environ.get(KEY_VARIABLE) else "asks for a key"
            return CannotRun(f"The server at {self.url} {key} (status {status}). Set {KEY_VARIABLE} to a valid one.")
        try:
            said = _message(response.json().get("error") or response.json())
        except (ValueError, AttributeError):
            said = ""
        reason = f": {_short(said)}" if said else ""
        do = "Check the address and the model after --llm URL#MODEL" if status == 404 else "Look at its log; ask again"
        return CannotRun(f"The server at {self.url} answered with status {status}{reason}. {do}.")

    def _broken_off(self) -> CannotRun:
        return CannotRun(
            f"The server at {self.url} broke off before the answer was complete. Look at its log; ask again."
        )

    def _not_understood(self) -> CannotRun:
        return CannotRun(f"What answers at {self.url} is no OpenAI-compatible server. Check the address after --llm.")


class _Connection:
    """The connection of one answer, which another thread can close while this one reads from it."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._socket: socket.socket | None = None

    def note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Trace callback of httpx, which gives us the socket before the server has sent anything."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = facts["return_value"].get_extra_info("socket")
            if self.stop.is_set():
                self.cut()

    def cut(self) -> None:
        """Shuts the socket down, so that the reading thread sees the end of the stream."""
        if self._socket is not None:
            with suppress(OSError):  # closed already
                self._socket.shutdown(socket.SHUT_RDWR)


def _parsed(address: str) -> tuple[httpx.URL, str]:
    """Returns the base URL without /v1, and the model named after `#`. Raises WrongUse for an invalid address."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise WrongUse(
            f"{address!r} is no address of a server ({error}). It looks like http://127.0.0.1:8080"
        ) from None
    if not url.host or url.query or (url.port or 0) > 65_535:
        raise WrongUse(f"{address!r} is no address of a server. It looks like http://127.0.0.1:8080")
    path = url.path.rstrip("/").removesuffix("/v1")
    return url.copy_with(path=path or "/", fragment=None), url.fragment


def _authorisation() -> dict[str, str]:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise WrongUse(f"{KEY_VARIABLE} holds characters that no key has. Set it again.")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_MARK = re.compile(r"<(?=[|｜/▁\w])|\[(?=/?[A-Z_]{3,}\])")


def _harmless(content: str) -> str:
    """Returns the text with a space inserted in anything that may be a model's control token (<|im_end|>, [INST])."""
    return _MARK.sub(lambda found: f"{found[0]} ", content)


def _message(error: Any) -> str:
    """Returns the message of an error object, whose format differs between servers."""
    if isinstance(error, dict):
        return next((str(error[name]) for name in ("message", "detail", "error") if error.get(name)), "")
    return str(error)


def _short(text: str) -> str:
    """Returns the text as one line of at most 200 characters, without the API key, which some servers repeat."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    line = " ".join((text.replace(key, "…") if key else text).split()).rstrip(".")
    return line if len(line) <= 200 else f"{line[:199]}…"


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
