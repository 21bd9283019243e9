"""Atomic file writes: a file appears whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path` for the caller to write, then renames that file to `path`.

    If the write fails, the existing file stays and the temporary one is deleted, to free space on a full disk.
    """
    temporary = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")  # unique: others may write it too
    try:
        yield temporary
        with temporary.open("rb+") as written:  # without fsync, a power failure may leave an empty file
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
