"""Slow weights are turned once into fast ones, and whatever goes wrong, the file itself is used."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import threading
from pathlib import Path

import platformdirs
import pytest
from test_generation import write_model

from rag.llm import generation, requantize
from rag.llm.generation import LlamaGenerator, Message
from rag.llm.gguf_header import file_type
from rag.llm.requantize import FAST, faster_copy

F32, Q4_1 = 0, 3
CHAT = [Message("system", "Be brief."), Message("user", "What does the bridge cost?")]


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """The tiny model in Q4_1, which says so in its header."""
    llama_cpp = pytest.importorskip("llama_cpp")
    source, path = write_model(tmp_path / "source.gguf"), tmp_path / "slow.gguf"
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = Q4_1
    assert llama_cpp.llama_model_quantize(os.fsencode(source), os.fsencode(path), ctypes.byref(wanted)) == 0
    return path


def folder() -> Path:
    return Path(platformdirs.user_cache_dir("clippings")) / "models"


def test_the_header_tells_the_type(slow: Path, tmp_path: Path) -> None:
    assert file_type(slow) == Q4_1
    assert file_type(write_model(tmp_path / "silent.gguf")) is None


@pytest.mark.parametrize("length", [0, 3, 4, 23, 30, 60, 200])
def test_a_header_that_is_cut_off_or_none_tells_nothing(slow: Path, tmp_path: Path, length: int) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(slow.read_bytes()[:length])
    assert file_type(cut) is None
    cut.write_bytes(b"GGUF" + b"\xff" * length)
    assert file_type(cut) is None
    assert faster_copy(cut) == cut


def test_a_copy_is_made_once_and_named_after_its_source(slow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(slow.read_bytes()).hexdigest()
    folder().mkdir(parents=True)
    (folder() / f"{digest[:16]}-q8_0.1-1.tmp").write_bytes(b"left by a process that was killed")
    copy = faster_copy(slow)
    assert copy == folder() / f"{digest[:16]}-q8_0.gguf"
    assert file_type(copy) == FAST
    assert not list(folder().glob("*.tmp"))
    monkeypatch.setattr(requantize, "_quantise", lambda *_: pytest.fail("made a second time"))
    assert faster_copy(slow) == copy


def test_the_copy_answers_under_the_same_name(slow: Path) -> None:
    generator = LlamaGenerator(slow, name="slow")
    assert generator._llama.model_path == str(faster_copy(slow))
    assert generator.name == "slow"
    assert "".join(generator.stream(CHAT, max_tokens=4))


def test_a_fast_file_and_one_of_unknown_type_stay(slow: Path, tmp_path: Path) -> None:
    fast, silent = faster_copy(slow), write_model(tmp_path / "silent.gguf")
    assert faster_copy(fast) == fast
    assert faster_copy(silent) == silent
    assert len(list(folder().glob("*.gguf"))) == 1


def test_a_large_file_stays(slow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requantize, "LARGEST_BYTES", slow.stat().st_size - 1)
    assert faster_copy(slow) == slow
    assert not folder().exists()


def test_a_file_that_is_not_there_stays(tmp_path: Path) -> None:
    assert faster_copy(tmp_path / "none.gguf") == tmp_path / "none.gguf"


def test_a_cache_folder_that_cannot_be_written_costs_one_line(slow: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder().parent.mkdir(parents=True)
    folder().write_text("a file where the folder should be")
    assert faster_copy(slow) == slow
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.messages[0].startswith("slow.gguf stays as it is, which is slower")


def test_a_damaged_model_costs_no_line_here_because_whoever_loads_it_tells_why(
    slow: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(slow.read_bytes()[: slow.stat().st_size * 3 // 4])
    assert file_type(cut) == Q4_1
    assert faster_copy(cut) == cut
    assert caplog.messages == []


def test_a_full_disk_costs_one_line_and_leaves_nothing(slow: Path, caplog: pytest.LogCaptureFixture) -> None:
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, old[1]))
    try:
        assert faster_copy(slow) == slow
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]
    assert not [*folder().glob("*.gguf"), *folder().glob("*.tmp")]
    assert file_type(faster_copy(slow)) == FAST


def test_two_at_once_make_one_copy(slow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    quantise = requantize._quantise

    def counted(path: Path, target: Path) -> None:
        made.append(target)
        quantise(path, target)

    monkeypatch.setattr(requantize, "_quantise", counted)
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(faster_copy(slow))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == [faster_copy(slow)] * 4
    assert found[0] != slow
    assert len(made) == 1


def test_a_copy_that_was_damaged_since_goes(slow: Path) -> None:
    copy = faster_copy(slow)
    copy.write_bytes(copy.read_bytes()[:5000])
    assert generation._load(slow, None).model_path == str(slow)
    assert not copy.exists()
    assert generation._load(slow, None).model_path == str(copy)
