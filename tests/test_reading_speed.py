"""The reading speed is measured once for each file, and remembered."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from rag import reading_speed
from rag.reading_speed import TRIAL_TOKENS, measured_speed


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def test_it_is_measured_once_after_a_first_reading(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.5])
    monkeypatch.setattr(reading_speed.time, "perf_counter", lambda: next(clock))
    read: list[int] = []
    assert measured_speed(model, read.append) == 2 * TRIAL_TOKENS
    assert measured_speed(model, read.append) == 2 * TRIAL_TOKENS
    assert read == [TRIAL_TOKENS, TRIAL_TOKENS]


def test_a_changed_file_is_measured_again(model: Path) -> None:
    read: list[int] = []
    measured_speed(model, read.append)
    os.utime(model, (1, 1))
    measured_speed(model, read.append)
    assert len(read) == 4


@pytest.mark.parametrize("content", ["", "fast"])
def test_a_damaged_note_is_measured_again(model: Path, content: str) -> None:
    read: list[int] = []
    speed = measured_speed(model, read.append)
    (note,) = (Path(platformdirs.user_cache_dir("clippings")) / "speed").iterdir()
    note.write_text(content)
    assert measured_speed(model, read.append) > 0
    assert speed > 0
    assert len(read) == 4


def test_a_cache_folder_that_cannot_be_written_is_no_failure(model: Path) -> None:
    folder = Path(platformdirs.user_cache_dir("clippings"))
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    read: list[int] = []
    assert measured_speed(model, read.append) > 0
    assert len(read) == 2
