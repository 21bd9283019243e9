"""Distinguishes web addresses from paths, and checks them. Fetches nothing; see `sources.fetch`."""

from __future__ import annotations

from typing import TypeGuard
from urllib.parse import urlsplit

from index.errors import WrongUse


def is_address(text: object) -> TypeGuard[str]:
    """Returns whether an input named by the user is a web address (http or https) rather than a path."""
    return isinstance(text, str) and text.lower().startswith(("http://", "https://"))


def host_of(address: str) -> str:
    """Returns the name of an address's site, without "www."; "" if it names none."""
    try:
        return (urlsplit(address.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def checked_address(text: str) -> str:
    """Returns the address without its fragment. Raises WrongUse if it is not valid, or contains a user or password."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WrongUse(f"{text}: is no address ({error}).") from error
    if not host or port == 0:
        raise WrongUse(f"{text}: is no address; it names no site.")
    if parts.username is not None or parts.password is not None:
        raise WrongUse(f"{text}: leave the user name and password out of the address; clippings would store them.")
    return parts._replace(fragment="", scheme=parts.scheme.lower()).geturl()
