"""Where clippings is served, and which requests come from its own page or a program rather than from another site.

A page of another site can make the reader's browser send requests here. What such a request cannot hide is where it
comes from (`Sec-Fetch-Site`, `Origin`); and a name of that site that was made to lead here (DNS rebinding) is told by
`Host`.
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
    """Where it listens, and the path or whole address (`root`) under which a proxy shows it."""

    host: str = "127.0.0.1"
    port: int = 7860
    root: str = ""

    def __post_init__(self) -> None:
        if self.root and not self.root.startswith(("/", "http://", "https://")):
            raise WrongUse(f"--root-path {self.root} is neither a path (/clippings) nor an address (https://…).")

    @property
    def prefix(self) -> str:
        """The path before all paths as the reader's browser knows them: "" or "/clippings"."""
        return urlsplit(self.root).path.rstrip("/")

    @property
    def cookie(self) -> str:
        """Name of the cookie; browsers keep those of all ports of a machine together."""
        return f"clippings-{self.port}"

    def inner(self, path: str) -> str:
        """A request's path without the prefix, whether the proxy took it off or not."""
        if self.prefix and (path == self.prefix or path.startswith(f"{self.prefix}/")):
            return path[len(self.prefix) :] or "/"
        return path

    def refusal(self, method: str, headers: Headers, *, guarded: bool) -> str:
        """Why a request is not let in, for people; empty if it is.

        Who must show a password or a key (`guarded`) may come by any name: no other site has those of this one.
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
        """Whether another site's page makes it, other than by a link to a page of ours."""
        said = headers.get("sec-fetch-site")
        if said is not None:
            linked = method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
            return said not in ("same-origin", "none") and not linked
        origin = headers.get("origin")
        if origin is None:
            return False  # a program, or a browser of before 2020 following a link
        # Another site's script can add that header where no proxy overwrites it.
        forwarded = headers.get("x-forwarded-host", "") if self.root else ""
        own = {host, forwarded, urlsplit(self.root).netloc} - {""}
        return origin.partition("://")[2].lower() not in {name.lower() for name in own}


def lets_others_in(host: str) -> bool:
    """Whether listening there lets other machines in. WrongUse if there is no such address here."""
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
    """The name in "name:port" and "[::1]:port"."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _shortened(text: str) -> str:
    return f"“{text[:100]}”"
