"""The address under which clippings is served, and the check whether another site's page made a request.

A page of another site can make the reader's browser send requests here. Such a request cannot hide where it comes from
(`Sec-Fetch-Site`, `Origin`). If the other site lets a name of its own resolve to this server (DNS rebinding), `Host`
reveals it.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from index.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Site:
    """The host and port that the server listens on, and the path or address (`root`) under which a proxy serves it."""

    host: str = "127.0.0.1"
    port: int = 7860
    root: str = ""

    def __post_init__(self) -> None:
        if self.root and not self.root.startswith(("/", "http://", "https://")):
            raise WrongUse(f"--root-path {self.root} is neither a path (/clippings) nor an address (https://…).")

    @property
    def prefix(self) -> str:
        """The path before all paths, as the reader's browser sees them: "" or "/clippings"."""
        return urlsplit(self.root).path.rstrip("/")

    @property
    def cookie(self) -> str:
        """The session cookie's name, which holds the port: browsers share cookies between all ports of a machine."""
        return f"clippings-{self.port}"

    def inner(self, path: str) -> str:
        """Returns a request's path without the prefix, whether the proxy removed it or not."""
        if self.prefix and (path == self.prefix or path.startswith(f"{self.prefix}/")):
            return path[len(self.prefix) :] or "/"
        return path

    def refusal(self, method: str, headers: Headers, *, guarded: bool) -> str:
        """Returns why a request is refused, as a message for people; empty if it is allowed.

        If requests need a password or a key (`guarded`), any `Host` is allowed: another site's page has neither.
        """
        host = headers.get("host", "")
        if not guarded and not self._is_own(host):
            return (
                f"This server answers to localhost and to its own address, not to {_shortened(host)}. Behind a proxy, "
                "start it with --root-path https://… and that address."
            )
        if self._is_foreign(method, headers, host):
            return "This request comes from a page of another site, and is refused."
        return ""

    def _is_own(self, host: str) -> bool:
        name = _name(host)
        named = {"localhost", self.host.lower(), _name(urlsplit(self.root).netloc)} - {""}
        return name in named or _is_loopback(name)

    def _is_foreign(self, method: str, headers: Headers, host: str) -> bool:
        """Whether another site's page made the request, other than by a link to one of our pages."""
        said = headers.get("sec-fetch-site")
        if said is not None:
            linked = method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
            return said not in ("same-origin", "none") and not linked
        origin = headers.get("origin")
        if origin is None:
            return False  # a program, or a browser from before 2020 following a link
        # Trusted only behind a proxy, which overwrites the header; elsewhere another site's script can set it.
        forwarded = headers.get("x-forwarded-host", "") if self.root else ""
        own = {host, forwarded, urlsplit(self.root).netloc} - {""}
        return origin.partition("://")[2].lower() not in {name.lower() for name in own}


def lets_others_in(host: str) -> bool:
    """Whether a server on this host accepts other machines. Raises WrongUse if this machine has no such address."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WrongUse(f"--host {host} is no address of this machine: {error}.") from error
    return not all(_is_loopback(str(address[0])) for *_, address in found)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _name(netloc: str) -> str:
    """Returns the name in "name:port" or "[::1]:port"; empty if it is malformed."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _shortened(text: str) -> str:
    return f"“{text[:100]}”"
