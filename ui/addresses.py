"""Which addresses are read for whom: the page and the doors ask here."""

from __future__ import annotations

from index.addresses import checked_address
from index.errors import WrongUse
from index.fetching import is_private


def refuse_private(address: str) -> None:
    """WrongUse for an address of this machine or its network: others shall not look about there through clippings."""
    if is_private(checked_address(address)):
        raise WrongUse(f"{address[:200]} is an address of a private network, which is not read for others.")
