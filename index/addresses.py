"""Tell an address of the web from a path. Fetches nothing; see `fetching`."""

from __future__ import annotations

from typing import TypeGuard
from urllib.parse import urlsplit

from index.errors import WrongUse


def is_address(text: object) -> TypeGuard[str]:
    """Whether a person's word for what to read is an address of the web rather than a path."""
    return isinstance(text, str) and text.lower().startswith(("http://", "https://"))


def checked_address(text: str) -> str:
    """The address without its fragment. WrongUse if it cannot be one, or holds a password."""
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
