"""Numbers with their nouns, as users read them."""

from __future__ import annotations


def several(count: int, thing: str) -> str:
    """Returns a number with its noun: "1 article", "2,000 articles"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
