"""Files that are sent in, by the page or a door: kept under harmless names in a folder of the index's own, or put back.

The index reads files by their path, so an upload must stay where it was read; one with the name of an earlier one
takes its place and is a change of that article.
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
from index.report import UpdateReport

FOLDER = "uploads"
"""Within the index's folder."""

LONGEST_NAME = 150
"""Bytes; file systems take 255, and what is kept of the one before has a longer name."""

# Control and invisible characters, and what some file system does not take; "#" begins a row's id in an article's uri.
_FORBIDDEN = re.compile(r'[<>:"|?*#]|[^\w\s.,;+=@~!$%&()\[\]{}\'’–-]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def harmless(name: str) -> str:
    """A name that stays in its folder and is taken by every file system; the suffix is kept."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    clean = " ".join(_FORBIDDEN.sub("_", last).split()).lstrip(". ").rstrip(". ") or "article"
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    stem, suffix = _parted(clean)
    while stem and len(f"{stem}{suffix}".encode()) > LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem}{suffix}"


def _parted(name: str) -> tuple[str, str]:
    """Stem and suffix, that of "story.txt.gz" whole; a suffix of more than 20 characters is none."""
    found = re.search(r"(\.\w{1,10})?\.\w{1,10}$", name)
    at = found.start() if found and found.start() > 0 else len(name)
    return name[:at], name[at:]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was put in place; `before` is where the one that it took the place of waits."""

    path: Path
    before: Path | None

    def keep(self) -> None:
        """It is good: the one before goes."""
        if self.before is not None:
            self.before.unlink(missing_ok=True)

    def undo(self) -> None:
        """It is no good: the one before comes back."""
        if self.before is None:
            self.path.unlink(missing_ok=True)
        else:
            os.replace(self.before, self.path)


def put(index_folder: Path, files: Iterable[tuple[str, BinaryIO]]) -> list[Upload]:
    """Write the files into the index's folder. Of those with the same name the later ones get a number.

    CannotRun, and nothing is left of any, if one cannot be written.
    """
    folder = index_folder / FOLDER
    uploads: list[Upload] = []
    taken: set[str] = set()
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files:
            path = folder / _free(harmless(name), taken)
            uploads.append(_set_aside(path))
            with path.open("xb") as file:  # never through a link to elsewhere
                shutil.copyfileobj(content, file)
    except OSError as error:
        for upload in uploads:
            upload.undo()
        raise CannotRun(f"What was sent cannot be kept in {folder}: {error.strerror}.") from error
    return uploads


def take_in(
    index_folder: Path, files: Iterable[tuple[str, BinaryIO]], update: Callable[[list[Path]], UpdateReport]
) -> UpdateReport:
    """Put the files in place and index them with `update`. What cannot be read is not kept.

    CannotRun, and nothing is left of any, if one cannot be written.
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
    """Delete the uploads that the removed articles were read from, each with the last of its articles."""
    files = {_file(article) for article in removed}
    if any("#" in article.uri for article in removed):
        files -= {_file(article) for article in left()}
    for path in map(Path, files):
        if path.is_absolute() and path.parent == index_folder / FOLDER:
            path.unlink(missing_ok=True)


@cache
def turn(index_folder: Path) -> threading.Lock:
    """Held while articles are added or removed: one change after the other, whoever asks for it."""
    return threading.Lock()


def _file(article: Article) -> str:
    return article.uri.partition("#")[0]  # no upload has a "#" in its name


def _set_aside(path: Path) -> Upload:
    if not os.path.lexists(path):
        return Upload(path, None)
    before = path.with_name(f".{path.name}.before")  # with a dot, which no folder's reading looks at
    os.replace(path, before)
    return Upload(path, before)


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number if this request has used it; taken up to case, as some file systems do."""
    stem, suffix = _parted(name)
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} {number}{suffix}"
    taken.add(free.casefold())
    return free
