"""Which requests another site's page makes, and who guesses too often."""

from __future__ import annotations

import time
from time import sleep
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers

from index.errors import WrongUse
from ui.access.origin import Site, lets_others_in
from ui.access.throttle import Logins

PROXIED = "https://news.example.org/clippings"


def refusal(method: str = "POST", *, site: Site | None = None, guarded: bool = False, **headers: str) -> str:
    sent = {"host": "127.0.0.1:7860"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return (site or Site()).refusal(method, Headers(sent), guarded=guarded)


@pytest.mark.parametrize("host", ["localhost:7860", "LOCALHOST", "127.0.0.1:7860", "127.1.2.3", "[::1]:7860"])
def test_names_of_this_machine(host: str) -> None:
    assert refusal(host=host) == ""


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "["],
)
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    assert "answers to localhost" in refusal("GET", host=host)


def test_who_must_log_in_may_come_by_any_name() -> None:
    assert refusal(host="news.example.org", guarded=True) == ""


def test_the_proxys_name_is_ours() -> None:
    site = Site(root=PROXIED)
    assert refusal(site=site, host="news.example.org") == ""
    assert refusal(site=site, host="other.example.org") != ""
    assert refusal(site=site, host="127.0.0.1:7860", origin="https://news.example.org") == ""


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
@pytest.mark.parametrize("guarded", [False, True])
def test_what_another_sites_page_sends_is_refused(where: str, *, guarded: bool) -> None:
    for method in ("POST", "DELETE", "PUT", "GET"):
        assert "another site" in refusal(method, sec_fetch_site=where, guarded=guarded)
    assert "another site" in refusal("POST", sec_fetch_site=where, sec_fetch_mode="navigate", guarded=guarded)


def test_a_link_from_another_site_may_be_followed() -> None:
    assert refusal("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate") == ""


@pytest.mark.parametrize("where", ["same-origin", "none"])
def test_our_own_page_and_the_address_bar(where: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        # The browser knows better than names, which proxies change.
        assert refusal(method, sec_fetch_site=where, origin="https://proxied.example") == ""


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:7861", "https://127.0.0.1", "http://["]
)
def test_another_origin_is_refused(origin: str) -> None:
    for method in ("GET", "POST"):
        assert "another site" in refusal(method, origin=origin)


def test_our_own_origin() -> None:
    assert refusal(origin="http://127.0.0.1:7860") == ""
    assert refusal(host="LocalHost:7860", origin="http://localhost:7860") == ""
    behind = {"origin": "https://news.example.org", "x_forwarded_host": "news.example.org"}
    assert refusal(site=Site(root="/clippings"), guarded=True, **behind) == ""
    assert "another site" in refusal(guarded=True, **behind)  # where there is no proxy to overwrite it


@pytest.mark.parametrize(
    ("root", "path", "inner"),
    [
        ("", "/api/ask", "/api/ask"),
        ("/clippings", "/api/ask", "/api/ask"),
        ("/clippings", "/clippings/api/ask", "/api/ask"),
        ("/clippings/", "/clippings", "/"),
        ("/clippings", "/clippingsapi", "/clippingsapi"),
        (PROXIED, "/clippings/v1/models", "/v1/models"),
    ],
)
def test_paths_with_and_without_the_prefix(root: str, path: str, inner: str) -> None:
    assert Site(root=root).inner(path) == inner


def test_a_root_that_is_no_path() -> None:
    with pytest.raises(WrongUse, match="--root-path clippings is neither"):
        Site(root="clippings")


@pytest.mark.parametrize(
    ("host", "others"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True)]
)
def test_which_addresses_let_others_in(host: str, *, others: bool) -> None:
    assert lets_others_in(host) is others


# Guessing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`now` is the time that the throttle goes by."""
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


def test_five_wrong_passwords_are_free_then_each_costs_twice_as_much(clock: SimpleNamespace) -> None:
    logins = Logins()
    waits = []
    for _ in range(16):
        waits.append(logins.wait("home", "ann"))
        clock.now += waits[-1]
        logins.failed("home", "ann")
    assert waits == [0.0] * 5 + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert (logins.wait("home", "bob"), logins.wait("away", "ann")) == (0.0, 0.0)
    clock.now += 299
    assert logins.wait("home", "ann") == 1.0
    clock.now += 1
    assert logins.wait("home", "ann") == 0.0


def test_who_guesses_all_day_has_24_tries_an_hour(clock: SimpleNamespace) -> None:
    logins, tries, began = Logins(), 0, clock.now
    while clock.now < began + 24 * 3600:
        clock.now += logins.wait("home", "ann")
        logins.failed("home", "ann")
        tries += 1
    assert tries == 549


def test_after_an_hour_wrong_passwords_no_longer_count(clock: SimpleNamespace) -> None:
    logins = Logins()
    for _ in range(5):
        logins.failed("home", "ann")
    clock.now += 3_599
    logins.failed("home", "ann")
    assert logins.wait("home", "ann") == 2.0
    clock.now += 1
    assert logins.wait("home", "ann") == 0.0


def test_success_forgets_the_wrong_passwords_of_that_name(clock: SimpleNamespace) -> None:
    logins = Logins()
    for _ in range(5):
        logins.failed("home", "ann")
    assert logins.wait("home", "ann") == 1.0
    clock.now += 1
    logins.succeeded("home", "ann")
    for _ in range(4):
        logins.failed("home", "ann")
    assert logins.wait("home", "ann") == 0.0


def test_one_address_that_tries_many_names_must_wait_and_an_own_account_does_not_help(clock: SimpleNamespace) -> None:
    logins = Logins()
    for number in range(50):
        assert logins.wait("home", f"name{number}") == 0.0
        logins.failed("home", f"name{number}")
        logins.succeeded("home", "own")
    assert logins.wait("home", "another") == 1.0
    assert logins.wait("away", "another") == 0.0


def test_many_addresses_that_try_one_name_make_it_wait_a_little(clock: SimpleNamespace) -> None:
    logins = Logins()
    for number in range(200):
        logins.failed(f"address {number}", "ann")
    assert logins.wait("another", "ann") == 30.0
    assert logins.wait("another", "bob") == 0.0


def test_what_no_longer_counts_takes_no_memory(clock: SimpleNamespace) -> None:
    logins = Logins()
    for number in range(1_000):
        logins.failed(f"address {number}", f"name {number}")
    clock.now += 3_601
    logins.failed("home", "ann")
    for _ in range(500):
        if len(logins._limiter.storage.storage) == 3:
            return
        sleep(0.01)
    raise AssertionError("old addresses and names are still kept")
