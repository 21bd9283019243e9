"""Which clippings this is, for programs that ask."""

from __future__ import annotations

from importlib import metadata


def program_version() -> str:
    """The installed version; "unknown" where the program runs from a folder that was never installed."""
    try:
        return metadata.version("clippings")
    except metadata.PackageNotFoundError:
        return "unknown"
