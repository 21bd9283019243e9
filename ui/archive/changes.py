"""Changes of the archive that the page starts and whose progress it shows. Independent of Gradio."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from index.errors import WrongUse
from index.updates.report import Progress, ProgressCallback, UpdateReport
from index.urls import is_address
from ui.archive.service import Archive, ArchiveService
from ui.task import BROKEN, Task


class Change(Task[Progress | None]):
    """One change of the archive. Its progress is None until some is reported.

    Afterwards `report` is set if the change succeeded, and `problem` is an error message for people if it failed.
    """

    def __init__(self, work: Callable[[ProgressCallback], UpdateReport]) -> None:
        """Start the change at once."""
        self.report: UpdateReport | None = None
        self._latest: Progress | None = None

        def run() -> None:
            self.report = work(self._reached)

        super().__init__(
            run, lambda: self._latest, "changing the archive", broken=f"{BROKEN} The archive is as it was."
        )

    def _reached(self, progress: Progress) -> None:
        self._latest = progress


class Changes:
    """Starts the changes of one archive."""

    def __init__(self, archive: Archive, *, private_addresses: bool = True) -> None:
        """`private_addresses` says whether addresses in the server's own network may be fetched."""
        self._archive = archive
        self._service = ArchiveService(archive, private_addresses=private_addresses)

    def add(self, files: Sequence[Path]) -> Change:
        """Index files from a temporary folder; they are moved to the index's upload folder."""

        def work(progress: ProgressCallback) -> UpdateReport:
            self._archive.status()  # raises if the index was removed
            report = self._service.add_files(_opened(files), progress=progress)
            for file in files:
                file.unlink(missing_ok=True)
            return report

        return Change(work)

    def fetch(self, address: str) -> Change:
        """Index the page at an http or https address, or the entries of a feed there."""
        address = address.strip()

        def work(progress: ProgressCallback) -> UpdateReport:
            if not is_address(address):
                raise WrongUse(f"“{address}” is no address like https://example.org/story.")
            return self._service.add_address(address, progress=progress)

        return Change(work)

    def remove(self, article: str) -> Change:
        """Remove an article, and the uploaded file that it was read from, if no other article is in it."""

        def work(_: ProgressCallback) -> UpdateReport:
            removed = self._service.remove([article])
            return UpdateReport(removed=[each.uri for each in removed], version=self._archive.version)

        return Change(work)

    def restore(self, version: int) -> Change:
        """Return to an earlier version."""
        return Change(lambda _: self._service.rollback(version))


def _opened(files: Sequence[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """Yields the name and content of each file; only one file is open at a time."""
    for file in files:
        with file.open("rb") as content:
            yield file.name, content
