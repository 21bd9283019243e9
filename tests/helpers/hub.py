"""A model hub on loopback for tests: the part of the Hugging Face hub's interface that downloads need, and its faults."""

from __future__ import annotations

import hashlib
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c" * 40


@dataclass
class Hub:
    """One file of one repository, `acme/tiny-GGUF:tiny.gguf`; attributes are changed by tests between requests.

    `cuts` has, for each coming GET, after how many bytes its connection is cut. `gets` has the Range header of every
    GET, `tokens` every Authorization header; both only of the hub itself, `stored` has both of the other host's.
    """

    content: bytes
    sent: bytes | None = None
    """What is sent in place of `content`."""
    etag: str | None = None
    """In place of the SHA-256 of `content`."""
    status: int = 200
    error_code: str = ""
    token: str | None = None
    ranges: bool = True
    storage: bool = False
    """Whether the bytes lie on another host, to which a redirect leads, as on the real hub."""
    cuts: list[int] = field(default_factory=list)
    gets: list[str | None] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    stored: list[tuple[str | None, str | None]] = field(default_factory=list)
    url: str = ""

    @property
    def sha256(self) -> str:
        """Of the right content."""
        return hashlib.sha256(self.content).hexdigest()

    def start(self) -> ThreadingHTTPServer:
        """Serve on a free port, until `shutdown` is called on what is returned."""
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Nothing on standard error of a client that was killed."""


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        if self.path == "/storage":
            self.hub.stored.append((self.headers.get("Range"), self.headers.get("Authorization")))
            self._send(body=True)
            return
        self.hub.gets.append(self.headers.get("Range"))
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.hub
        hub.tokens.append(self.headers.get("Authorization"))
        known = self.path == "/acme/tiny-GGUF/resolve/main/tiny.gguf"
        if hub.token is not None and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self._refuse(401, hub.error_code)
        elif hub.status != 200:
            self._refuse(hub.status, hub.error_code)
        elif not known:
            self._refuse(404, "EntryNotFound" if self.path.startswith("/acme/tiny-GGUF/") else "RepoNotFound")
        elif hub.storage:
            self._redirect()
        else:
            self._send(body=body)

    def _redirect(self) -> None:
        self.send_response(302)
        self._describe()
        self.send_header("Location", self.hub.url.replace("127.0.0.1", "localhost") + "/storage")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _describe(self) -> None:
        hub = self.hub
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Size", str(len(hub.content)))
        self.send_header("X-Linked-Etag", f'"{hub.etag or hub.sha256}"')

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, *, body: bool) -> None:
        hub = self.hub
        content = hub.content if hub.sent is None else hub.sent
        wanted = self.headers.get("Range") if hub.ranges else None
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self._describe()
        self.send_header("ETag", '"of the storage"')
        self.send_header("Content-Length", str(len(content) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if not body:
            return
        if hub.cuts:
            self.wfile.write(content[start : start + hub.cuts.pop(0)])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.wfile.write(content[start:])
