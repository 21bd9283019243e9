"""The archive as the page sees it, and changes to it that are watched while they run.

One change at a time; whoever comes later waits. A change goes on when the browser that asked for it has gone, and
questions are answered meanwhile. Knows nothing about Gradio.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from index import Article, Status
from index.addresses import is_address
from index.errors import ClippingsError, UnreadableFile, WrongUse
from index.report import Progress, ProgressCallback, UpdateReport
from ui.running import BEAT_SECONDS

_log = logging.getLogger(__name__)

UPLOADS = "uploads"
"""Folder within the index's folder, for files that came through the browser."""

BROKEN = "Something went wrong inside clippings; the terminal it runs in says what. The archive is as it was."


class Archive(Protocol):
    """The part of an Index that can be looked through and changed on the page; see `index.Index`."""

    @property
    def version(self) -> int:
        """Number of the content's version."""

    def status(self) -> Status:
        """What is indexed."""

    def articles(self) -> Iterator[Article]:
        """Every article."""

    def find(self, name: str) -> Article:
        """The article with this id."""

    def update(self, paths: Sequence[Path | str], *, progress: ProgressCallback) -> UpdateReport:
        """Index files and addresses."""

    def remove(self, names: Sequence[str]) -> list[Article]:
        """Take articles out."""

    def rollback(self, number: int | None = None) -> UpdateReport:
        """Return to an earlier version."""


@dataclass(slots=True)
class Change:
    """One change of the archive: iterate over it for its Progress, None while nothing is said; then see the rest.

    `report` is there if it was done, `problem` says for people what prevented it.
    """

    work: Callable[[ProgressCallback], UpdateReport]
    report: UpdateReport | None = None
    problem: str = ""
    _said: SimpleQueue[Progress | None] = field(default_factory=SimpleQueue)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self, turn: threading.Lock) -> Change:
        """Begin, in a thread of its own, as soon as it has its turn."""
        threading.Thread(target=self._run, args=(turn,), name="clippings-archive", daemon=True).start()
        return self

    def __iter__(self) -> Iterator[Progress | None]:
        while not self._ended.is_set():
            try:
                said = self._said.get(timeout=BEAT_SECONDS)
                while not self._said.empty():  # only the latest is worth showing
                    said = self._said.get_nowait()
            except Empty:
                said = None
            yield said

    def _run(self, turn: threading.Lock) -> None:
        try:
            with turn:
                self.report = self.work(self._said.put)
        except ClippingsError as error:
            self.problem = str(error)
        except Exception:  # the page must not wait for ever; the log has it whole
            _log.exception("changing the archive failed")
            self.problem = BROKEN
        finally:
            self._ended.set()
            self._said.put(None)


class Changes:
    """What can be done to an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._turn = threading.Lock()

    def add(self, files: Sequence[Path]) -> Change:
        """Index files that lie in a temporary folder; they are moved to where they stay."""

        def work(progress: ProgressCallback) -> UpdateReport:
            kept = take_in(files, self._uploads())
            report = self._archive.update(kept, progress=progress)
            for failure in report.failed:
                if Path(failure.uri) in kept:  # nothing of it was indexed, and its owner has it
                    Path(failure.uri).unlink(missing_ok=True)
            return report

        return Change(work).start(self._turn)

    def fetch(self, address: str) -> Change:
        """Index the page, or the feed's entries, at an http or https address."""
        address = address.strip()

        def work(progress: ProgressCallback) -> UpdateReport:
            if not is_address(address):
                raise WrongUse(f"“{address}” is no address like https://example.org/story.")
            return self._archive.update([address], progress=progress)

        return Change(work).start(self._turn)

    def remove(self, article: str) -> Change:
        """Take an article out, with the file that it came in if that was uploaded and holds nothing else."""

        def work(_: ProgressCallback) -> UpdateReport:
            (removed,) = self._archive.remove([article])
            path = Path(removed.uri)
            if path.parent == self._uploads():
                path.unlink(missing_ok=True)
            return UpdateReport(removed=[removed.uri], version=self._archive.version)

        return Change(work).start(self._turn)

    def restore(self, version: int) -> Change:
        """Return to an earlier version."""
        return Change(lambda _: self._archive.rollback(version)).start(self._turn)

    def _uploads(self) -> Path:
        return Path(self._archive.status().folder) / UPLOADS


def take_in(files: Sequence[Path], folder: Path) -> list[Path]:
    """Move files into the folder, where one of the same name is replaced; two of one name in `files` both stay.

    ClippingsError if there is no room.
    """
    taken: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            target = _free_name(folder / file.name, taken)
            shutil.move(file, target)
            os.chmod(target, 0o600)
            taken.append(target)
    except OSError as error:
        raise UnreadableFile.of_system(str(folder), error) from error
    return taken


def _free_name(wanted: Path, taken: Sequence[Path]) -> Path:
    number, path = 1, wanted
    while path in taken:
        number += 1
        path = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    return path
