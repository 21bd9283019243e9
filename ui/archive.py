"""The archive as the page sees it, and changes to it that are watched while they run.

One change at a time; whoever comes later waits. A change goes on when the browser that asked for it has gone, and
questions are answered meanwhile. Knows nothing about Gradio.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO, Protocol

from index import Article, Filters, Status
from index.addresses import is_address
from index.errors import ClippingsError, WrongUse
from index.holdings import Tally
from index.report import Progress, ProgressCallback, UpdateReport
from ui import uploads
from ui.addresses import refuse_private
from ui.logs import event
from ui.running import BEAT_SECONDS

_log = logging.getLogger(__name__)

BROKEN = "Something went wrong inside clippings; the terminal it runs in says what. The archive is as it was."


class Archive(Protocol):
    """The part of an Index that can be looked through and changed on the page; see `index.Index`."""

    @property
    def folder(self) -> Path:
        """Where it lies."""

    @property
    def version(self) -> int:
        """Number of the content's version."""

    def status(self) -> Status:
        """What is indexed."""

    def articles(self) -> Iterator[Article]:
        """Every article."""

    def page(self, filters: Filters, *, words: str, limit: int, offset: int) -> tuple[list[Article], int]:
        """Some of the articles that hold all the words, the latest first, and how many do."""

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """Where the articles' texts hold the words."""

    def tally(self) -> list[Tally]:
        """How many articles there are of each month and source."""

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
            event("update", version=self.report.version, **self.report.counts)
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

    def __init__(self, archive: Archive, *, private_addresses: bool = True) -> None:
        """`private_addresses` says whether machines of the own network may be read from, if they are named."""
        self._archive = archive
        self._private = private_addresses
        self._turn = uploads.turn(archive.folder)

    def add(self, files: Sequence[Path]) -> Change:
        """Index files that lie in a temporary folder; they go to where they stay."""

        def work(progress: ProgressCallback) -> UpdateReport:
            self._archive.status()  # says so if the index was removed
            report = uploads.take_in(
                self._archive.folder, _opened(files), lambda kept: self._archive.update(kept, progress=progress)
            )
            for file in files:
                file.unlink(missing_ok=True)
            return report

        return Change(work).start(self._turn)

    def fetch(self, address: str) -> Change:
        """Index the page, or the feed's entries, at an http or https address."""
        address = address.strip()

        def work(progress: ProgressCallback) -> UpdateReport:
            if not is_address(address):
                raise WrongUse(f"“{address}” is no address like https://example.org/story.")
            if not self._private:
                refuse_private(address)
            return self._archive.update([address], progress=progress)

        return Change(work).start(self._turn)

    def remove(self, article: str) -> Change:
        """Take an article out, with the file that it came in if that was uploaded and holds nothing else."""

        def work(_: ProgressCallback) -> UpdateReport:
            (removed,) = self._archive.remove([article])
            uploads.forget(self._archive.folder, [removed], self._archive.articles)
            return UpdateReport(removed=[removed.uri], version=self._archive.version)

        return Change(work).start(self._turn)

    def restore(self, version: int) -> Change:
        """Return to an earlier version."""
        return Change(lambda _: self._archive.rollback(version)).start(self._turn)


def _opened(files: Sequence[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """Name and content of each file, one open at a time."""
    for file in files:
        with file.open("rb") as content:
            yield file.name, content
