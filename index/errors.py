"""The exceptions that users can see, as one class hierarchy.

    ClippingsError            message of one line: what happened, with which file or value, what to do
    ├── WrongUse              the request itself is wrong (exit status 2)
    └── CannotRun             something needed is missing or damaged (exit status 3)
        ├── NoIndex
        ├── DamagedIndex
        ├── WrongEmbedder     the index was made with another embedding model
        ├── IndexBusy         another process is writing
        └── ModelMissing
    UnreadableFile            one input failed; the others are processed (exit status 1)

The command line prints the message without a traceback, and exits with `exit_status`, which scripts can rely on.
"""

from __future__ import annotations

import os
import re

EMPTY_QUESTION = "The question is empty. Ask something, for example: clippings ask 'Who won?'"


class ClippingsError(Exception):
    """Base class of the errors that clippings raises on purpose; the message is shown to the user."""

    exit_status = 3


class WrongUse(ClippingsError):
    """The question, option or path given cannot be used."""

    exit_status = 2


class CannotRun(ClippingsError):
    """Something that the request needs is missing or damaged."""


class NoIndex(CannotRun):
    """There is no index in the folder."""


class DamagedIndex(CannotRun):
    """The index exists, but its files are damaged."""


class WrongEmbedder(CannotRun):
    """The index was made with another embedding model."""


class IndexBusy(CannotRun):
    """Another process is writing to the index."""


class ModelMissing(CannotRun):
    """A model file is absent, unreadable or not the one expected."""


class UnreadableFile(ClippingsError):
    """One input file or part of one could not be read as an article; `table` is the file that holds the part."""

    exit_status = 1

    def __init__(self, uri: str, reason: str, *, table: str | None = None) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason
        self.table = table

    @classmethod
    def of_system(cls, uri: str, error: OSError) -> UnreadableFile:
        """Returns the error for an input that the operating system could not open or read."""
        if isinstance(error, FileNotFoundError) and os.path.islink(uri):
            return cls(uri, "is a link to a file that is not there")
        return cls(uri, f"cannot be read: {(error.strerror or str(error)).lower()}")


def plain_reason(error: Exception) -> str:
    """Returns what an error of a library says, for people: one line of at most 120 characters, without its number."""
    said = re.sub(r"^\[Errno -?\d+\] ", "", " ".join(str(error).split()))
    return said[:120] or "it gave no reason"
