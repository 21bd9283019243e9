"""Which language models can be chosen, and what is said when one cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hub import COMMIT
from huggingface_hub import constants

from index.embedding.packaged_model import PackagedFile
from index.errors import CannotRun, ModelMissing, WrongUse
from rag.llm import catalogue as models
from rag.llm.catalogue import ModelEntry, catalogue, check_installed, load_generator, pull_model
from rag.llm.hub import Download, HubFile
from ui.cli.parser import main

ABSENT = PackagedFile(distribution="no-such-package-here", path="m.gguf", sha256="0" * 64)


def test_the_catalogue_says_what_the_embedded_model_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "SMOLLM2", ABSENT)
    assert catalogue()[0] == ModelEntry("smollm2-135m", "0.1 billion", 98, 400, "Apache-2.0", installed=False)
    assert catalogue()[0].command == "pip install 'clippings[embedded]'"


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


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.gguf"
    with pytest.raises(ModelMissing) as caught:
        check_installed(str(path))
    assert str(caught.value).startswith(f"There is no file {path}. ")


@pytest.mark.parametrize("name", ["gpt-9", "", "model.bin", "."])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelMissing) as caught:
        check_installed(name)
    names = ", ".join(entry.name for entry in catalogue())
    assert str(caught.value).startswith(f"No language model is called {name!r}. Known: {names}; or ")
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
    monkeypatch.setattr(models, "LlamaGenerator", lambda path, *, name, adapter: (path, name))
    assert load_generator(str(path)) == (path, "own-7b.Q4")


# The catalogue


def test_the_catalogue_reaches_from_a_tenth_of_a_billion_to_eight() -> None:
    entries = catalogue()
    sizes = [float(entry.parameters.removesuffix(" billion")) for entry in entries]
    assert len(entries) >= 6
    assert (sizes[0], sizes[-1]) == (0.1, 8.2)
    assert sizes == sorted(sizes)
    assert len({entry.name for entry in entries}) == len(entries)


def test_one_is_recommended_for_each_size_of_memory() -> None:
    recommended = {entry.recommended: entry for entry in catalogue() if entry.recommended}
    assert list(recommended) == [4, 8, 16, 32]
    assert all(entry.memory_megabytes < 1000 * gigabytes / 2 for gigabytes, entry in recommended.items())
    assert all(entry.licence == "Apache-2.0" for entry in recommended.values())


@pytest.mark.parametrize("entry", catalogue()[1:], ids=lambda entry: entry.name)
def test_an_entry_is_consistent(entry: ModelEntry) -> None:
    file = HubFile.parse(entry.hub or "")
    assert file is not None
    assert str(file) == entry.hub
    billions = float(entry.parameters.removesuffix(" billion"))
    assert 0.55 < entry.file_megabytes / (billions * 1000) < 1.15  # 4.5 to 9 bits a weight
    assert entry.file_megabytes + 100 < entry.memory_megabytes < 2 * entry.file_megabytes + 100
    assert entry.licence
    assert entry.command == f"clippings models pull {entry.name}"
    assert not entry.installed


# What is on this machine


def put(folder: Path, file: HubFile) -> Path:
    """A file where huggingface_hub would have put it."""
    repository = folder / f"models--{file.repo.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    path = repository / "snapshots" / COMMIT / file.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of downloaded files, empty; a model is loaded as its path and name."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "files"))
    monkeypatch.setattr(models, "LlamaGenerator", lambda path, *, name, adapter: (path, name))
    return tmp_path / "files"


def test_a_model_of_the_catalogue_is_not_downloaded_unasked(files: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        load_generator("qwen2.5-0.5b")
    assert str(caught.value) == (
        "The model qwen2.5-0.5b is not on this machine. Get it (about 490 MB) with: clippings models pull qwen2.5-0.5b"
    )
    assert not files.exists()


def test_a_model_of_the_catalogue_is_loaded_under_its_name(files: Path) -> None:
    path = put(files, HubFile("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "qwen2.5-0.5b-instruct-q4_k_m.gguf"))
    assert load_generator("qwen2.5-0.5b") == (path, "qwen2.5-0.5b")
    assert check_installed("qwen2.5-0.5b") == str(path)
    assert [entry.name for entry in catalogue() if entry.installed and entry.hub] == ["qwen2.5-0.5b"]


def test_any_file_of_a_hub_is_loaded_once_it_is_there(files: Path) -> None:
    file = HubFile("acme/tiny-GGUF", "tiny.Q4.gguf")
    with pytest.raises(ModelMissing) as caught:
        load_generator(str(file))
    assert str(caught.value) == (
        f"The model {file} is not on this machine. Get it with: clippings models pull acme/tiny-GGUF:tiny.Q4.gguf"
    )
    path = put(files, file)
    assert load_generator(str(file)) == (path, "tiny.Q4")


# The download


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[HubFile, bool]]:
    """What `rag.llm.hub.pull` was called for, and whether quietly."""
    calls: list[tuple[HubFile, bool]] = []

    def pull(file: HubFile, *, quiet: bool) -> Download:
        calls.append((file, quiet))
        return Download(tmp_path / file.path, 397_808_192, "ab" * 32 if "Qwen" in file.repo else None)

    monkeypatch.setattr(models, "pull", pull)
    return calls


def test_names_and_files_can_be_pulled(pulled: list[tuple[HubFile, bool]]) -> None:
    pull_model("qwen2.5-0.5b")
    pull_model("acme/tiny-GGUF:tiny.gguf", quiet=True)
    qwen = HubFile("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "qwen2.5-0.5b-instruct-q4_k_m.gguf")
    assert pulled == [(qwen, False), (HubFile("acme/tiny-GGUF", "tiny.gguf"), True)]


@pytest.mark.models
def test_the_embedded_model_is_there_already(pulled: list[tuple[HubFile, bool]]) -> None:
    found = pull_model("smollm2-135m")
    assert found.path.stat().st_size == found.size
    assert pulled == []


def test_what_needs_no_download_says_so(pulled: list[tuple[HubFile, bool]], tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"x")
    for name in (str(path), "http://127.0.0.1:8080"):
        with pytest.raises(WrongUse) as caught:
            pull_model(name)
        assert str(caught.value) == f"{name} needs no download. Use it with: --llm {name}"
    with pytest.raises(ModelMissing, match="No language model is called 'gpt-9'"):
        pull_model("gpt-9")
    assert pulled == []


@pytest.mark.parametrize(
    ("name", "checked"),
    [
        ("qwen2.5-0.5b", "its SHA-256 is the one stated"),
        ("acme/tiny-GGUF:tiny.gguf", "the hub states no SHA-256, so only its size was checked"),
    ],
)
def test_the_command_says_where_the_file_lies_and_how_to_use_it(
    name: str, checked: str, pulled: list[tuple[HubFile, bool]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", name]) == 0
    path = tmp_path / pulled[0][0].path
    assert capsys.readouterr().out == f"{path}\n398 MB; {checked}. Use it with: --llm {name}\n"


def test_the_command_as_json(
    pulled: list[tuple[HubFile, bool]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "--quiet", "pull", "--json", "qwen2.5-0.5b"]) == 0
    file, quiet = pulled[0]
    assert quiet
    assert json.loads(capsys.readouterr().out) == {
        "name": "qwen2.5-0.5b",
        "path": str(tmp_path / file.path),
        "size": 397_808_192,
        "sha256": "ab" * 32,
    }


def test_the_command_without_a_name(pulled: list[tuple[HubFile, bool]], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "pull"])
    assert stopped.value.code == 2
    assert "required: NAME" in capsys.readouterr().err
    assert pulled == []


def test_the_list_names_the_command_for_each_model(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in lines[:-1]] == [entry.name for entry in catalogue()]
    assert lines[2].endswith(
        "0.5 billion parameters, file 490 MB, memory 900 MB, Apache-2.0, "
        "not installed: clippings models pull qwen2.5-0.5b"
    )
    assert lines[-1].startswith("All sizes are approximate.")
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["models"]
    assert listed[2]["hub"] == "Qwen/Qwen2.5-0.5B-Instruct-GGUF:qwen2.5-0.5b-instruct-q4_k_m.gguf"
    assert listed[2]["command"] == "clippings models pull qwen2.5-0.5b"


def test_an_address_is_asked_and_a_server_that_is_down_is_named() -> None:
    for use in (load_generator, check_installed):
        with pytest.raises(CannotRun, match=r"No server answers at http://127\.0\.0\.1:9 "):
            use("http://127.0.0.1:9")
