"""Nobody passes without saying who they are, by a cookie or an API key; and nobody from another site's page.

It stands before everything that is served: the page, its files, every door. Without accounts it only looks where a
request comes from; then the server listens to this machine alone.
"""

from __future__ import annotations

import logging
import re
from http.cookies import CookieError, SimpleCookie
from importlib.resources import files
from math import ceil
from string import Template
from urllib.parse import parse_qs

from anyio import CapacityLimiter, move_on_after, sleep, to_thread
from markupsafe import escape
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.doors.accounts import Accounts
from ui.doors.failures import Refused, answered
from ui.doors.health import OPEN
from ui.doors.passwords import SESSION_SECONDS
from ui.doors.site import Site
from ui.doors.throttle import Logins

_log = logging.getLogger(__name__)

USER = "clippings.user"
"""Where a request's scope says who makes it."""

LONGEST_LOGIN = 10_000
"""Bytes of a login form."""

SLOWEST_LOGIN = 10.0
"""Seconds in which it must have come: it is the one body that is read of strangers."""

WRONG_KEY_SECONDS = 0.5
"""How long whoever sends a wrong key waits to hear so; a right one is never kept waiting."""

MOST_WAITING = 20
"""Logins that wait for their turn, or are still being sent; whoever floods the server with more shall not make others
wait for ever."""

WRONG = "That is not the right name and password."

_STARTING = "/gradio_api/startup-events"

# With the first two Gradio asks other machines for what it hands on, which would look like ours; with the last a link
# leaves a copy of somebody's page on the disk. Nothing of the page needs them.
_NOT_SERVED = re.compile(r"/+gradio_api/+(proxy=|file=\s*[a-z][a-z0-9+.-]*:/|deep_link)", re.IGNORECASE)


class Access:
    """Who may come in: one for a server. `Gate` asks it about every request."""

    def __init__(self, site: Site, accounts: Accounts | None = None) -> None:
        """Everybody may come in without `accounts`. While `starting`, Gradio may ask its own server to begin."""
        self.site = site
        self.accounts = accounts
        self.starting = True
        self._logins = Logins()
        self._sent = 0  # logins whose form has not come yet
        self._one_at_a_time = CapacityLimiter(1)  # a password takes 32 MB to check, and guessing shall take its time

    def user(self, request: Request) -> str | None:
        """Who makes a request that was let in; None without accounts. For Gradio, which asks for every request."""
        found: str | None = request.scope.get(USER)
        return found

    def problem(self, method: str, headers: Headers) -> str:
        """Why a request of this origin is refused; empty if it is not."""
        return self.site.refusal(method, headers, guarded=self.accounts is not None)

    def known(self, headers: Headers) -> str | None:
        """Whose key or cookie a request has."""
        assert self.accounts is not None
        kind, _, key = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.accounts.of_key(key.strip())
        token = _cookie(headers, self.site.cookie)
        return self.accounts.of_session(token) if token else None

    async def login(self, request: Request) -> Response:
        """Answer a login form: a cookie for the right name and password, else why not."""
        assert self.accounts is not None
        if self._sent >= MOST_WAITING:
            return self._later(request, 1)
        self._sent += 1
        try:
            form = parse_qs((await _body(request)).decode(errors="replace"))
        finally:
            self._sent -= 1
        name, password, wanted = (form.get(field, [""])[0] for field in ("username", "password", "next"))
        if not name or not password:
            return self._not_in(request, 401, WRONG)
        guesser = (request.client.host if request.client else "", name[:100])
        crowded = self._one_at_a_time.statistics().tasks_waiting >= MOST_WAITING
        if wait := ceil(1.0 if crowded else self._logins.wait(*guesser)):
            return self._later(request, wait)
        self._logins.failed(*guesser)  # until the password is found right, so that tries at the same time count
        if not await to_thread.run_sync(self.accounts.is_password, name, password, limiter=self._one_at_a_time):
            _log.warning("a login failed, from %s", request.client.host if request.client else "somewhere")
            return self._not_in(request, 401, WRONG)
        self._logins.succeeded(*guesser)
        return self._in(request, name, wanted)

    def logout(self, *, ours: bool) -> Response:
        """Forget who it was; a link of another site only leads to the page."""
        response = RedirectResponse(f"{self.site.prefix}/", 303)
        if ours:
            response.delete_cookie(self.site.cookie, path=self.site.prefix or "/")
        return response

    def closed(self, request: Request, path: str) -> Response:
        """What somebody gets who has not said who they are."""
        if path.startswith(("/api/", "/v1/", "/mcp", "/metrics")) or not _wants_page(request.headers):
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
        page = Template(files("ui.doors").joinpath("login.html").read_text(encoding="utf-8"))
        path = self.site.inner(request.scope["path"])
        text = page.substitute(
            action=escape(f"{self.site.prefix}/login"),
            next=escape("/" if path == "/login" else path),
            problem=escape(problem),
        )
        return HTMLResponse(text, status, headers=headers)


class Gate:
    """The middleware that asks an `Access`."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may come in; answer the rest."""
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
        headers = Headers(scope=scope)
        open_to_all = self._access.accounts is None
        return not self._access.problem("GET", headers) and (open_to_all or self._access.known(headers) is not None)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request that does not reach the app; None for one that may pass."""
        access, headers = self._access, Headers(scope=scope)
        path = access.site.inner(scope["path"])
        if problem := access.problem(scope["method"], headers):
            return answered(path, Refused(403, problem, "Use the page's own address, or a program that is no browser."))
        if access.accounts is None or (access.starting and path == _STARTING):
            return _not_served(path)
        request = Request(scope, receive)
        if path.rstrip("/") == "/login" and scope["method"] == "POST":
            return await access.login(request)
        user = access.known(headers)
        if user is None and path in OPEN and scope["method"] in ("GET", "HEAD"):
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


async def _body(request: Request) -> bytes:
    body = b""
    with move_on_after(SLOWEST_LOGIN):
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_LOGIN:
                return b""  # nobody has such a password
        return body
    return b""


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def _wants_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _local(path: str) -> str:
    """A path of this site, whatever a form asks for: "//elsewhere" and "/\\elsewhere" lead to another one."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
