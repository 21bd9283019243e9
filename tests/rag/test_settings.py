"""Defaults, file, environment, flags: later ones win, and a bad value is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import WrongUse
from rag.settings import Settings, settings_file


def write_file(text: str) -> Path:
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults() -> None:
    settings = Settings.load()
    assert settings == Settings()
    assert (settings.llm, settings.top_k, settings.sentences, settings.answer_tokens) == ("smollm2-135m", 5, 3, 96)
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.index.endswith("index")


def test_file_beats_defaults_environment_beats_file_flags_beat_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    write_file('top_k = 6\nport = 8001\nllm = "file.gguf"\nhost = "::1"\n')
    assert Settings.load() == Settings(top_k=6, port=8001, llm="file.gguf", host="::1")
    monkeypatch.setenv("CLIPPINGS_PORT", "8002")
    monkeypatch.setenv("CLIPPINGS_LLM", "environment.gguf")
    assert Settings.load() == Settings(top_k=6, port=8002, llm="environment.gguf", host="::1")
    flags = {"llm": "flag.gguf", "port": None, "index": None}
    assert Settings.load(flags) == Settings(top_k=6, port=8002, llm="flag.gguf", host="::1")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_can_come_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = Settings.model_fields[name].default
    value = {int: 17, bool: True}.get(type(default), "elsewhere")
    monkeypatch.setenv(f"CLIPPINGS_{name.upper()}", str(value))
    assert getattr(Settings.load(), name) == value
    assert getattr(Settings(), name) == default


@pytest.mark.parametrize(("value", "strict"), [("true", True), ("False", False)])
def test_a_choice_is_true_or_false(value: str, strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPPINGS_STRICT", value)
    assert Settings.load().strict is strict
    monkeypatch.setenv("CLIPPINGS_STRICT", "perhaps")
    with pytest.raises(WrongUse, match="strict must be true or false, not 'perhaps'"):
        Settings.load()


@pytest.mark.parametrize("value", ["many", "", "1.5", "0", "-3"])
def test_a_number_that_is_none_is_named_with_its_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPPINGS_TOP_K", value)
    with pytest.raises(WrongUse, match="top_k") as caught:
        Settings.load()
    assert value in str(caught.value)


@pytest.mark.parametrize("value", ["true", "[5]", "1.5"])
def test_a_number_of_another_kind_in_the_file_is_refused(value: str) -> None:
    write_file(f"top_k = {value}\n")
    with pytest.raises(WrongUse, match="top_k"):
        Settings.load()


@pytest.mark.parametrize("value", ["5", "true", '["a"]'])
def test_a_text_of_another_kind_in_the_file_is_refused(value: str) -> None:
    write_file(f"llm = {value}\n")
    with pytest.raises(WrongUse, match="llm"):
        Settings.load()


@pytest.mark.parametrize("port", [0, 65536, 100000])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(WrongUse, match=rf"port.*{port}"):
        Settings.load({"port": port})


def test_unknown_settings_in_the_file_are_named_with_the_known_ones() -> None:
    path = write_file("top_k = 6\ntop_n = 7\nchunk = 1\n")
    with pytest.raises(WrongUse) as caught:
        Settings.load()
    message = str(caught.value)
    assert message.startswith(f"{path}: unknown settings ['chunk', 'top_n']")
    assert all(name in message for name in Settings.model_fields)


@pytest.mark.parametrize("content", [b"top_k = = 5", b"\xff\xfe\x00"])
def test_a_broken_file_is_named(content: bytes) -> None:
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(WrongUse) as caught:
        Settings.load()
    assert str(caught.value).startswith(f"{path} cannot be read: ")
    assert "\n" not in str(caught.value)


def test_unknown_variables_of_the_environment_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPPINGS_UNHEARD_OF", "1")
    assert Settings.load() == Settings()
