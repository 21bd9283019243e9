"""Fetches one page or feed at an address given by the user. The only module of the package that uses the network.

The total time, the size before and after decompression, and the number of redirects are limited. As protection against
server-side request forgery (SSRF), addresses outside the public network are refused, also if a host name or a redirect
leads to them; the only exception is the host that the user gave as an IP address (or as localhost). Sends no cookies,
uses no proxy and runs no scripts.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from index.errors import WrongUse, plain_reason
from index.urls import checked_address, is_address

SECONDS = 30.0
"""Time limit for one address, including its redirects."""

LARGEST_PAGE = 20_000_000
"""Largest size of a page or feed in bytes, decompressed. The largest of the sample pages has a tenth of it."""

MOST_REDIRECTS = 5
"""Largest number of redirects in a row; sites need one or two (to https, to www)."""

_REDIRECTS = {301, 302, 303, 307, 308}
_REFUSALS = {401, 402, 403, 451}
_HEADERS = {
    "User-Agent": "clippings (a personal archive)",
    "Accept": "text/html,application/xml,*/*",
    "Accept-Encoding": "gzip",
}
# Characters that are not percent-encoded in an address, besides letters and digits.
_SAFE = "%/:=&?~+!$,;'@()*[]"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# The global unicast addresses of IPv6 (RFC 4291); Python calls others global too, as ::127.0.0.1 and fec0::/10.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Protocol assignments and the former 6to4 relays, which some versions of Python call global.
_NO_MACHINES = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))


class Refused(ValueError):
    """The site answers that it gives this page only to some people: to subscribers, to browsers, in some countries."""


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page: its `address` after redirects, media type `kind`, and `charset` if the server declared one."""

    address: str
    content: bytes
    kind: str
    charset: str | None


def fetch(address: str, *, named: str | None = None) -> Page:
    """Fetches the page or feed at `address`. Raises ValueError, with a message for users, if that fails.

    `named` is the address that the user gave, if it is another one (that of a feed): its host may be private.
    """
    deadline = time.monotonic() + SECONDS
    allowed = _private_origin(named or address)
    with httpcore.ConnectionPool(
        ssl_context=httpcore.default_ssl_context(), network_backend=_Guarded(allowed, deadline), max_connections=1
    ) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            found = _get(pool, address, deadline)
            if isinstance(found, Page):
                return found
            address = found
    raise ValueError(f"redirects more than {MOST_REDIRECTS} times")


def _get(pool: httpcore.ConnectionPool, address: str, deadline: float) -> Page | str:
    """Returns the page, or the address to which it redirects."""
    try:
        with pool.stream("GET", _escaped(address), headers=_headers(address)) as response:
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and (target := headers.get("location")):
                return _redirected(address, target)
            if response.status in _REFUSALS:
                raise Refused(f"the site answers with status {_status(response.status)}")
            if response.status != 200:
                raise ValueError(f"the site answers with status {_status(response.status)}")
            kind, charset = _media_type(headers.get("content-type", ""))
            return Page(address, _body(response, headers), kind, charset)
    except httpcore.TimeoutException as error:
        raise ValueError(f"the site took longer than {SECONDS:.0f} seconds to answer") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise ValueError(f"cannot be fetched ({plain_reason(error)})") from error


def _status(number: int) -> str:
    """Returns the HTTP status code, with its phrase if it is a known one."""
    try:
        return f"{number} ({HTTPStatus(number).phrase})"
    except ValueError:
        return str(number)


def _headers(address: str) -> list[tuple[bytes, bytes]]:
    parts = urlsplit(_escaped(address))
    return [(b"Host", parts.netloc.encode()), *((name.encode(), value.encode()) for name, value in _HEADERS.items())]


def _redirected(address: str, target: str) -> str:
    joined = urljoin(address, target)
    if not is_address(joined):
        raise ValueError(f"redirects to {joined}, which is no address of the web")
    try:
        return checked_address(joined)
    except WrongUse as error:
        raise ValueError(f"redirects to what is no address: {error}") from error


def _media_type(header: str) -> tuple[str, str | None]:
    kind, _, parameters = header.partition(";")
    charset = parameters.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    return kind.strip().lower(), charset or None


def _body(response: Any, headers: dict[str, str]) -> bytes:
    if int(headers.get("content-length") or 0) > LARGEST_PAGE:
        raise ValueError(_too_large())
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise ValueError(f"is sent in an encoding that was not asked for ({encoding})")
    pieces: Iterable[bytes] = response.iter_stream()
    body = bytearray()
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    for piece in pieces:
        try:
            body += inflate.decompress(piece, LARGEST_PAGE + 1 - len(body)) if inflate else piece
        except zlib.error as error:
            raise ValueError(f"is damaged: its compression is not valid ({error})") from error
        if len(body) > LARGEST_PAGE:
            raise ValueError(_too_large())
    return bytes(body)


def _too_large() -> str:
    return f"is more than the {LARGEST_PAGE / 1e6:,.0f} MB of one page"


def _escaped(address: str) -> str:
    """Returns the address in ASCII, as it is sent: host as IDNA, path and query percent-encoded."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"its site {host!r} is no name ({error})") from error
    netloc = f"[{name}]" if ":" in name else name
    if parts.port is not None:
        netloc += f":{parts.port}"
    return parts._replace(
        netloc=netloc, path=quote(parts.path or "/", _SAFE), query=quote(parts.query, _SAFE), fragment=""
    ).geturl()


# Which hosts may be contacted


def _private_origin(address: str) -> tuple[str, int] | None:
    """Returns host and port of an address whose host is an IP address or localhost; None if it is another name."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host != "localhost" and not _is_number(host):
        return None
    return host, parts.port or (443 if parts.scheme == "https" else 80)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_private(address: str) -> bool:
    """Returns whether the host of an address is localhost, or an IP address outside the public network."""
    named = _private_origin(address)
    return named is not None and (named[0] == "localhost" or not is_public(named[0]))


def is_public(number: str) -> bool:
    """Returns whether an IP address is public; if it embeds an IPv4 address, whether that is."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        return address in _GIVEN_OUT and address.is_global
    return address.is_global and not address.is_multicast and not any(address in net for net in _NO_MACHINES)


class _Guarded(httpcore.NetworkBackend):
    """A network backend that connects only to public hosts and to `allowed`, with timeouts that end at `deadline`."""

    def __init__(self, allowed: tuple[str, int] | None, deadline: float) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to one of the IP addresses that were checked, so that no second DNS look-up can give another one."""
        numbers = _resolve(host, port)
        if (host, port) != self._allowed and (private := [n for n in numbers if not is_public(n)]):
            named = host if host in numbers else f"{host} is {private[0]}, which"
            raise ValueError(
                f"{named} is no address of the public network; clippings asks such a machine only if you give its "
                "number yourself"
            )
        errors: list[Exception] = []
        for number in numbers:
            try:
                stream = self._inner.connect_tcp(number, port, self._left(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                errors.append(error)
            else:
                return _Timed(stream, self._deadline)
        raise errors[-1]

    def _left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())


class _Timed(httpcore.NetworkStream):
    """A network stream of which every operation must end before `deadline`."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for this address is over")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int) -> list[str]:
    """Returns the IP addresses of a host, IPv4 first, since more networks can reach these."""
    if _is_number(host):
        return [host]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"there is no site {host}, or no network ({plain_reason(error)})") from error
    return list(
        dict.fromkeys(str(entry[4][0]) for entry in sorted(found, key=lambda entry: entry[0] != socket.AF_INET))
    )
