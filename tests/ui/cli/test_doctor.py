"""What `clippings doctor` finds, and the command that it gives for what is missing."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import pytest

from index import Index
from index.embedding.packaged_model import PackagedFile
from rag.llm import catalogue
from rag.settings import Settings, settings_file
from ui.cli import doctor
from ui.cli.doctor import PACKAGES, Check, run_checks

ABSENT = PackagedFile(distribution="no-such-package-here", path="m", sha256="0" * 64)


def checks(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in run_checks(settings)}


def test_what_is_there(index: Index) -> None:
    found = checks(Settings(index=str(index.folder)))
    assert list(found) == [
        *("python", *PACKAGES, "embedding model", "language model", "index"),
        *("English", "Arabic", "Chinese", "German", "Russian", "Spanish", "Turkish", "settings"),
    ]
    assert found["python"] == Check("python", True, platform.python_version())
    assert found["faiss-cpu"] == Check("faiss-cpu", True, metadata.version("faiss-cpu"))
    assert found["index"] == Check("index", True, f"4 articles in {index.folder}", required=False)
    assert found["settings"].detail == f"{settings_file()} (not there: defaults)"


@pytest.mark.models
def test_installed_models_are_shown_with_their_files(tmp_path: Path) -> None:
    found = checks(Settings(index=str(tmp_path)))
    assert Path(found["embedding model"].detail).name == "model.safetensors"
    assert Path(found["language model"].detail).name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert found["embedding model"].ok
    assert found["language model"].ok


def test_what_is_missing_comes_with_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MINILM", ABSENT)
    monkeypatch.setattr(catalogue, "SMOLLM2", ABSENT)
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package-here",))
    found = checks(Settings(index=str(tmp_path / "none")))
    assert found["no-such-package-here"] == Check(
        "no-such-package-here", False, "not installed. Install it with: pip install no-such-package-here"
    )
    for name in ("embedding model", "language model"):
        assert not found[name].ok
        assert found[name].required
        assert "pip install 'clippings[embedded]'" in found[name].detail
    assert not found["index"].ok
    assert not found["index"].required
    assert "clippings index update" in found["index"].detail


def test_a_damaged_index_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "clippings.sqlite").write_bytes(b"no database\n" * 500)
    found = checks(Settings(index=str(folder)))["index"]
    assert not found.ok
    assert str(folder) in found.detail


def test_quoting_clippings_only_needs_no_language_model(tmp_path: Path) -> None:
    assert checks(Settings(index=str(tmp_path), llm="none"))["language model"].ok


def test_the_settings_file_is_named(tmp_path: Path) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("top_k = 6\n")
    assert checks(Settings(index=str(tmp_path)))["settings"] == Check("settings", True, str(settings_file()))
