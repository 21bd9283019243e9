"""Connections to the database, also where nothing can be written; translation of SQLite's errors for users."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from index.errors import CannotRun, DamagedIndex
from index.storage.database.file_stamp import Stamp, same_file, stamp

DATABASE = "clippings.sqlite"

_NOT_WRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""SQLite's result codes if it cannot create the files beside the database that even reading it needs."""

_SAYS_DAMAGED = ("no such table", "no such column", "malformed JSON", "user-defined function raised")
"""Prefixes of SQLite messages that usually mean a programming error, but that only damage can cause here."""


class Connections:
    """Opens the database in a folder, and reopens it when necessary.

    Where SQLite cannot write (a read-only folder, a full disk), the database is opened as immutable, and `stamp`
    records the state of its file, to detect changes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / DATABASE
        self.stamp: Stamp | None = None
        self._file: Stamp | None = None

    def open(self) -> sqlite3.Connection:
        """Returns a new connection. Raises sqlite3.Error if the database cannot be opened."""
        before = stamp(self.path)  # if the file is replaced before the next line, `replaced` will notice
        connection = self._opened()
        self._file = before or stamp(self.path)
        return connection

    def _opened(self) -> sqlite3.Connection:
        try:
            connection = _writable(self.path)
            self.stamp = None
        except sqlite3.OperationalError as error:
            wal = self.path.with_name(f"{DATABASE}-wal")
            if _code(error) not in _NOT_WRITABLE or not self.path.is_file():
                raise
            if wal.is_file() and wal.stat().st_size:
                raise CannotRun(
                    f"The index in {self.folder} was left in the middle of an update, and the folder cannot be "
                    "written. Make it writable once and run: clippings index status"
                ) from error
            self.stamp = stamp(self.path)
            connection = _unchanging(self.path)
        return connection

    def replaced(self) -> bool:
        """Returns whether the opened file was removed, or replaced by another one, such as a restored backup.

        The opened file could still be read and written indefinitely, and nobody would notice.
        """
        return not same_file(self._file, stamp(self.path))

    def outdated(self) -> bool:
        """Returns whether a database that was opened as immutable has changed since."""
        return self.stamp is not None and self.stamp != stamp(self.path)


def _writable(path: Path) -> sqlite3.Connection:
    """Opens in autocommit mode (transactions begin explicitly) and WAL mode (readers not blocked), for all threads."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    return _prepared(connection, "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")


def _unchanging(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
    return _prepared(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False))


def _prepared(connection: sqlite3.Connection, *pragmas: str) -> sqlite3.Connection:
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    connection.text_factory = decoded
    # SQLite's own lower() handles ASCII only.
    connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)
    return connection


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Raises SQLite's errors in the block as DamagedIndex, or CannotRun for a full disk and other causes."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) == sqlite3.SQLITE_FULL:
            raise CannotRun(
                f"The disk is full: neither the index in {folder} nor its temporary files can grow. Nothing that was "
                "indexed is lost. Free some space, then run the same command again; it goes on from there."
            ) from error
        if _code(error) == sqlite3.SQLITE_READONLY:
            raise CannotRun(
                f"The index in {folder} cannot be written, only read: the folder is read-only, or the disk is full. "
                "Nothing that was indexed is lost. Make it writable or free some space, then run the command again."
            ) from error
        if not str(error).startswith(_SAYS_DAMAGED):
            raise CannotRun(f"The index in {folder} cannot be used: {error}.") from error
        raise _damaged(folder, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(folder, error) from error


def _code(error: sqlite3.Error) -> int:
    """Returns SQLite's primary result code; 0 for errors of Python's sqlite3 module itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_DAMAGE = (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_MISMATCH)


@contextmanager
def damage_passed_over() -> Iterator[None]:
    """Leaves the block silently if the database is damaged; other errors, of the disk for example, are raised.

    What cannot be read because of those may be intact, so it must not be treated as lost.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) not in _DAMAGE:
            raise


def decoded(text: bytes) -> str:
    """Decodes stored text. Invalid bytes are replaced and do not stop reading; the hash of the row reveals them."""
    return text.decode(errors="replace")


def _damaged(folder: Path, error: sqlite3.Error) -> DamagedIndex:
    return DamagedIndex(
        f"The index in {folder} cannot be read ({error}). Save what is sound of it with: clippings index repair"
    )
