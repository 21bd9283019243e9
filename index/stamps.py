"""Which file lies at a path, and how it was when it was looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """What tells a file from another, and from itself after a change; bytes and nanoseconds."""

    device: int
    inode: int
    size: int
    modified: int


def stamp(path: Path) -> Stamp | None:
    """Of the file that lies there now; None without one."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def same_file(one: Stamp | None, other: Stamp | None) -> bool:
    """Whether both are of one file, changed or not."""
    return one is not None and other is not None and one[:2] == other[:2]
