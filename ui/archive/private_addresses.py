"""The check that refuses private network addresses; the page and the interfaces for programs use it."""

from __future__ import annotations

from index.errors import WrongUse
from index.sources.fetch import is_private
from index.urls import checked_address


def refuse_private(address: str) -> None:
    """Raise WrongUse for an address of this machine or its network, so that other users cannot explore it."""
    if is_private(checked_address(address)):
        raise WrongUse(f"{address[:200]} is an address of a private network, which is not read for others.")
