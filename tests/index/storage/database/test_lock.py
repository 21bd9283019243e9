"""One writer at a time, and it has a name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from index.errors import IndexBusy
from index.storage.database.lock import writer_lock

HOLD = """
import sys
from pathlib import Path
from index.storage.database.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_reported_name_and_process_of_the_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path), "and more"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy) as caught, writer_lock(tmp_path):
            pass
        said = str(caught.value)
        assert said.startswith(
            f"The index in {tmp_path} is being written by “-c {tmp_path} and more” (process {other.pid}, "
        )
        assert said.endswith("Wait for it to end, or stop it, then try again. Asking and searching go on meanwhile.")
        other.kill()  # the lock dies with its process, the name stays behind
    assert (tmp_path / "writer.json").exists()
    with writer_lock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / "writer.json").read_text()
    assert not (tmp_path / "writer.json").exists()


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), writer_lock(tmp_path):
        raise KeyboardInterrupt
    with writer_lock(tmp_path):
        pass


@pytest.mark.parametrize("left", [None, "", "{", "[]", '{"pid": 1}', "\x00"])
def test_a_writer_without_a_name_is_another_process(tmp_path: Path, left: str | None) -> None:
    if left is not None:
        (tmp_path / "writer.json").write_text(left)
    with (
        FileLock(tmp_path / "writer.lock"),
        pytest.raises(IndexBusy, match="is being written by another process"),
        writer_lock(tmp_path),
    ):
        pass
