"""Stores uploaded files in a folder of the index, under names that every file system accepts, or restores the old ones.

The index reads files by their path, so an upload must stay where it was read. An upload with the name of an earlier one
replaces it, and counts as a change of that article; if it is another article, as pages that are all called index.html
are, it is kept beside the earlier one, under the name with a number.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, product, takewhile
from pathlib import Path
from typing import BinaryIO

from index import Article
from index.errors import CannotRun, UnreadableFile
from index.sources.sources import preview
from index.updates.report import Move, UpdateReport

FOLDER = "uploads"
"""Name of the upload folder, within the index's folder."""

LONGEST_NAME = 150
"""Maximum length of a stored name, in bytes: file systems allow 255, and the backup of a replaced file has a longer
name."""

MOST_COMPARED = 20
"""Number of articles of a file by which it is compared with another one of its name."""

SAME_WORDS = 0.5
"""Least share of the words of two texts without headlines that both have, if one is a new version of the other."""

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
    """A stored file; `name` is the one that it was sent with, `before` the backup of the file that it replaced."""

    name: str
    path: Path
    before: Path | None

    @property
    def is_renamed(self) -> bool:
        """Whether it is new, and stored under another name, since another article has its own."""
        return self.before is None and self.path.name != self.name

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

    So does a file of the name of an earlier upload that is another article. Raises CannotRun, and stores none of them,
    if one cannot be written.
    """
    folder = index_folder / FOLDER
    uploads: list[Upload] = []
    taken: set[str] = set()
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files:
            wanted = harmless(name)
            arrived = folder / f".arrived.{wanted}"  # hidden, so that it is not indexed with the folder
            arrived.unlink(missing_ok=True)
            with arrived.open("xb") as file:  # "x" follows no symbolic link
                shutil.copyfileobj(content, file)
            path = folder / _free(wanted, taken, folder, arrived)
            uploads.append(_set_aside(wanted, path))
            os.replace(arrived, path)
    except OSError as error:
        for left in folder.glob(".arrived.*"):
            left.unlink()
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
    report.renamed = [
        Move(upload.name, str(upload.path))
        for upload in uploads
        if upload.is_renamed and str(upload.path) not in unread
    ]
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


def _set_aside(name: str, path: Path) -> Upload:
    if not os.path.lexists(path):
        return Upload(name, path, None)
    before = path.with_name(f".{path.name}.before")  # hidden, so that it is not indexed with the folder
    os.replace(path, before)
    return Upload(name, path, before)


def _free(name: str, taken: set[str], folder: Path, arrived: Path) -> str:
    """Returns the name for the file that `arrived`: its own, or with a number.

    That of an earlier upload if it has the same content, else that of one which is the same article, else one that is
    free. Names used by this request, `taken`, are not free; like some file systems, this ignores case.
    """
    stem, suffix = _parted(name)
    names = chain([name], (f"{stem} {number}{suffix}" for number in count(2)))
    in_use = list(takewhile(lambda one: one.casefold() in taken or _is_file(folder / one), names))
    old = [one for one in in_use if one.casefold() not in taken]
    free = f"{stem} {len(in_use) + 1}{suffix}" if in_use else name
    same = (one for one in old if filecmp.cmp(folder / one, arrived, shallow=False))
    chosen = next(same, None) or next((one for one in old if _is_same_article(folder / one, arrived)), free)
    taken.add(chosen.casefold())
    return chosen


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_same_article(old: Path, new: Path) -> bool:
    """Returns whether two files hold an article in common, or one of them none, so that nothing is lost by replacing.

    An article is recognised by its title, or, if it has none of its own, by most of its words.
    """
    before, after = _articles(old), _articles(new)
    return not before or not after or any(map(_are_one, *zip(*product(before, after), strict=True)))


def _articles(path: Path) -> list[Article]:
    return [draft.article() for draft in preview(path, limit=MOST_COMPARED) if not isinstance(draft, UnreadableFile)]


def _are_one(old: Article, new: Article) -> bool:
    if old.title.casefold() == new.title.casefold():
        return True
    if not all(article.text.startswith(article.title.rstrip("…")) for article in (old, new)):
        return False  # headlines, and they differ
    words = [set(article.text.casefold().split()) for article in (old, new)]
    return len(words[0] & words[1]) >= SAME_WORDS * len(words[0] | words[1])
