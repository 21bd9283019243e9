"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, for the caller to write: what it has written is at `path` afterwards.

    If it fails, what was there stays, and the half that was written goes: on a full disk it would only be in the way.
    """
    temporary = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")  # others may be writing the same
    try:
        yield temporary
        with temporary.open("rb+") as written:  # else a power cut may leave the name without the bytes
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
