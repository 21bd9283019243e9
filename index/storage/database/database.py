"""One open database: statements and transactions, also after another process has replaced its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import CannotRun, DamagedIndex, NoIndex
from index.storage.database.connection import Connections, readable
from index.storage.database.meta import Meta
from index.storage.database.schema import FORMAT


class Database:
    """The database in a folder, with one connection to it."""

    def __init__(self, folder: Path) -> None:
        """Connects, and creates the file if there is none. Raises sqlite3.Error if it cannot be opened."""
        self.folder = folder
        self._connections = Connections(folder)
        self.connection = self._connections.open()
        self._closed = False

    @classmethod
    def open(cls, folder: Path) -> Database:
        """Opens the database of an index.

        Raises NoIndex if there is none, DamagedIndex if it cannot be read or has another format.
        """
        if not Connections(folder).path.is_file():
            raise no_index(folder)
        with readable(folder):
            database = cls(folder)
            try:
                database._check_format()
            except (sqlite3.DatabaseError, CannotRun):
                database.close()
                raise
        return database

    def close(self) -> None:
        """Closes the connection; a later transaction raises CannotRun."""
        self._closed = True
        self.connection.close()

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:
        """Executes one statement."""
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> sqlite3.Cursor:
        """Executes one statement for each set of parameters."""
        return self.connection.executemany(sql, parameters)

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Runs the block as one transaction: others see nothing of it before its end, an error undoes it.

        With `write=False`, everything read inside comes from the same version. Raises NoIndex if the database was
        removed. If another one has replaced it, that one is read from then on, but writing raises CannotRun, because
        what is to be written was prepared for the former one.
        """
        if self._closed:
            raise CannotRun(f"The index in {self.folder} was closed. Open it again with Index.open.")
        with readable(self.folder):
            if self._connections.replaced():
                self._follow(write=write)
            elif self._connections.outdated():
                self.connection.close()
                self.connection = self._connections.open()
            self.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # on a full disk, SQLite has undone it already
                    self.execute("ROLLBACK")
                raise
            if self._connections.outdated():
                raise CannotRun(f"The index in {self.folder} was changed while it was read. Try again.")
            if write and self._connections.replaced():
                raise self._replaced()

    def _follow(self, *, write: bool) -> None:
        """Opens the database that replaced this one. Raises NoIndex if there is none, CannotRun with `write`."""
        if not self._connections.path.is_file():
            raise NoIndex(f"The index in {self.folder} was removed. Put it back, or make it anew with: clippings chat")
        if write:
            raise self._replaced()
        found = Database.open(self.folder)
        self.connection.close()
        self.connection, self._connections = found.connection, found._connections

    def _replaced(self) -> CannotRun:
        return CannotRun(
            f"The index in {self.folder} was removed or replaced while it was being changed. What lies there now was "
            "left as it is. Run the same command again."
        )

    def _check_format(self) -> None:
        if self.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:  # its making was interrupted
            raise no_index(self.folder)
        found = Meta(self).get("format") or "unknown"
        if found != str(FORMAT):
            raise DamagedIndex(
                f"The index in {self.folder} has format {found}, this program reads format {FORMAT}. "
                "Use the clippings that wrote it, or another folder with --index."
            )


def no_index(folder: Path) -> NoIndex:
    """Returns the error that there is no index in `folder`."""
    return NoIndex(f"No index in {folder}. Build one with: clippings index update FOLDER_OF_ARTICLES")
