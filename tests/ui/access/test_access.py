"""The gate before a real server: no route answers without an account, a key or a cookie opens all of them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import BRIDGE
from served import COST, QUESTION, Served, chatbot_of, free_port, serving
from standins import HashEmbedder
from starlette.routing import Mount

from index import Index
from index.errors import WrongUse
from ui.access import gate, passwords
from ui.access.accounts import Accounts
from ui.access.throttle import Logins
from ui.server import serve
from ui.server.body_limit import MOST_OF_PAGE
from ui.server.serve import allowed

PASSWORD = "correct horse"
ANSWER = f"{COST} [1]"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Cheap hashes, and no waiting for those who send a wrong key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords._scrypt, "__defaults__", (16, 8, 1))
        patch.setattr(passwords, "_COST", 16)
        patch.setattr(passwords, "NOBODY", passwords.NOBODY.replace("32768", "16"))
        patch.setattr(passwords, "_PARALLEL", 1)
        patch.setattr(gate, "WRONG_KEY_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    made = Accounts(tmp_path_factory.mktemp("people") / "accounts.json")
    made.add("ann", PASSWORD)
    return made


@pytest.fixture(scope="module")
def key(accounts: Accounts) -> str:
    return accounts.add_key("robot")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    made = Index.create(folder / "index", embedder=HashEmbedder())
    made.update([folder / "bridge.md"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(index: Index, accounts: Accounts, key: str) -> Iterator[Served]:
    with serving(chatbot_of(index), auth=str(accounts.path)) as found:
        yield found


@pytest.fixture
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield client


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def log_in(http: httpx.Client, password: str = PASSWORD, name: str = "ann", **more: Any) -> httpx.Response:
    return http.post("/login", data={"username": name, "password": password}, **more)


def every_route(served: Served) -> list[tuple[str, str]]:
    """Method and path of each route of the page's app and of the doors', with something in the place of parameters."""
    found = []

    def walk(routes: list[Any], before: str = "") -> None:
        for route in routes:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            if isinstance(route, Mount) or (inner and not hasattr(route, "methods")):
                walk(inner or [], before + getattr(route, "path", ""))
                found.append(("GET", before + getattr(route, "path", "") + "/x"))
                continue
            path = re.sub(r"\{[^}]*\}", "x", before + route.path)
            found.extend((method, path) for method in sorted(route.methods or {"GET", "POST", "DELETE"}))

    walk(served.page.app.routes)
    walk(served.front.app.routes)
    return found


def test_no_route_answers_without_an_account(http: httpx.Client, served: Served) -> None:
    routes = every_route(served)
    paths = {path for _, path in routes}
    assert {"/", "/config", "/login", "/gradio_api/startup-events", "/gradio_api/queue/join", "/theme.css"} <= paths
    assert {"/api/ask", "/api/articles", "/api/articles/x", "/api/openapi.json", "/v1/models", "/mcp"} <= paths
    assert {"/gradio_api/file=x", "/gradio_api/upload", "/gradio_api/call/x/x", "/healthz", "/metrics"} <= paths
    assert len(routes) > 80
    anybodys = {(method, path) for method in ("GET", "HEAD") for path in ("/healthz", "/readyz")}
    odd = [("GET", "/nothing"), ("GET", "//"), ("GET", "/api"), ("POST", "/assets/../config"), ("GET", "/metrics/")]
    odd += [
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("OPTIONS", "/"),
        ("PATCH", "/config"),
        ("GET", "/healthz/../config"),
    ]
    served_anyway = []
    for method, path in {*routes, *odd} - anybodys:
        for headers in ({}, PAGE, with_key("clippings-wrong"), {"Cookie": f"clippings-{served.port}=a.9999999999.b"}):
            response = http.request(method, path, headers=headers)
            if response.status_code not in ((401, 429) if path.startswith("/login") else (401,)):
                served_anyway.append((method, path, response.status_code))
            assert "clippings.sqlite" not in response.text
    assert served_anyway == []


def test_gradio_hands_out_no_file_of_ours(http: httpx.Client, key: str, served: Served, tmp_path: Path) -> None:
    index = served.chatbot.index.folder
    (tmp_path / "kept.txt").write_text("hushed words", encoding="utf-8")
    for path in (index / "clippings.sqlite", index, "/etc/passwd", "../../etc/passwd", tmp_path / "kept.txt", "a\0b"):
        for before in (
            "/gradio_api/file=",
            "/gradio_api/file=/../..",
            "/gradio_api/file=file://",
            "/static/",
            "/assets/",
        ):
            found = http.get(f"{before}{quote(str(path))}", headers=with_key(key))
            assert found.status_code in (403, 404), (before, path)
            assert not [part for part in ("root:", "SQLite format", "hushed") if part in found.text]


def done_on_the_page(http: httpx.Client, component: str, event: str, first: Any) -> dict[str, Any]:
    """What the page's server says of an event that no page has made: one with `first` in the first of its inputs."""
    config = http.get("/config").json()
    (part,) = [each["id"] for each in config["components"] if each["props"].get("label") == component]
    (found,) = [each for each in config["dependencies"] if [part, event] in each["targets"]]
    values = {each["id"]: each["props"].get("value") for each in config["components"]}
    data = [first, *(values[part] for part in found["inputs"][1:])]
    asked = {"data": data, "fn_index": found["id"], "session_hash": "forged", "trigger_id": part}
    assert http.post("/gradio_api/queue/join", json=asked).status_code == 200
    with http.stream("GET", "/gradio_api/queue/data", params={"session_hash": "forged"}) as stream:
        for line in stream.iter_lines():
            if "process_completed" in line:
                return dict(json.loads(line.removeprefix("data: ")))
    raise AssertionError("the stream ended")


def test_an_upload_is_no_file_of_the_server(index: Index, tmp_path: Path) -> None:
    """The page's upload is told by a path, which whoever forges the event may choose."""
    secret = tmp_path / "secret.txt"
    secret.write_text("A secret\n\nNobody may read this.\n", encoding="utf-8")
    link = tmp_path / "link.txt"
    link.symlink_to(secret)
    with serving(chatbot_of(index)) as found, httpx.Client(base_url=found.url, timeout=60) as http:
        for path in (secret, link, index.folder / "clippings.sqlite", "/etc/passwd", f"{tmp_path}/x/../secret.txt"):
            forged = [{"path": str(path), "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}]
            said = done_on_the_page(http, "Add articles", "upload", forged)
            assert not said["success"]
            assert "Nobody may read" not in json.dumps(said)
        sent = http.post(
            "/gradio_api/upload", files={"files": ("../../story.txt", b"A story\n\nIt is told on Monday.\n")}
        )
        (kept,) = sent.json()
        assert ".." not in kept
        assert done_on_the_page(http, "Add articles", "upload", [{"path": kept, "meta": {"_type": "gradio.FileData"}}])[
            "success"
        ]
        titles = [row["title"] for row in http.get("/api/articles").json()["articles"]]
    assert sorted(titles) == ["A story", "Bridge bill climbs"]
    assert secret.exists()
    assert (index.folder / "clippings.sqlite").exists()
    index.remove(["story.txt"])


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.org/",
        "/gradio_api/file=HTTP://example.org/",
        "/gradio_api/file=%68ttp://example.org/",
        "//gradio_api/file=http://example.org/",
        "/gradio_api/file= http://example.org/",
        "/gradio_api/file=http:/example.org/",
        "/gradio_api/file=ftp://example.org/",
        "/gradio_api/proxy=https://example.hf.space/",
    ],
)
def test_the_server_fetches_nothing_for_anybody(http: httpx.Client, key: str, path: str, no_network: list[str]) -> None:
    response = http.get(path, headers=with_key(key))
    assert response.status_code == 404
    assert no_network == []


def test_a_key_opens_every_door(http: httpx.Client, key: str) -> None:
    headers = with_key(key)
    assert http.post("/api/ask", json={"question": QUESTION}, headers=headers).json()["text"] == ANSWER
    assert http.get("/v1/models", headers=headers).json()["data"][0]["id"] == "clippings"
    assert http.get("/", headers=headers | PAGE).status_code == 200
    assert http.get("/gradio_api/user", headers=headers).json() == "robot"


def test_errors_have_the_shape_of_the_door(http: httpx.Client) -> None:
    refused = http.post("/api/ask", json={"question": QUESTION})
    assert refused.headers["www-authenticate"] == "Bearer"
    assert set(refused.json()["error"]) == {"message", "advice"}
    assert http.get("/v1/models").json()["error"]["code"] == "invalid_api_key"


def test_the_openai_client_hears_of_a_wrong_key(served: Served, key: str) -> None:
    openai = pytest.importorskip("openai")
    asked = {"model": "clippings", "messages": [{"role": "user", "content": QUESTION}]}
    wrong = openai.OpenAI(base_url=f"{served.url}/v1", api_key="wrong", max_retries=0)
    with wrong, pytest.raises(openai.AuthenticationError, match="API key"):
        wrong.chat.completions.create(**asked)
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key=key) as client:
        assert client.chat.completions.create(**asked).choices[0].message.content == ANSWER


def test_the_mcp_client_with_a_key(served: Served, key: str) -> None:
    mcp = pytest.importorskip("mcp")
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async def ask() -> str:
        async with (
            httpx2.AsyncClient(headers=with_key(key)) as with_headers,
            mcp.Client(streamable_http_client(f"{served.url}/mcp", http_client=with_headers)) as client,
        ):
            result = await client.call_tool("ask", {"question": QUESTION})
            return str(result.content[0].text)

    assert asyncio.run(ask()).startswith(ANSWER)


def test_the_gradio_client_logs_in(served: Served, key: str) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    quietly: dict[str, Any] = {"verbose": False, "analytics_enabled": False}
    for way in ({"auth": ("ann", PASSWORD)}, {"headers": with_key(key)}):
        client = gradio_client.Client(served.url, **way, **quietly)
        assert client.predict(QUESTION, api_name="/answer")["text"] == ANSWER
    with pytest.raises(gradio_client.exceptions.AuthenticationError):
        gradio_client.Client(served.url, auth=("ann", "wrong horse"), **quietly)


def test_logging_in_and_out(http: httpx.Client, served: Served) -> None:
    asked = http.get("/", headers=PAGE)
    assert asked.status_code == 401
    assert '<form method="post" action="/login">' in asked.text
    inside = log_in(http, headers=PAGE)
    assert (inside.status_code, inside.headers["location"]) == (303, "/")
    cookie = inside.headers["set-cookie"]
    assert all(part in cookie for part in (f"clippings-{served.port}=", "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Secure" not in cookie
    assert http.get("/", headers=PAGE).status_code == 200
    assert http.get("/gradio_api/user").json() == "ann"
    assert http.get("/api/status").status_code == 200
    out = http.get("/logout", headers=PAGE)
    assert out.status_code == 303
    assert http.get("/", headers=PAGE).status_code == 401


def test_a_wrong_password_is_reported_and_not_which_part_is_wrong(http: httpx.Client, served: Served) -> None:
    replies = {log_in(http, *guess, headers=PAGE).text for guess in (("wrong horse",), (PASSWORD, "nobody"), ("", ""))}
    assert len(replies) == 1
    assert "not the right name and password" in replies.pop()
    assert f"clippings-{served.port}" not in http.cookies


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/archive?x=1", "/archive?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
    ],
)
def test_after_logging_in_one_stays_here(http: httpx.Client, wanted: str, led: str) -> None:
    form = {"username": "ann", "password": PASSWORD, "next": wanted}
    assert http.post("/login", data=form, headers=PAGE).headers["location"] == led


def test_the_login_page_shows_a_path_as_text(http: httpx.Client) -> None:
    page = http.get('/"><script>alert(1)</script>', headers=PAGE).text
    assert "<script>" not in page


@pytest.fixture
def throttled(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has guessed yet, and for the throttle no time passes."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(served.front.access, "_logins", Logins())


@pytest.mark.usefixtures("throttled")
def test_guessing_takes_longer_and_longer(http: httpx.Client) -> None:
    statuses = [log_in(http, "wrong horse", name="victim").status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    late = log_in(http, "wrong horse", name="victim")
    assert late.headers["retry-after"] == "1"
    assert set(late.json()["error"]) == {"message", "advice"}
    assert log_in(http).status_code == 200


@pytest.mark.usefixtures("throttled")
def test_guesses_made_at_once_all_count(http: httpx.Client) -> None:
    with ThreadPoolExecutor(10) as guessers:
        statuses = list(guessers.map(lambda n: log_in(http, f"wrong horse {n}", name="victim").status_code, range(10)))
    assert sorted(statuses) == [401] * 5 + [429] * 5


@pytest.mark.usefixtures("throttled")
def test_who_claims_to_be_somebody_else_is_known_by_the_connection(served: Served) -> None:
    """`X-Forwarded-For` is believed of a proxy on 127.0.0.1 alone, and there its last entry."""
    with httpx.Client(base_url=served.url, transport=httpx.HTTPTransport(local_address="127.0.0.2")) as stranger:
        statuses = [
            log_in(stranger, "wrong horse", name="victim", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
            for n in range(7)
        ]
    assert statuses == [401] * 5 + [429] * 2
    with httpx.Client(base_url=served.url) as proxy:
        behind = [
            log_in(
                proxy, "wrong horse", name="other", headers={"X-Forwarded-For": f"10.0.0.{n}, 192.0.2.1"}
            ).status_code
            for n in range(7)
        ]
    assert behind == [401] * 5 + [429] * 2


def test_a_huge_login_is_no_login(http: httpx.Client) -> None:
    assert log_in(http, "x" * 1_000_000).status_code == 401


def test_another_sites_page_gets_nothing(http: httpx.Client, key: str) -> None:
    log_in(http)
    body = {"question": QUESTION}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        refused = http.post("/api/ask", json=body, headers=headers)
        assert refused.status_code == 403
        assert "another site" in refused.json()["error"]["message"]
        assert http.post("/gradio_api/queue/join", json={}, headers=headers).status_code == 403
        assert log_in(http, headers=headers).status_code == 403
        assert http.request("DELETE", "/api/articles?id=x", headers=headers).status_code == 403
    assert http.post("/api/ask", json=body, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://news.example.org:8080", "null"])
def test_another_site_is_not_told_that_it_may_ask(http: httpx.Client, key: str, origin: str) -> None:
    """Gradio tells every site so; then a script may send any header, such as the one that names a proxy's host."""
    asked = {"Host": "news.example.org", "Origin": origin}
    may = asked | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-forwarded-host"}
    refused = http.options("/api/ask", headers=may)
    assert refused.status_code == 403
    assert not [name for name in refused.headers if name.startswith("access-control")]
    claimed = asked | {"X-Forwarded-Host": origin.partition("://")[2]} | with_key(key)
    assert http.post("/api/ask", json={"question": QUESTION}, headers=claimed).status_code == 403


def test_another_sites_link_logs_nobody_out(http: httpx.Client) -> None:
    log_in(http)
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert "set-cookie" not in http.get("/logout", headers=link).headers
    assert "Max-Age=0" in http.get("/logout", headers={"Sec-Fetch-Site": "same-origin"}).headers["set-cookie"]


def test_no_copy_of_a_page_is_kept(http: httpx.Client, key: str) -> None:
    for path in ("/gradio_api/deep_link?session_hash=a", "//gradio_api/deep_link?session_hash=a"):
        assert http.get(path, headers=with_key(key)).status_code == 404


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/call/answer", "/gradio_api/component_server"])
def test_the_page_takes_no_more_than_can_be_typed(http: httpx.Client, key: str, path: str) -> None:
    huge = b'{"data": ["' + b"x" * MOST_OF_PAGE + b'"]}'
    sent = with_key(key) | {"Content-Type": "application/json"}
    assert http.post(path, content=huge, headers=sent).status_code == 413
    parts = (huge[n : n + 100_000] for n in range(0, len(huge), 100_000))  # without saying before how much it is
    assert http.post(path, content=parts, headers=sent).status_code in (400, 413)


def test_logins_that_never_come_keep_nobody_out(http: httpx.Client, served: Served) -> None:
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(gate.MOST_WAITING + 5)]
    head = b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nContent-Type: application/x-www-form-urlencoded"
    for connection in slow:
        connection.sendall(head + b"\r\n\r\nuser")
    heard = [connection.recv(12) for connection in slow[-5:]]
    assert heard == [b"HTTP/1.1 429"] * 5
    for connection in slow:
        connection.close()
    deadline = time.monotonic() + 30
    while log_in(http).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_limit_of_open_files_is_raised() -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, most), most))
    try:
        serve._raise_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(most, serve.MOST_OPEN), most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def test_who_opens_connections_and_asks_nothing_keeps_nobody_out(http: httpx.Client, served: Served) -> None:
    """More connections than the 1,024 files that a process may usually open."""
    with ExitStack() as opened:
        for _ in range(550):  # each takes two files, since client and server are one process
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        assert http.get("/healthz").json() == {"status": "ok"}


def test_secrets_are_in_no_log(
    http: httpx.Client, served: Served, key: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    log_in(http)
    log_in(http, "a wrong secret", name="typed secret")
    http.get("/api/status", headers=with_key(key))
    http.get("/api/status", headers=with_key("clippings-a-wrong-one"))
    token = http.cookies[f"clippings-{served.port}"]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    logged = "\n".join([*ours, *capfd.readouterr()])
    assert "a login failed, from 127.0.0.1" in logged
    assert not [secret for secret in (PASSWORD, "secret", key, "a-wrong-one", token) if secret in logged]


def test_others_private_network_is_not_read_on_the_page_either(http: httpx.Client, key: str) -> None:
    http.headers.update(with_key(key))
    for address in ("http://127.0.0.1:1/x", "http://169.254.169.254/latest", "http://[::1]/"):
        said = done_on_the_page(http, "Or an address", "submit", address)
        assert "private network" in json.dumps(said)


def test_others_private_network_is_not_read(http: httpx.Client, key: str) -> None:
    for address in (
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "http://10.0.0.1/x",
        "http://[::1]/x",
        "http://169.254.169.254/",
    ):
        refused = http.post("/api/articles", json={"address": address}, headers=with_key(key))
        assert refused.status_code == 422
        assert "private network" in refused.json()["error"]["message"]


# Without accounts


def test_without_accounts_only_this_machine_is_served(index: Index) -> None:
    with serving(chatbot_of(index)) as found, httpx.Client(base_url=found.url, timeout=60) as http:
        assert http.get("/", headers=PAGE).status_code == 200
        for path in ("/", "/api/status", "/v1/models", "/gradio_api/info"):
            rebound = http.get(path, headers={"Host": f"evil.example:{found.port}"})
            assert rebound.status_code == 403
            assert "answers to localhost" in rebound.text
        assert http.post("/api/ask", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
        assert http.get("/login", headers=PAGE).status_code != 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_let_in_only_with_accounts(host: str, accounts: Accounts) -> None:
    with pytest.raises(WrongUse, match=r"lets other machines in.*--auth FILE.*clippings auth add"):
        allowed(host, free_port())
    assert allowed(host, free_port(), auth=str(accounts.path)).accounts is not None


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="cannot be read"):
        allowed("127.0.0.1", free_port(), auth=str(tmp_path / "none.json"))


# Behind a proxy


@pytest.mark.parametrize(
    ("root", "kept"),
    [("/clippings", True), ("https://news.example.org/clippings", False)],
    ids=["prefix kept", "prefix taken off"],
)
def test_behind_a_proxy(index: Index, accounts: Accounts, key: str, root: str, *, kept: bool) -> None:
    proxied = {"Host": "news.example.org", "X-Forwarded-Host": "news.example.org", "X-Forwarded-Proto": "https"}
    before = "/clippings" if kept else ""
    with (
        serving(chatbot_of(index), auth=str(accounts.path), root_path=root) as found,
        httpx.Client(base_url=f"{found.url}{before}", headers=proxied, timeout=60) as http,
    ):
        asked = http.get("/", headers=PAGE)
        assert (asked.status_code, 'action="/clippings/login"' in asked.text) == (401, True)
        inside = log_in(http, headers=PAGE | {"Origin": "https://news.example.org"})
        assert inside.headers["location"] == "/clippings/"
        assert all(part in inside.headers["set-cookie"] for part in ("Secure", "Path=/clippings"))
        headers = with_key(key)
        assert http.post("/api/ask", json={"question": QUESTION}, headers=headers).json()["text"] == ANSWER
        assert http.get("/v1/models", headers=headers).status_code == 200
        page = http.get("/", headers=PAGE | headers)
        assert page.status_code == 200
        assert '"root":"https://news.example.org/clippings"' in page.text
        described = http.get("/api/openapi.json", headers=headers).json()
        assert described["servers"] == [{"url": root}]
