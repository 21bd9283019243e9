"""Addresses, fetched from a site on loopback: what comes, what is refused, and what never happens."""

from __future__ import annotations

import _socket
import gzip
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from loopback_site import Site, serve

from index.errors import WrongUse
from index.sources import fetch as fetching
from index.sources.fetch import fetch, is_public
from index.urls import checked_address, is_address

NUMBERS = socket.AI_NUMERICHOST


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def refusal(address: str, **options: Any) -> str:
    with pytest.raises(ValueError) as refused:
        fetch(address, **options)
    return str(refused.value)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[str]:
    """Let every name be one of these machines; the names that are looked up."""
    looked_up: list[str] = []

    def look_up(host: str, port: int, *arguments: int, **options: int) -> list[Any]:
        if fetching._is_number(host):  # Python's own, on the way to the machine
            return _socket.getaddrinfo(host, port, *arguments, **options)
        looked_up.append(host)
        return [(socket.AF_INET6 if ":" in number else socket.AF_INET, 1, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


def test_a_page_comes_with_its_kind_and_charset(site: Site) -> None:
    page = fetch(site.put("/a", "<p>żółw</p>"))
    assert (page.content.decode(), page.kind, page.charset) == ("<p>żółw</p>", "text/html", "utf-8")
    assert page.address == f"{site.address}/a"


def test_an_address_is_escaped_on_the_wire(site: Site) -> None:
    site.put("/caf%C3%A9%20x?q=%C3%BC", "ok")
    assert fetch(f"{site.address}/café x?q=ü").content == b"ok"


def test_gzip_is_unpacked(site: Site) -> None:
    address = site.put("/a", gzip.compress(b"text " * 999), **{"Content-Encoding": "gzip"})
    assert fetch(address).content == b"text " * 999
    assert "its compression is not valid" in refusal(site.put("/b", b"plain", **{"Content-Encoding": "gzip"}))
    assert "not asked for (br)" in refusal(site.put("/c", b"plain", **{"Content-Encoding": "br"}))


def test_redirects_are_followed_to_the_end(site: Site) -> None:
    site.put("/end", "ok")
    site.redirect("/middle", f"{site.address}/end", 301)
    assert fetch(site.redirect("/start", "middle")).address == f"{site.address}/end"


def test_redirects_are_limited(site: Site) -> None:
    assert refusal(site.redirect("/a", "/a")) == "redirects more than 5 times"
    assert site.asked == ["/a"] * 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/a", "javascript:alert(1)"])
def test_a_redirect_leads_to_the_web_only(site: Site, target: str) -> None:
    assert refusal(site.redirect("/a", target)) == f"redirects to {target}, which is no address of the web"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"])
def test_a_redirect_to_a_private_machine_is_refused(site: Site, host: str) -> None:
    assert "is no address of the public network" in refusal(site.redirect("/a", f"http://{host}:{site.port}/secret"))
    assert site.asked == ["/a"]


def test_a_number_in_disguise_is_looked_up_and_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    assert refusal(f"http://2130706433:{site.port}/a").startswith("2130706433 is 127.0.0.1, which is no address")
    assert site.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "0",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
    ],
)
def test_the_system_s_other_spellings_of_this_machine_are_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def resolve(name: str, port: int, *arguments: int, **options: int) -> Any:
        # As the system reads it, but without asking a name server.
        return _socket.getaddrinfo(name, port, *arguments, **options, **({} if arguments else {"flags": NUMBERS}))

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    message = refusal(site.redirect("/a", f"http://{host}:{site.port}/secret"))
    assert "no address of the public network" in message
    assert site.asked == ["/a"]


def test_a_name_that_changes_its_number_is_looked_up_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, no_network: list[str]
) -> None:
    numbers = ["93.184.215.14", "127.0.0.1", "127.0.0.1"]
    looked_up: list[str] = []

    def rebind(host: str, port: int, *arguments: int, **options: int) -> Any:
        if fetching._is_number(host):
            return _socket.getaddrinfo(host, port, *arguments, **options)
        looked_up.append(host)
        return [(socket.AF_INET, 1, 6, "", (numbers[len(looked_up) - 1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    assert refusal(f"http://news.example:{site.port}/a").startswith("cannot be fetched (")
    assert (looked_up, no_network, site.asked) == (["news.example"], ["93.184.215.14"], [])
    no_network.clear()


def test_a_redirect_to_a_name_of_a_private_machine_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    message = refusal(site.redirect("/a", f"http://internal.example:{site.port}/secret"))
    assert message.startswith("internal.example is 127.0.0.1, which is no address of the public network")
    assert site.asked == ["/a"]


def test_a_redirect_to_another_port_of_the_same_machine_is_refused(site: Site) -> None:
    with serve() as other:
        other.put("/secret", "secret")
        assert "is no address of the public network" in refusal(site.redirect("/a", f"{other.address}/secret"))
        assert other.asked == []


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"]
)
def test_a_name_that_leads_to_a_private_machine_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    resolve_to(monkeypatch, number)
    message = refusal(f"http://news.example:{site.port}/a")
    assert message.startswith(f"news.example is {number}, which is no address of the public network")
    assert site.asked == []


def test_a_name_with_a_public_and_a_private_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "93.184.215.14", "127.0.0.1")
    assert refusal("http://news.example/").startswith("news.example is 127.0.0.1")


def test_the_number_that_was_checked_is_the_one_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def connect(self: object, host: str, port: int, *_: object) -> None:
        asked.append((host, port))
        raise fetching.httpcore.ConnectError("refused")

    resolve_to(monkeypatch, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14")
    monkeypatch.setattr(fetching.httpcore.SyncBackend, "connect_tcp", connect)
    assert refusal("http://news.example/") == "cannot be fetched (refused)"
    assert asked == [("93.184.215.14", 80), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 80)]


def test_localhost_may_be_asked_where_it_was_named(site: Site) -> None:
    site.put("/a", "ok")
    assert fetch(f"http://localhost:{site.port}/a").content == b"ok"


def test_what_a_feed_of_a_private_machine_links_to_may_be_there_too(site: Site) -> None:
    article = site.put("/a", "ok")
    assert fetch(article, named=f"{site.address}/feed").content == b"ok"
    assert "is no address of the public network" in refusal(article, named="http://news.example/feed")


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("::127.0.0.1", False),
        ("::", False),
        ("fec0::1", False),
        ("fd00:ec2::254", False),
        ("64:ff9b:1::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2001:0:7f00:1::", False),
        ("ff02::1", False),
        ("0.0.0.0", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("255.255.255.255", False),
    ],
)
def test_public_numbers(number: str, public: bool) -> None:
    assert is_public(number) is public


def test_a_status_of_failure_is_reported(site: Site) -> None:
    assert refusal(f"{site.address}/none") == "the site answers with status 404 (Not Found)"


def test_too_large_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST_PAGE", 1_000_000)
    message = "is more than the 1 MB of one page"
    assert refusal(site.put("/a", b"a" * 1_000_001)) == message
    assert refusal(site.put("/b", gzip.compress(b"a" * 3_000_000), **{"Content-Encoding": "gzip"})) == message


def test_a_site_that_dawdles_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        try:
            for letter in "HTTP/1.1 200 OK\r\nX: " + "a" * 999:
                request.wfile.write(letter.encode())
                time.sleep(0.05)
        except OSError:
            pass  # the other side has hung up

    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    site.special["/a"] = drip
    assert refusal(f"{site.address}/a") == "the site took longer than 0 seconds to answer"


def test_no_answer_is_reported(site: Site) -> None:
    def hang_up(request: BaseHTTPRequestHandler) -> None:
        request.connection.shutdown(socket.SHUT_RDWR)

    def babble(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"what?\r\n\r\n")

    site.special |= {"/a": hang_up, "/b": babble}
    assert refusal(f"{site.address}/a").startswith("cannot be fetched (")
    assert refusal(f"{site.address}/b").startswith("cannot be fetched (")
    assert refusal("http://127.0.0.1:1/").startswith("cannot be fetched (")


def test_a_name_that_is_none_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    said = "there is no site news.example, or no network (Name or service not known)"
    assert refusal("https://news.example/") == said


def test_addresses_are_reported_from_paths() -> None:
    assert is_address("https://a.example/b")
    assert is_address("HTTP://a.example")
    assert not is_address("articles/http")
    assert not is_address("file:///etc/passwd")


def test_an_address_loses_its_fragment() -> None:
    assert checked_address(" HTTPS://a.example/b?c#d ") == "https://a.example/b?c"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://", "it names no site"),
        ("http://a:99999/", "is no address (Port out of range"),
        ("http://[::1/", "is no address (Invalid IPv6 URL"),
        ("http://me:secret@a.example/", "leave the user name and password out"),
    ],
)
def test_what_is_no_address_is_wrong_use(text: str, message: str) -> None:
    with pytest.raises(WrongUse) as wrong:
        checked_address(text)
    assert message in str(wrong.value)
