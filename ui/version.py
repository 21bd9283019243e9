"""The version of the installed program, for the interfaces that report it."""

from __future__ import annotations

from importlib import metadata


def program_version() -> str:
    """Returns the installed version; "unknown" if the program runs from a folder and was never installed."""
    try:
        return metadata.version("clippings")
    except metadata.PackageNotFoundError:
        return "unknown"
