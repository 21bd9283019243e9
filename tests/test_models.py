"""Which language models can be chosen, and what is said when one cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelMissing
from index.packaged import PackagedFile
from rag import models
from rag.models import ModelEntry, catalogue, check_installed, load_generator

ABSENT = PackagedFile(distribution="no-such-package-here", path="m.gguf", sha256="0" * 64)


def test_the_catalogue_says_what_the_embedded_model_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "SMOLLM2", ABSENT)
    assert catalogue()[0] == ModelEntry("smollm2-135m", "0.1 billion", 98, 400, "Apache-2.0", installed=False)


@pytest.mark.models
def test_an_installed_model_is_found() -> None:
    assert catalogue()[0].installed
    assert check_installed("smollm2-135m").endswith("SmolLM2-135M-Instruct.Q4_1.gguf")
    assert Path(check_installed("smollm2-135m")).is_file()


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "SMOLLM2", ABSENT)
    with pytest.raises(ModelMissing) as caught:
        load_generator("smollm2-135m")
    assert str(caught.value) == (
        "The package no-such-package-here is not installed. "
        "Install the embedded models with: pip install 'clippings[embedded]'"
    )


@pytest.mark.parametrize("name", ["gpt-9", "", "none.gguf", "model.bin", "."])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelMissing) as caught:
        check_installed(name)
    assert str(caught.value).startswith(f"No language model is called {name!r}. Known: smollm2-135m")
    assert "\n" not in str(caught.value)


def test_a_file_is_found_also_below_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "own model.gguf"
    path.write_bytes(b"x")
    assert check_installed(str(path)) == str(path)
    assert check_installed("~/own model.gguf") == str(path)


def test_a_file_is_loaded_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own-7b.Q4.gguf"
    path.write_bytes(b"x")
    monkeypatch.setattr(models, "LlamaGenerator", lambda path, *, name: (path, name))
    assert load_generator(str(path)) == (path, "own-7b.Q4")
