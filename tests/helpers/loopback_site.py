"""A small site on loopback, for tests of what is fetched from addresses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """`pages` maps a path to what is answered: status, headers and content; `asked` are the paths asked for."""

    address: str = ""
    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    special: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, content: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Answer `path` with content; its whole address."""
        data = content if isinstance(content, bytes) else content.encode()
        self.pages[path] = (200, {"Content-Type": kind, **headers}, data)
        return self.address + path

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        """Answer `path` with a redirect; its whole address."""
        self.pages[path] = (status, {"Location": target}, b"")
        return self.address + path


@contextmanager
def serve() -> Iterator[Site]:
    """A running site."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            if special := site.special.get(self.path):
                special(self)
                return
            status, headers, content = site.pages.get(self.path, (404, {}, b"none"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.port = server.server_address[1]
    site.address = f"http://127.0.0.1:{site.port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
