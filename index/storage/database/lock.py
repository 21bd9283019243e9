"""Writer lock: only one process writes to an index; a second one gets an error that names the first."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import CannotRun, IndexBusy


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Holds the writer lock of the index in `folder`; it is released when the process ends.

    Raises IndexBusy while another process holds it, CannotRun if the folder cannot be written.
    """
    lock = FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexBusy(
            f"The index in {folder} is being written by {_holder(folder)}. Wait for it to end, or stop it, then try "
            "again. Asking and searching go on meanwhile."
        ) from None
    except OSError as error:
        raise CannotRun(
            f"The index in {folder} cannot be written: {error.strerror}. It can be searched as it is. To change it, "
            "make the folder writable, or copy it and name the copy with --index."
        ) from error
    name = _name_file(folder)
    try:
        with suppress(OSError):  # on a full disk: another process then cannot name this one
            name.write_text(json.dumps(_self()), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            name.unlink(missing_ok=True)
        lock.release()


def _name_file(folder: Path) -> Path:
    # Not in the lock file: every attempt to lock that empties it.
    return folder / "writer.json"


def _self() -> dict[str, object]:
    program = Path(sys.argv[0])
    name = f"python -m {program.parent.name}" if program.name == "__main__.py" else program.name
    command = " ".join([name, *sys.argv[1:]])
    return {"name": command[:120], "pid": os.getpid(), "since": datetime.now().strftime("%H:%M:%S")}


def _holder(folder: Path) -> str:
    try:
        found = json.loads(_name_file(folder).read_text(encoding="utf-8"))
        return f"“{found['name']}” (process {found['pid']}, since {found['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # which has not written its name yet
