"""Fetch one page or feed that a person named by its address. The only module of the package that uses the network.

Everything is limited: the time in all, the size before and after unpacking, and the redirects. A page must not make
this machine ask another one that only this machine can reach, so addresses that are not public are refused, also
those that a name or a redirect leads to; only the very machine that the person named as a number (or as localhost)
may be one. Sends no cookies, uses no proxy and runs nothing.
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

from index.addresses import checked_address, is_address
from index.errors import WrongUse

SECONDS = 30.0
"""For everything about one address, redirects too."""

LARGEST_PAGE = 20_000_000
"""Bytes of a page or feed, unpacked. The largest of the sample pages has a tenth of it."""

MOST_REDIRECTS = 5
"""One after the other; sites need one or two (to https, to www)."""

_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {
    "User-Agent": "clippings (a personal archive)",
    "Accept": "text/html,application/xml,*/*",
    "Accept-Encoding": "gzip",
}
# What may stand in an address as it is; everything else is escaped.
_SAFE = "%/:=&?~+!$,;'@()*[]"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that is given out of IPv6 (RFC 4291); Python calls much of the rest global, as ::127.0.0.1 and fec0::/10.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Protocols' own and old relays, which some versions of Python call global.
_NO_MACHINES = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gave: `address` after redirects, `kind` as its media type, `charset` if the server told."""

    address: str
    content: bytes
    kind: str
    charset: str | None


def fetch(address: str, *, named: str | None = None) -> Page:
    """What is at `address`. Raises ValueError with a reason for people.

    `named` is the address that a person gave, if it is another one (that of a feed): its machine may be private.
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
    """The page, or the address that it redirects to."""
    try:
        with pool.stream("GET", _escaped(address), headers=_headers(address)) as response:
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and (target := headers.get("location")):
                return _redirected(address, target)
            if response.status != 200:
                raise ValueError(f"the site answers with status {_status(response.status)}")
            kind, charset = _media_type(headers.get("content-type", ""))
            return Page(address, _body(response, headers), kind, charset)
    except httpcore.TimeoutException as error:
        raise ValueError(f"the site took longer than {SECONDS:.0f} seconds to answer") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise ValueError(f"cannot be fetched ({_brief(error)})") from error


def _status(number: int) -> str:
    """The number, with what it means where that is known."""
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
    """The address in ASCII, as it goes over the wire."""
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


# Which machines may be asked


def _private_origin(address: str) -> tuple[str, int] | None:
    """The machine and port that a person named by number or as localhost; None where they gave a name."""
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
    """Whether an address names, by its number or as localhost, a machine that is not of the public network."""
    named = _private_origin(address)
    return named is not None and (named[0] == "localhost" or not is_public(named[0]))


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public network, also where it holds another one inside."""
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
    """Connects to public machines only, and to `allowed`; nothing takes longer than until `deadline`."""

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
        """Connect to one of the numbers that were checked, so that no second look-up can give another one."""
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
    """A stream whose every step must be done by `deadline`."""

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
    """The numbers of a machine, those of IPv4 first, which reach further."""
    if _is_number(host):
        return [host]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"there is no site {host} ({_brief(error)})") from error
    return list(
        dict.fromkeys(str(entry[4][0]) for entry in sorted(found, key=lambda entry: entry[0] != socket.AF_INET))
    )


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
