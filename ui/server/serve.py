"""Start the page's server, on this machine and for nobody else unless asked.

Gradio's analytics, version check, sharing, API pages and run history are off. A content security policy makes the
browser refuse whatever is not from this server, so a mistake elsewhere cannot load or send anything.
"""

from __future__ import annotations

import os
import socket
import sys
import webbrowser
from contextlib import suppress
from errno import EADDRINUSE
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index import Filters
from index.errors import CannotRun, WrongUse
from rag import Chatbot
from ui import event_log
from ui.access.accounts import Accounts
from ui.access.gate import Access
from ui.access.origin import Site, lets_others_in
from ui.access.visitor import Cookies
from ui.page import gradio_api
from ui.page.ask_flow import Asked
from ui.page.build import build
from ui.page.components import AT_ONCE, asset
from ui.page.theme import theme
from ui.server import memory
from ui.server.app import Front
from ui.shutdown import ended_by_signals

MOST_OPEN = 65_536
"""Maximum number of open files, connections included: uvicorn waits for the first request of a connection for ever."""

POLICY = "; ".join(
    (
        "default-src 'self'",
        # Gradio starts from scripts within the page and compiles its templates in the browser.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)


class _Headers:
    """Adds the policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_with_headers)


class _Head:
    """Answers HEAD requests for the page without making it.

    Gradio sends one when it starts, and ends if it takes 3 s; on a busy machine the page can take longer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] == "/"
        app: ASGIApp = Response(media_type="text/html") if asked else self._app
        await app(scope, receive, send)


def serve(
    chatbot: Chatbot,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    root_path: str = "",
    auth: str = "",
    open_browser: bool,
    filters: Filters = Filters(),
    log: str = "",
    log_questions: bool = False,
) -> None:
    """Serve the page and the doors for programs until Ctrl-C or another signal to stop; then close the chatbot.

    `auth` is a file of accounts, without which nobody but this machine may be served; `root_path` where a proxy shows
    it; `log` where lines of JSON go (`ui.event_log`). CannotRun if the port is in use or not allowed, WrongUse if
    others could come in without an account, or the log cannot be written.
    """
    if log:
        event_log.write_to(log, private=log_questions)
    front = Front(chatbot, allowed(host, port, root_path=root_path, auth=auth))
    with ended_by_signals():
        page = start(chatbot, host=host, port=port, filters=filters, front=front)
        try:
            _say(f"clippings is at {front.access.site.root or page.local_url}  (Ctrl-C stops it)")
            event_log.event(
                "started", url=page.local_url, index_version=chatbot.index.version, model=chatbot.model_name
            )
            if open_browser:
                webbrowser.open(page.local_url)
            memory.keep_low()
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may be gone
                _say("stopped")
        finally:
            chatbot.close()  # first, so that nobody is waited for
            page.close(verbose=False)
            event_log.event("ended")


def allowed(host: str, port: int, *, root_path: str = "", auth: str = "") -> Access:
    """Who may come in; the errors of `serve`."""
    site = Site(host, port, root_path)
    _check_free(host, port)
    if not auth and lets_others_in(host):
        raise WrongUse(
            f"--host {host} lets other machines in, so it needs accounts: --auth FILE. "
            "Make the file with: clippings auth add NAME --auth FILE"
        )
    return Access(site, Accounts.open(auth) if auth else None)


def start(
    chatbot: Asked,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    filters: Filters = Filters(),
    folder: Path | None = None,
    front: Front | None = None,
) -> gr.Blocks:
    """Start serving and return at once; `close` the result to stop. CannotRun as for `serve`.

    Conversations and verdicts are kept in `folder`, the user's data folder without one. Without a `front` there is the
    page alone, for everybody on this machine.
    """
    _check_free(host, port)
    _raise_open_files()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    _leave_out_proxies()
    alone = front is None or front.access.accounts is None
    prefix = front.access.site.prefix if front else ""
    page = build(chatbot, filters=filters, folder=folder, private_addresses=alone, prefix=prefix)
    middleware = [Middleware(_Headers), Middleware(Cookies)]
    served: dict[str, Any] = {"app_kwargs": {"middleware": middleware}}
    if front is not None:
        gradio_api.add_to(page, front.chatbot)
        served = front.launch_options(*middleware)
    served["app_kwargs"]["middleware"].append(Middleware(_Head))
    with as_file(files("ui.page").joinpath("static", "favicon.svg")) as icon:
        try:
            page.launch(
                server_name=f"[{host}]" if ":" in host else host,
                server_port=port,
                favicon_path=icon,
                css=asset("style.css"),
                theme=theme(),
                **served,
                **_LAUNCH,
            )
        except OSError as error:  # taken since it was checked, or taken on 127.0.0.1, which Gradio wants free, too
            raise CannotRun(_taken(port)) from error
    if front is not None:
        front.access.starting = False
    return page


_LAUNCH: dict[str, Any] = {
    "prevent_thread_lock": True,
    "quiet": True,
    "inbrowser": False,
    "share": False,
    "show_error": False,
    "footer_links": [],
    "run_history": False,
    "enable_monitoring": False,
    "mcp_server": False,
    "pwa": False,
    # A browser's upload is copied several times; larger collections are read from their folder.
    "max_file_size": "200mb",
    "ssr_mode": False,
    # Open pages, of which each takes 175 KB and is kept when it is closed, too; beyond, the one used longest ago goes.
    "state_session_capacity": 500,
    # The page's questions and its API's, AT_ONCE of each, hold a thread while they wait; else there would be 40 for
    # them and for all that is quick, uploads through the doors included.
    "max_threads": 3 * AT_ONCE,
}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _check_free(host: str, port: int) -> None:
    """Gradio names neither the port nor the reason, so look before it does."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # on Windows the option means the opposite: sharing a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address[0], port, *address[2:]))  # `getaddrinfo` cuts a port that is too high
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == EADDRINUSE:
            raise CannotRun(_taken(port)) from error
        raise CannotRun(
            f"Cannot serve the page on {host}, port {port}: {error}. Choose others with --host and --port."
        ) from error


def _raise_open_files() -> None:
    """Raise the limit of open files, often 1,024, to what the system allows, but at most to `MOST_OPEN`."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_OPEN if most == resource.RLIM_INFINITY else min(most, MOST_OPEN)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def _taken(port: int) -> str:
    another = port + 1 if 1024 <= port < 65535 else 7861
    return f"Port {port} is in use. Choose another one with: --port {another}"


def _leave_out_proxies() -> None:
    """Gradio asks its own server whether it is there; a proxy would be asked instead, where one is set."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost", "::1"]))
