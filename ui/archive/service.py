"""The changes of the archive that its users make: one at a time, while questions are answered meanwhile.

The methods block; call them in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from index import Article, Filters, Status
from index.errors import WrongUse
from index.sources.fetch import is_private
from index.storage.browse import Tally
from index.updates.report import ProgressCallback, UpdateReport, silent
from index.urls import checked_address
from ui.archive import uploads
from ui.event_log import event


class Archive(Protocol):
    """The part of `index.Index` with which articles are listed and changed."""

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

    def rollback_preview(self, number: int) -> UpdateReport:
        """Returns what a return to an earlier version would add, change and remove."""


class ArchiveService:
    """The changes of one archive, for the page and for programs; each waits until those before it are done."""

    def __init__(self, archive: Archive, *, private_addresses: bool = True) -> None:
        """`private_addresses` says whether addresses in the server's own network may be fetched."""
        self._archive = archive
        self._private = private_addresses
        self._turn = uploads.turn(archive.folder)

    def add_files(self, files: Iterable[tuple[str, BinaryIO]], *, progress: ProgressCallback = silent) -> UpdateReport:
        """Keep files, given by name and content, in the upload folder and index them; see `uploads.take_in`."""

        def update(kept: list[Path]) -> UpdateReport:
            return self._archive.update(kept, progress=progress)

        with self._turn:
            return _logged(uploads.take_in(self._archive.folder, files, update))

    def add_address(self, address: str, *, progress: ProgressCallback = silent) -> UpdateReport:
        """Index the page at an http or https address, or the entries of a feed there.

        Raises WrongUse for an address of this machine or its network, so that other users cannot explore it, unless
        those may be fetched.
        """
        if not self._private and is_private(checked_address(address)):
            raise WrongUse(f"{address[:200]} is an address of a private network, which is not read for others.")
        with self._turn:
            return _logged(self._archive.update([address], progress=progress))

    def remove(self, names: Sequence[str]) -> list[Article]:
        """Remove and return articles, all or none; an uploaded file is deleted with the last of its articles."""
        with self._turn:
            removed = self._archive.remove(names)
            uploads.forget(self._archive.folder, removed, self._archive.articles)
            _logged(UpdateReport(removed=[article.uri for article in removed], version=self._archive.version))
        return removed

    def rollback(self, version: int) -> UpdateReport:
        """Return to an earlier version."""
        with self._turn:
            return _logged(self._archive.rollback(version))


def _logged(report: UpdateReport) -> UpdateReport:
    event("update", version=report.version, **report.counts)
    return report
