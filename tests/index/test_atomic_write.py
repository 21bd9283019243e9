"""A file appears whole, or nothing has happened."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from index.atomic_write import appearing


def test_what_was_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "words-1.safetensors"
    for content in (b"first", b"second"):
        with appearing(path) as temporary:
            temporary.write_bytes(content)
            assert not path.exists() or path.read_bytes() == b"first"
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "words-1.safetensors"
    path.write_bytes(b"first")
    with pytest.raises(OSError, match="No space left"), appearing(path) as temporary:
        temporary.write_bytes(b"hal")
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError), appearing(path):
        pass  # nothing was written
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_two_threads_that_write_the_same_do_not_mix_it(tmp_path: Path) -> None:
    path = tmp_path / "words-1.safetensors"

    def write_whole() -> None:
        with appearing(path) as temporary:
            temporary.write_bytes(b"second")

    with appearing(path) as temporary:
        temporary.write_bytes(b"fir")
        other = threading.Thread(target=write_whole)
        other.start()
        other.join()
        assert path.read_bytes() == b"second"
        with temporary.open("ab") as half:
            half.write(b"st")
    assert path.read_bytes() == b"first"
