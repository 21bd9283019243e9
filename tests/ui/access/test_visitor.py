"""Who is at the page: a name from the login, or a secret in a cookie."""

from __future__ import annotations

import re
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.access.visitor import COOKIE, Cookies, owner_of


def visit(cookie: str = "", path: str = "/") -> str | None:
    app = Starlette(
        routes=[Route("/", lambda _: HTMLResponse("page")), Route("/data", lambda _: JSONResponse({}))],
        middleware=[Middleware(Cookies)],
    )
    headers = {"cookie": cookie} if cookie else {}
    with TestClient(app) as client:
        return client.get(path, headers=headers).headers.get("set-cookie")


def visitor(cookie: str = "", username: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(username=username, cookies={COOKIE: cookie} if cookie else {})


def test_every_browser_gets_a_secret_that_scripts_and_other_sites_cannot_read():
    first, second = visit(), visit()
    assert first is not None
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", first)
    assert first != second
    assert visit(path="/data") is None


def test_a_visit_keeps_the_cookie_and_what_is_none_of_ours_is_replaced():
    mine = "a" * 31 + "-"
    kept = visit(f"other=1; {COOKIE}={mine}")
    assert kept is not None
    assert kept.startswith(f"{COOKIE}={mine};")
    for wrong in ("short", "a" * 33, "a" * 31 + "%"):
        made = visit(f"{COOKIE}={wrong}")
        assert made is not None
        assert f"={wrong};" not in made


def test_the_owner_does_not_give_the_cookie_away():
    names = {owner_of(visitor(cookie)) for cookie in ("a" * 32, "b" * 32)}
    assert len(names) == 2
    assert all(re.fullmatch(r"browser [0-9a-f]{32}", name) for name in names)
    assert not any("aaaa" in name for name in names)


def test_a_login_comes_before_the_cookie_and_without_either_there_is_nobody():
    assert owner_of(visitor("a" * 32, "anne")) == "user anne"
    assert owner_of(visitor()) == ""


def test_nothing_behind_it_sees_a_cookie_that_is_slow_to_read_or_not_ours():
    """Python's own reader takes time by the square of the backslashes in a quoted value."""
    app = Starlette(
        routes=[Route("/", lambda request: JSONResponse(request.headers.get("cookie")))],
        middleware=[Middleware(Cookies)],
    )
    slow = '"' + "\\" * 30_000 + '"'
    sent = f"other=1; {COOKIE}={slow}; {COOKIE}-7860={slow}; {COOKIE}-7861=name.1.signature; {COOKIE}=mine; x={slow}"
    with TestClient(app) as client:
        assert client.get("/", headers={"cookie": sent}).json() == f"{COOKIE}-7861=name.1.signature; {COOKIE}=mine"
        assert client.get("/", headers={"cookie": "other=1"}).json() == ""
