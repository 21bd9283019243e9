"""A GGUF file that cannot be used is refused with the true reason; llama.cpp itself is asked for it."""

from __future__ import annotations

import ctypes
import struct
import threading
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from test_generation import CHAT, TEMPLATE, write_model

from index.errors import ModelMissing
from rag.llm.generation import LlamaGenerator
from rag.llm.llama_file import listening

VERSION = metadata.version("llama-cpp-python")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.llm.generation.cores", lambda: 1)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound chat model."""
    return write_model(tmp_path_factory.mktemp("models") / "tiny.gguf").read_bytes()


def text(value: str) -> bytes:
    """A text as GGUF stores it: its length, then its bytes."""
    return struct.pack("<Q", len(value)) + value.encode()


def pair(key: str, kind: int, value: bytes) -> bytes:
    """A key and a value as GGUF stores them; kind 4 is a whole number, 7 a truth value, 8 a text."""
    return text(key) + struct.pack("<I", kind) + value


def with_pair(content: bytes, added: bytes) -> bytes:
    """The file with one more key in front. What follows must stay a multiple of 32 bytes away, so the template grows."""
    magic, version, tensors, keys = struct.unpack_from("<4sIQQ", content)
    template = text(TEMPLATE)
    longer = text(TEMPLATE + " " * (-len(added) % 32))
    assert content.count(template) == 1
    rest = content[24:].replace(template, longer)
    return struct.pack("<4sIQQ", magic, version, tensors, keys + 1) + added + rest


def refusal(path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> str:
    """What is said about the file: one line, and nothing besides."""
    path.write_bytes(content)
    capfd.readouterr()
    with pytest.raises(ModelMissing) as caught:
        LlamaGenerator(path, name="it")
    assert capfd.readouterr() == ("", "")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_files_that_these_tests_change_are_sound(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(with_pair(content, pair("general.name", 8, text("tiny"))))
    assert "".join(LlamaGenerator(path, name="it").stream(CHAT, max_tokens=3))


@pytest.mark.parametrize("share", [0.0, 0.00003, 0.001, 0.05, 0.5, 0.9999])
def test_a_truncated_file(content: bytes, share: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cut.gguf"
    said = refusal(path, content[: int(share * len(content))], capfd)
    assert said.startswith(f"{path} is not a model that llama.cpp can run: it is cut off or damaged (")
    assert said.endswith("). Download it again.")


def test_a_file_that_is_no_gguf(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.gguf"
    assert refusal(path, b"This is a shopping list.\n" * 50, capfd) == (
        f"{path} is not a model that llama.cpp can run: it is no GGUF file. Choose a .gguf chat model."
    )


def test_an_unknown_architecture(content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new.gguf"
    known, unknown = (pair("general.architecture", 8, text(name)) for name in ("llama", "lhama"))
    assert content.count(known) == 1
    assert refusal(path, content.replace(known, unknown), capfd) == (
        f"{path} is not a model that llama.cpp can run: its architecture 'lhama' is not known to llama-cpp-python "
        f"{VERSION}. Choose another model, or try: pip install --upgrade llama-cpp-python"
    )


def test_any_other_reason_is_llama_cpps_own(content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.gguf"
    said = refusal(path, content.replace(text("blk.0.attn_q.weight"), text("blk.0.attn_x.weight")), capfd)
    assert said.startswith(f"{path} is not a model that llama.cpp can run: ")
    assert said.endswith("tensor 'blk.0.attn_q.weight' not found. Choose another model.")


@pytest.mark.parametrize(
    "added",
    [
        pair("llama.pooling_type", 4, struct.pack("<I", 3)),
        pair("llama.attention.causal", 7, b"\x00"),
    ],
    ids=["pools", "reads in both directions"],
)
def test_an_embedding_model(content: bytes, added: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "embed.gguf"
    assert refusal(path, with_pair(content, added), capfd) == (
        f"{path} cannot chat: it is an embedding model (llama). Choose an instruct or chat model."
    )


@pytest.mark.parametrize(
    "added",
    [pair("llama.pooling_type", 4, struct.pack("<I", 0)), pair("llama.attention.causal", 7, b"\x01")],
    ids=["does not pool", "reads forwards"],
)
def test_a_chat_model_that_says_what_it_is_not(content: bytes, added: bytes, tmp_path: Path) -> None:
    path = tmp_path / "chat.gguf"
    path.write_bytes(with_pair(content, added))
    assert LlamaGenerator(path, name="it").context_tokens == 256


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for m in messages %}{{ m.content }}", "endfor"),
        ("{{ raise_exception('System role not supported') }}", "(System role not supported). Choose another model."),
        ("{{ nothing.at.all }}", "'nothing' is undefined"),
    ],
)
def test_a_chat_template_that_fails(
    template: str, reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_model(tmp_path / "template.gguf", template=template)
    said = refusal(path, path.read_bytes(), capfd)
    assert said.startswith(f"{path} cannot be used: its chat template fails on a system and a user message (")
    assert reason in said


def llamas_log() -> Any:
    """The function that llama.cpp logs with now, as it holds it: by its address, which keeps nothing alive."""
    import llama_cpp

    log, data = llama_cpp.llama_log_callback(), ctypes.c_void_p()
    llama_cpp.llama_log_get(ctypes.byref(log), ctypes.byref(data))
    return log


def address(function: Any) -> int | None:
    return ctypes.cast(function, ctypes.c_void_p).value


def test_each_thread_hears_what_it_caused_itself() -> None:
    theirs: list[str] = []
    begun, over = threading.Event(), threading.Event()

    def load() -> None:
        with listening() as lines:
            begun.set()
            over.wait(60)
            llamas_log()(2, b"theirs", None)
            theirs.extend(lines)

    other = threading.Thread(target=load)
    with listening() as ours:
        other.start()
        begun.wait(60)
        llamas_log()(2, b"ours", None)
        over.set()
        other.join(60)
    assert (ours, theirs) == (["ours"], ["theirs"])


def test_the_function_that_llama_cpp_logs_with_is_never_taken_back(capfd: pytest.CaptureFixture[str]) -> None:
    with listening():
        log = llamas_log()  # as a thread has it that loads a model, and waits for the interpreter in the middle of it
    assert address(llamas_log()) == address(log)
    with listening() as lines:
        log(2, b"late", None)
    log(3, b"nobody listens", None)
    assert (lines, capfd.readouterr().err) == (["late"], "nobody listens")
