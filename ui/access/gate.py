"""Middleware that authenticates every request, by cookie or API key, and refuses those made by other sites' pages.

It runs before everything that is served: the page, its files, every interface. Without accounts it only checks where a
request comes from; the server then listens on this machine only.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from math import ceil

from anyio import CapacityLimiter, Lock, move_on_after, sleep, to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.accounts import Accounts
from ui.access.origin import Site
from ui.access.passwords import SESSION_SECONDS
from ui.access.throttle import Logins
from ui.http_errors import Refused, answered
from ui.paths import API, MCP, METRICS, OPEN, OPENAI

_log = logging.getLogger(__name__)

_PAGES = Environment(
    loader=PackageLoader("ui.access", ""), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)

USER = "clippings.user"
"""The key of a request's ASGI scope under which the name of the authenticated user is stored."""

LONGEST_LOGIN = 10_000
"""Maximum size of one field of a login form, in bytes."""

SLOWEST_LOGIN = 10.0
"""Seconds within which a login form must arrive: it is the only body that is read from unauthenticated clients."""

WRONG_KEY_SECONDS = 0.5
"""Seconds before a request with a wrong API key is answered; one with a valid key is never delayed."""

MOST_WAITING = 20
"""Maximum number of logins being received, and of logins waiting for their password check. More are refused, so that a
flood of logins does not make others wait for ever."""

WRONG = "That is not the right name and password."

_STARTING = "/gradio_api/startup-events"

# With the first two Gradio fetches content from other machines and passes it on as if it were ours; with the last it
# stores a copy of somebody's page on the disk. The page needs none of them.
_NOT_SERVED = re.compile(r"/+gradio_api/+(proxy=|file=\s*[a-z][a-z0-9+.-]*:/|deep_link)", re.IGNORECASE)


class Access:
    """Decides who may use the server; there is one for each server. `Gate` asks it about every request."""

    def __init__(self, site: Site, accounts: Accounts | None = None) -> None:
        """Without `accounts` everybody may. While `starting`, Gradio's start-up request to its own server passes."""
        self.site = site
        self.accounts = accounts
        self.starting = True
        self._logins = Logins()
        self._sent = 0  # logins whose form is still being received
        self._turn = Lock()  # a check takes 32 MB, and simultaneous tries must all count
        self._thread = CapacityLimiter(1)  # apart from the threads of questions and uploads

    def user(self, request: Request) -> str | None:
        """Returns the user who made an admitted request; None without accounts. Gradio calls it for every request."""
        found: str | None = request.scope.get(USER)
        return found

    def problem(self, method: str, headers: Headers) -> str:
        """Returns why a request is refused for its origin; empty if it is not."""
        return self.site.refusal(method, headers, guarded=self.accounts is not None)

    def known(self, connection: HTTPConnection) -> str | None:
        """Returns the user whose API key or session cookie a request carries; None if it carries no valid one."""
        assert self.accounts is not None
        kind, _, key = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.accounts.of_key(key.strip())
        return self.accounts.of_session(connection.cookies.get(self.site.cookie, ""))

    async def login(self, request: Request) -> Response:
        """Answer a login form: set the session cookie if name and password are right, else return an error."""
        assert self.accounts is not None
        if self._sent >= MOST_WAITING:
            return self._later(request, 1)
        self._sent += 1
        try:
            form = await _form(request)
        finally:
            self._sent -= 1
        name, password, wanted = (str(form.get(field, "")) for field in ("username", "password", "next"))
        if not name or not password:
            return self._not_in(request, 401, WRONG)
        guesser = (request.client.host if request.client else "", name[:100])
        crowded = self._turn.statistics().tasks_waiting >= MOST_WAITING
        if wait := ceil(1.0 if crowded else self._logins.wait(*guesser)):
            return self._later(request, wait)
        async with self._turn:
            if wait := ceil(self._logins.wait(*guesser)):  # again, for those that were tried in the meantime
                return self._later(request, wait)
            if await to_thread.run_sync(self.accounts.is_password, name, password, limiter=self._thread):
                self._logins.succeeded(*guesser)
                return self._in(request, name, wanted)
            self._logins.failed(*guesser)
        _log.warning("a login failed, from %s", request.client.host if request.client else "somewhere")
        return self._not_in(request, 401, WRONG)

    def logout(self, *, ours: bool) -> Response:
        """Delete the session cookie and redirect to the page; a link on another site (not `ours`) only redirects."""
        response = RedirectResponse(f"{self.site.prefix}/", 303)
        if ours:
            response.delete_cookie(self.site.cookie, path=self.site.prefix or "/")
        return response

    def closed(self, request: Request, path: str) -> Response:
        """Returns the answer to an unauthenticated request: an error for programs, the login page for browsers."""
        if path.startswith((f"{API}/", f"{OPENAI}/", MCP, METRICS)) or not _wants_page(request.headers):
            refused = Refused(
                401, "This needs an API key, and none that is known was sent.", code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
            return answered(path, refused)
        return self._not_in(request, 401, "")

    def _in(self, request: Request, name: str, wanted: str) -> Response:
        assert self.accounts is not None
        response: Response
        if _wants_page(request.headers):
            response = RedirectResponse(f"{self.site.prefix}{_local(wanted)}", 303)
        else:
            response = JSONResponse({"success": True})
        response.set_cookie(
            self.site.cookie,
            self.accounts.session(name),
            max_age=SESSION_SECONDS,
            path=self.site.prefix or "/",
            secure=request.url.scheme == "https" or self.site.root.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return response

    def _later(self, request: Request, wait: int) -> Response:
        said = f"Too many tries. Wait {wait} s, then try again."
        return self._not_in(request, 429, said, {"Retry-After": str(wait)})

    def _not_in(self, request: Request, status: int, problem: str, headers: dict[str, str] | None = None) -> Response:
        if not _wants_page(request.headers):
            return answered("/", Refused(status, problem, "Check name and password.", headers=headers or {}))
        path = self.site.inner(request.scope["path"])
        text = _PAGES.get_template("login.html").render(
            action=f"{self.site.prefix}/login", next="/" if path == "/login" else path, problem=problem
        )
        return HTMLResponse(text, status, headers=headers)


class Gate:
    """ASGI middleware that applies an `Access` to every request."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that is allowed; answer any other."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            response = await self._answer(scope, receive)
            await (response or self._app)(scope, receive, send)
        elif not self._may_connect(scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    def _may_connect(self, scope: Scope) -> bool:
        connection, open_to_all = HTTPConnection(scope), self._access.accounts is None
        if self._access.problem("GET", connection.headers):
            return False
        return open_to_all or self._access.known(connection) is not None

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """Returns the answer to a request that does not reach the app; None for one that may pass."""
        access, request = self._access, Request(scope, receive)
        headers = request.headers
        path = access.site.inner(scope["path"])
        if problem := access.problem(scope["method"], headers):
            return answered(path, Refused(403, problem, "Use the page's own address, or a program that is no browser."))
        if access.accounts is None or (access.starting and path == _STARTING):
            return _not_served(path)
        if path.rstrip("/") == "/login" and scope["method"] == "POST":
            return await access.login(request)
        user = access.known(request)
        if user is None and path.rstrip("/") in OPEN and scope["method"] in ("GET", "HEAD"):
            return None
        if user is None:
            if "authorization" in headers:
                await sleep(WRONG_KEY_SECONDS)
            return access.closed(request, path)
        if path.rstrip("/") == "/logout":
            return access.logout(ours=headers.get("sec-fetch-site", "none") in ("same-origin", "none"))
        scope[USER] = user
        return _not_served(path)


def _not_served(path: str) -> Response | None:
    if _NOT_SERVED.match(path):
        return answered(path, Refused(404, "Nothing is fetched from other machines here, and no page is kept."))
    return None


async def _form(request: Request) -> FormData:
    """Returns a login form; an empty one if it comes too slowly, or is larger than any real one."""
    with move_on_after(SLOWEST_LOGIN), suppress(HTTPException):
        return await request.form(max_files=0, max_fields=10, max_part_size=LONGEST_LOGIN)
    return FormData()


def _wants_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _local(path: str) -> str:
    """Returns the path if it is one of this site, else "/": "//elsewhere" and "/\\elsewhere" lead to another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
