"""Identity and state of a file, to detect that it was changed or replaced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """The identity of a file (device, inode) and its state: size in bytes, modification time in nanoseconds."""

    device: int
    inode: int
    size: int
    modified: int


def stamp(path: Path) -> Stamp | None:
    """Returns the stamp of the file at `path`; None if it does not exist or is inaccessible."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def same_file(one: Stamp | None, other: Stamp | None) -> bool:
    """Returns whether both stamps belong to the same file, changed or not."""
    return one is not None and other is not None and one[:2] == other[:2]
