"""The archive as the page uses it, and changes of it whose progress can be followed.

One change runs at a time; later ones wait. A change continues after the browser that started it has disconnected, and
questions are answered meanwhile. Independent of Gradio.
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
from index.errors import ClippingsError, WrongUse
from index.storage.browse import Tally
from index.updates.report import Progress, ProgressCallback, UpdateReport
from index.urls import is_address
from ui.archive import uploads
from ui.archive.private_addresses import refuse_private
from ui.conversations.run import BEAT_SECONDS
from ui.event_log import event

_log = logging.getLogger(__name__)

BROKEN = "Something went wrong inside clippings; the terminal it runs in says what. The archive is as it was."


class Archive(Protocol):
    """The part of `index.Index` that the page uses to list and change the articles."""

    @property
    def folder(self) -> Path:
        """The folder of the index."""

    @property
    def version(self) -> int:
        """The number of the content's version."""

    def status(self) -> Status:
        """Returns counts, model and versions of the index."""

    def articles(self) -> Iterator[Article]:
        """Iterates over all articles."""

    def page(self, filters: Filters, *, words: str, limit: int, offset: int) -> tuple[list[Article], int]:
        """Returns some of the articles that hold all the words, latest first, and the number of all of them."""

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """Returns, by article id, the pieces of an excerpt around the words."""

    def tally(self) -> list[Tally]:
        """Returns the number of articles of each month and source."""

    def find(self, name: str) -> Article:
        """Returns the article with this id. Raises WrongUse if there is none."""

    def update(self, paths: Sequence[Path | str], *, progress: ProgressCallback) -> UpdateReport:
        """Index files and addresses."""

    def remove(self, names: Sequence[str]) -> list[Article]:
        """Remove articles and return them."""

    def rollback(self, number: int | None = None) -> UpdateReport:
        """Return to an earlier version."""


@dataclass(slots=True)
class Change:
    """One change of the archive. Iterating over it yields its Progress, or None whenever none was reported for a while.

    Afterwards `report` is set if the change succeeded, and `problem` is an error message for people if it failed.
    """

    work: Callable[[ProgressCallback], UpdateReport]
    report: UpdateReport | None = None
    problem: str = ""
    _said: SimpleQueue[Progress | None] = field(default_factory=SimpleQueue)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self, turn: threading.Lock) -> Change:
        """Start the change in a thread of its own, which first waits for the lock `turn`."""
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
        except Exception:  # the page must not wait for ever; the log holds the traceback
            _log.exception("changing the archive failed")
            self.problem = BROKEN
        finally:
            self._ended.set()
            self._said.put(None)


class Changes:
    """Starts the changes of one archive."""

    def __init__(self, archive: Archive, *, private_addresses: bool = True) -> None:
        """`private_addresses` says whether addresses in the server's own network may be fetched."""
        self._archive = archive
        self._private = private_addresses
        self._turn = uploads.turn(archive.folder)

    def add(self, files: Sequence[Path]) -> Change:
        """Index files from a temporary folder; they are moved to the index's upload folder."""

        def work(progress: ProgressCallback) -> UpdateReport:
            self._archive.status()  # raises if the index was removed
            report = uploads.take_in(
                self._archive.folder, _opened(files), lambda kept: self._archive.update(kept, progress=progress)
            )
            for file in files:
                file.unlink(missing_ok=True)
            return report

        return Change(work).start(self._turn)

    def fetch(self, address: str) -> Change:
        """Index the page at an http or https address, or the entries of a feed there."""
        address = address.strip()

        def work(progress: ProgressCallback) -> UpdateReport:
            if not is_address(address):
                raise WrongUse(f"“{address}” is no address like https://example.org/story.")
            if not self._private:
                refuse_private(address)
            return self._archive.update([address], progress=progress)

        return Change(work).start(self._turn)

    def remove(self, article: str) -> Change:
        """Remove an article, and the uploaded file that it was read from, if no other article is in it."""

        def work(_: ProgressCallback) -> UpdateReport:
            (removed,) = self._archive.remove([article])
            uploads.forget(self._archive.folder, [removed], self._archive.articles)
            return UpdateReport(removed=[removed.uri], version=self._archive.version)

        return Change(work).start(self._turn)

    def restore(self, version: int) -> Change:
        """Return to an earlier version."""
        return Change(lambda _: self._archive.rollback(version)).start(self._turn)


def _opened(files: Sequence[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """Yields the name and content of each file; only one file is open at a time."""
    for file in files:
        with file.open("rb") as content:
            yield file.name, content
