"""What a reader can choose: numbers for themselves, the model for all, and that it is there after a restart."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from standins import ScriptedGenerator

from index import Index
from index.errors import CannotRun, ModelMissing
from rag import Settings
from rag.chatbot import Chatbot
from rag.llm.catalogue import catalogue
from rag.llm.hub import HubFile, arrived
from rag.settings import settings_file
from ui.page import preferences
from ui.page.preferences import Pull


@pytest.fixture
def chatbot(index: Index) -> Chatbot:
    return Chatbot(index, ScriptedGenerator(), Settings(top_k=4, answer_tokens=100))


def test_a_readers_numbers_are_their_own(chatbot: Chatbot):
    mine = preferences.fitted(chatbot, {"top_k": "7", "answer_tokens": "256"})
    assert (mine.settings.top_k, mine.settings.answer_tokens) == (7, 256)
    assert (mine.index, mine.generator, mine.threshold) == (chatbot.index, chatbot.generator, chatbot.threshold)
    assert (chatbot.settings.top_k, chatbot.settings.answer_tokens) == (4, 100)


@pytest.mark.parametrize("wrong", ["0", "21", "-1", "many", "", "7.5"])
def test_numbers_out_of_range_count_as_none(chatbot: Chatbot, wrong: str):
    assert preferences.fitted(chatbot, {"top_k": wrong, "answer_tokens": wrong}).settings == chatbot.settings


def test_an_answer_that_is_being_written_keeps_its_model(chatbot: Chatbot):
    mine = preferences.fitted(chatbot, {})
    preferences.choose_model(chatbot, preferences.NONE)
    assert chatbot.generator is None
    assert mine.model_name == "scripted"


def test_the_model_is_there_after_a_restart(chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch):
    made = ScriptedGenerator()
    monkeypatch.setattr(preferences, "load_generator", {"own.gguf": made}.__getitem__)
    preferences.choose_model(chatbot, "own.gguf")
    assert chatbot.generator is made
    assert made.warmed
    assert Settings.load().llm == "own.gguf"
    assert preferences.current(chatbot) == "own.gguf"
    assert ("own.gguf", "own.gguf") in preferences.installed(chatbot)


def test_a_model_that_cannot_be_loaded_changes_nothing(chatbot: Chatbot):
    generator = chatbot.generator
    with pytest.raises(ModelMissing, match=r"clippings models pull qwen2\.5-0\.5b"):
        preferences.choose_model(chatbot, "qwen2.5-0.5b")
    assert chatbot.generator is generator
    assert not settings_file().exists()


def test_what_can_be_chosen_and_what_can_be_downloaded(chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch):
    entries = [replace(entry, installed=number == 1) for number, entry in enumerate(catalogue())]
    monkeypatch.setattr(preferences, "catalogue", lambda: entries)
    chatbot.settings = chatbot.settings.model_copy(update={"llm": entries[1].name})
    assert [name for _, name in preferences.installed(chatbot)] == [entries[1].name, preferences.NONE]
    assert [entry.name for entry in preferences.missing()] == [entry.name for entry in entries[2:]]


def test_the_settings_file_keeps_everything_else():
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_text('# mine\ntop_k = 9\n  llm = "old"  # best\nhost = "127.0.0.1"\n')
    preferences.write_setting("llm", 'a "quoted" \\ name')
    assert path.read_text() == ('# mine\ntop_k = 9\n  llm = "a \\"quoted\\" \\\\ name"  # best\nhost = "127.0.0.1"\n')
    path.write_text("top_k = 9\n[table]\n")
    preferences.write_setting("llm", "none")
    assert tomllib.loads(path.read_text()) == {"top_k": 9, "llm": "none", "table": {}}


@pytest.mark.parametrize("before", ["", 'llm = "old"\n'])
def test_a_setting_of_the_same_name_in_a_table_of_the_settings_file_stays(before: str):
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_text(f'{before}[other]\nllm = "theirs"\n')
    preferences.write_setting("llm", "none")
    assert tomllib.loads(path.read_text()) == {"llm": "none", "other": {"llm": "theirs"}}


def test_a_settings_file_broken_meanwhile_is_left_as_it_is():
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_text("top_k = = 9\n")
    with pytest.raises(CannotRun, match=r"is no valid TOML, so it was left as it is: .+ at line 1") as caught:
        preferences.write_setting("llm", "none")
    assert "\n" not in str(caught.value)
    assert path.read_text() == "top_k = = 9\n"


def test_a_settings_file_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept, link = tmp_path / "dotfiles.toml", settings_file()
    kept.write_text("top_k = 9\n")
    kept.chmod(0o600)
    link.parent.mkdir(parents=True)
    link.symlink_to(kept)
    real = Path.write_text

    def cut_off(path: Path, text: str, **options: str) -> int:
        real(path, text[:3], **options)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", cut_off)
        with pytest.raises(CannotRun, match="No space left on device"):
            preferences.write_setting("llm", "none")
    assert kept.read_text() == "top_k = 9\n"
    preferences.write_setting("llm", "none")
    assert tomllib.loads(kept.read_text()) == {"llm": "none", "top_k": 9}
    assert (link.is_symlink(), kept.stat().st_mode & 0o777) == (True, 0o600)


def test_a_settings_file_that_cannot_be_written_says_so():
    settings_file().parent.parent.mkdir(parents=True)
    settings_file().parent.write_text("a file where the folder should be")
    with pytest.raises(CannotRun, match="It is used until clippings ends, but"):
        preferences.write_setting("llm", "none")


def test_a_download_says_how_far_it_is_and_what_went_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    entry = next(entry for entry in catalogue() if entry.hub)
    free = iter([False, False, True])
    monkeypatch.setattr(preferences, "arrived", lambda file: {str(file): 7}[entry.hub or ""])

    def pull(name: str, *, quiet: bool) -> None:
        while not next(free):
            time.sleep(0.3)
        raise CannotRun(f"{name}: the hub is down.")

    monkeypatch.setattr(preferences, "pull_model", pull)
    download = Pull(entry)
    assert set(download) == {7}
    assert download.problem == f"{entry.name}: the hub is down."


def test_offline_nothing_is_downloaded_and_nothing_contacted():
    entry = next(entry for entry in catalogue() if entry.hub)
    download = Pull(entry)
    list(download)
    assert "HF_HUB_OFFLINE is set" in download.problem


def test_bytes_of_an_unfinished_download_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    file = HubFile.parse("owner/repo:model.gguf")
    assert file is not None
    assert arrived(file) == 0
    blobs = tmp_path / "models--owner--repo" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{'a' * 64}.clippings.incomplete").write_bytes(b"x" * 1234)
    (blobs / ("b" * 64)).write_bytes(b"x" * 99999)
    assert arrived(file) == 1234
