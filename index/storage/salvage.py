"""Saves what can still be read of a damaged database, some pages of which SQLite itself cannot read.

    articles    row by row: a bad page costs the articles on it
    vectors     those whose checksum matches; the others are computed again
    the rest    is derived, or is restored by the next update

What was saved is written back in one transaction, so other processes continue, and an interruption leaves either the
old or the new. If not even SQLite's header is intact, the file is replaced. Chunks are left to `repair`. Every file is
read again by the next update, because an article of it may be lost.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from index.article import article_id
from index.embedding.embedder import DEFAULT_EMBEDDER
from index.errors import CannotRun, DamagedIndex
from index.storage.database.connection import DATABASE, damage_passed_over, decoded
from index.storage.database.schema import FORMAT, make_tables
from index.storage.database.statements import Row, insert_row, query_rows
from index.storage.staging import ANEW
from index.storage.versions import Versions

GAP = 100_000
"""Number of consecutive row ids without an article after which the search ends, if the highest is unknown."""

_NUMBERS = ("format", "dimension", "version")


def is_readable(folder: Path) -> bool:
    """Returns whether every page of the database in `folder` passes SQLite's check, and the `meta` entries are there.

    Raises sqlite3.DatabaseError for errors of the disk.
    """
    with damage_passed_over(), closing(sqlite3.connect(folder / DATABASE)) as db:
        db.text_factory = decoded
        # Twice, because a transient read error of the disk is reported in the same way as damage.
        if all([line for (line,) in db.execute("PRAGMA integrity_check")] != ["ok"] for _ in range(2)):
            return False
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            return True  # and is empty
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return "embedder" in meta and all(meta.get(name, "").isdigit() for name in _NUMBERS)
    return False


def salvage(folder: Path) -> list[str]:
    """Replaces a damaged database by what can be read of it; keeps a readable one. The caller holds the writer lock.

    Returns the files of which no article was saved. Raises DamagedIndex if no article can be read.
    """
    path = folder / DATABASE
    mended = path.with_name(f"{DATABASE}.mended")
    try:
        mended.unlink(missing_ok=True)  # left by an interrupted repair
    except OSError as error:
        raise CannotRun(
            f"{mended} is in the way of the repair and cannot be removed: {error.strerror}. Make the folder writable, "
            "then run the same command again."
        ) from error
    if is_readable(folder):
        return []
    with closing(sqlite3.connect(mended, isolation_level=None)) as new:
        new.execute("BEGIN")
        make_tables(new)
        with closing(sqlite3.connect(path, isolation_level=None)) as old:
            old.text_factory = decoded
            with damage_passed_over():  # without this, SQLite does not read a truncated file
                old.execute("PRAGMA writable_schema = ON")
            _save(old, new)
        saved = new.execute("SELECT count(*) FROM article").fetchone()[0]
        new.execute("COMMIT")
        lost = new.execute(
            "SELECT path FROM file WHERE path NOT IN (SELECT file FROM article) ORDER BY path"
        ).fetchall()
        if saved:
            _put_back(new, path)
    if saved:
        with suppress(OSError):  # the index is complete; the next repair deletes the rest
            mended.unlink(missing_ok=True)
        return [name for (name,) in lost]
    mended.unlink()
    raise DamagedIndex(
        f"Of the index in {folder} not one article can be read. Move the folder away and build it again with: "
        "clippings index update FOLDER_OF_ARTICLES"
    )


def _save(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    meta = {row["key"]: row["value"] for row in _both_ways(old, "meta", "key")}
    embedder = meta.get("embedder") or DEFAULT_EMBEDDER
    dimension = meta.get("dimension", "")
    version = meta.get("version", "")
    known = {
        "format": str(FORMAT),
        "embedder": embedder,
        "dimension": dimension if dimension.isdigit() else "0",
        "version": version if version.isdigit() else "0",
        "snapshot": meta.get("snapshot", ""),
    }
    new.executemany("INSERT INTO meta VALUES (?, ?)", known.items())
    for article in _articles(old):
        _insert(new, "article", article)
    for file in _both_ways(old, "file", "path"):
        _insert(new, "file", file | {"sha256": "?" + str(file["sha256"]).lstrip("?"), "failures": None})
    number = int(known["version"])
    for row in _both_ways(old, "embedding", "key"):
        key, vectors = row["key"], row["vectors"]
        if isinstance(vectors, bytes) and zlib.crc32(vectors) == row["crc"]:
            # Marked like the vectors of an interrupted repair, so that `repair` uses them.
            anew = key if key.startswith(ANEW) else ANEW + key
            _insert(new, "embedding", row | {"key": anew})
            _insert(new, "unused", {"key": anew, "since": number})
    Versions(new).add(number, "repair", embedder, int(known["dimension"]))


def _articles(db: sqlite3.Connection) -> Iterator[Row]:
    """Yields every readable article row, looked up by row id; `repair` finds out which are damaged."""
    highest = _highest(db)
    number = last = 0
    while number < (last + GAP if highest is None else highest):
        number += 1
        with damage_passed_over():
            for row in query_rows(db, "SELECT * FROM article WHERE rowid = ?", number):
                last = number
                if isinstance(row["uri"], str) and row["id"] == article_id(row["uri"]):
                    yield row


def _highest(db: sqlite3.Connection) -> int | None:
    """Returns an upper bound of the articles' row ids; None if unreadable. Chunk ids grow faster than article ids."""
    readable = False
    with damage_passed_over():
        db.execute("SELECT 1 FROM article LIMIT 0")
        readable = True
    if not readable:  # the schema is unreadable, so no row can be read
        return 0
    for sql in ("SELECT max(rowid) FROM article", "SELECT seq FROM sqlite_sequence WHERE name = 'chunk'"):
        with damage_passed_over():
            return int((db.execute(sql).fetchone() or (0,))[0] or 0)
    return None


def _both_ways(db: sqlite3.Connection, table: str, key: str) -> Iterator[Row]:
    """Yields the rows of a table from its start to the first bad page, then from its end back to the last."""
    seen = set()
    for direction in ("ASC", "DESC"):
        with damage_passed_over():
            for row in query_rows(db, f"SELECT * FROM {table} ORDER BY {key} {direction}"):
                if row[key] not in seen:
                    seen.add(row[key])
                    yield row


def _insert(db: sqlite3.Connection, table: str, row: Row) -> None:
    """Inserts a row; one that violates a constraint (a second article with the same id) is damaged, and left out.

    Other errors, such as a full disk, are raised.
    """
    with suppress(sqlite3.IntegrityError):
        insert_row(db, table, row)


def _put_back(new: sqlite3.Connection, path: Path) -> None:
    """Writes into the file in place if SQLite accepts it, so that other processes see it; otherwise replaces it."""
    with damage_passed_over(), closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as old:
        old.execute("PRAGMA writable_schema = ON")
        new.backup(old)
    if is_readable(path.parent):
        return
    (source,) = (Path(name) for _, _, name in new.execute("PRAGMA database_list"))
    with source.open("rb+") as whole:
        os.fsync(whole.fileno())
    for suffix in ("-wal", "-shm"):  # of the damaged database
        path.with_name(f"{DATABASE}{suffix}").unlink(missing_ok=True)
    source.replace(path)
