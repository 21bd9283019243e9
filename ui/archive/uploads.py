"""Stores uploaded files in a folder of the index, under names that every file system accepts, or restores the old ones.

The index reads files by their path, so an upload must stay where it was read. An upload with the name of an earlier one
replaces it, and counts as a change of that article.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from index import Article
from index.errors import CannotRun
from index.updates.report import UpdateReport

FOLDER = "uploads"
"""Name of the upload folder, within the index's folder."""

LONGEST_NAME = 150
"""Maximum length of a stored name, in bytes: file systems allow 255, and the backup of a replaced file has a longer
name."""

# Control and invisible characters, and those that some file system rejects; "#" begins a row's id in an article's uri.
_FORBIDDEN = re.compile(r'[<>:"|?*#]|[^\w\s.,;+=@~!$%&()\[\]{}\'’–-]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def harmless(name: str) -> str:
    """Returns a name without folders that every file system accepts; the suffix is kept."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    clean = " ".join(_FORBIDDEN.sub("_", last).split()).lstrip(". ").rstrip(". ") or "article"
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    stem, suffix = _parted(clean)
    while stem and len(f"{stem}{suffix}".encode()) > LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem}{suffix}"


def _parted(name: str) -> tuple[str, str]:
    """Returns stem and suffix, which may have two parts ("story.txt.gz") of at most 10 characters each."""
    found = re.search(r"(\.\w{1,10})?\.\w{1,10}$", name)
    at = found.start() if found and found.start() > 0 else len(name)
    return name[:at], name[at:]


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file; `before` is the backup of the file that it replaced, if there was one."""

    path: Path
    before: Path | None

    def keep(self) -> None:
        """Accept the upload: delete the backup."""
        if self.before is not None:
            self.before.unlink(missing_ok=True)

    def undo(self) -> None:
        """Reject the upload: delete it, or restore the backup in its place."""
        if self.before is None:
            self.path.unlink(missing_ok=True)
        else:
            os.replace(self.before, self.path)


def put(index_folder: Path, files: Iterable[tuple[str, BinaryIO]]) -> list[Upload]:
    """Write the files into the upload folder. If several have the same name, the later ones get a number.

    Raises CannotRun, and stores none of them, if one cannot be written.
    """
    folder = index_folder / FOLDER
    uploads: list[Upload] = []
    taken: set[str] = set()
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files:
            path = folder / _free(harmless(name), taken)
            uploads.append(_set_aside(path))
            with path.open("xb") as file:  # "x" follows no symbolic link
                shutil.copyfileobj(content, file)
    except OSError as error:
        for upload in uploads:
            upload.undo()
        raise CannotRun(f"What was sent cannot be kept in {folder}: {error.strerror}.") from error
    return uploads


def take_in(
    index_folder: Path, files: Iterable[tuple[str, BinaryIO]], update: Callable[[list[Path]], UpdateReport]
) -> UpdateReport:
    """Store the files and index them with `update`. Files that cannot be read are not kept.

    Raises CannotRun, and stores none of them, if one cannot be written.
    """
    uploads = put(index_folder, files)
    try:
        report = update([upload.path for upload in uploads])
    except BaseException:
        for upload in uploads:
            upload.undo()
        raise
    unread = {failure.uri for failure in report.failed}
    for upload in uploads:
        (upload.undo if str(upload.path) in unread else upload.keep)()
    return report


def forget(index_folder: Path, removed: Sequence[Article], left: Callable[[], Iterable[Article]]) -> None:
    """Delete the uploads that the removed articles were read from, unless other articles (`left`) are in them."""
    files = {_file(article) for article in removed}
    if any("#" in article.uri for article in removed):
        files -= {_file(article) for article in left()}
    for path in map(Path, files):
        if path.is_absolute() and path.parent == index_folder / FOLDER:
            path.unlink(missing_ok=True)


@cache
def turn(index_folder: Path) -> threading.RLock:
    """Returns the lock to hold while articles of this index are added or removed, so that changes run one at a time."""
    return threading.RLock()


def _file(article: Article) -> str:
    return article.uri.partition("#")[0]  # no upload has a "#" in its name


def _set_aside(path: Path) -> Upload:
    if not os.path.lexists(path):
        return Upload(path, None)
    before = path.with_name(f".{path.name}.before")  # hidden, so that it is not indexed with the folder
    os.replace(path, before)
    return Upload(path, before)


def _free(name: str, taken: set[str]) -> str:
    """Returns the name, with a number if this request has used it already; like some file systems, it ignores case."""
    stem, suffix = _parted(name)
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} {number}{suffix}"
    taken.add(free.casefold())
    return free
