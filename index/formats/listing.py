"""Joins rows of tables without texts with the files beside them that hold the texts, as some programs export both."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from index.cleaning.field_names import plain_name

Facts = Mapping[str, Any]
"""A row of a table, of which `cleaning.metadata.read_fields` reads the fields."""

_LONGEST_KEY = 300
LISTED = "row of a list of articles"
"""The reason given for rows whose articles are read from the files that they are about."""

# Programs cut the names of files; so many characters of a title are enough to recognise it.
_ENOUGH = 30
# What programs append to a name to make it unique.
_ID = re.compile(r"[ _-]+[0-9a-f]{32}$", re.I)


class Listing:
    """Rows of tables, found by the names of the files that they are about."""

    def __init__(self) -> None:
        self._rows: dict[str, Facts | None] = {}
        self._used: set[int] = set()
        self.size = 0
        """Number of rows."""

    def add(self, rows: Iterable[Facts]) -> None:
        """Adds the rows of a table."""
        for row in rows:
            self.size += 1
            for key in {plain_name(value) for value in row.values() if isinstance(value, str)}:
                if 0 < len(key) <= _LONGEST_KEY:
                    same = key not in self._rows or self._rows[key] == row
                    self._rows[key] = row if same else None  # what stands in several rows tells none from another

    def row_of(self, name: str) -> Facts | None:
        """Returns the row about the file of a name, or None: it holds the title, number or name of it."""
        stem = _ID.sub("", PurePath(name).stem)
        keys = [plain_name(PurePath(name).name), plain_name(stem), *map(plain_name, stem.split(".", 1))]
        found = next((row for key in keys if (row := self._rows.get(key))), None)
        if found is None and len(keys[1]) >= _ENOUGH:
            begun = {id(row): row for key, row in self._rows.items() if row and key.startswith(keys[1])}
            found = next(iter(begun.values())) if len(begun) == 1 else None
        if found is not None:
            self._used.add(id(found))
        return found

    @property
    def joined(self) -> int:
        """Number of rows whose file was found."""
        return len(self._used)


def has_files(listing: Listing, table: str) -> bool:
    """Returns whether files beside a table on the disk, or in the folders beside it, are those that it lists."""
    names: list[str] = []
    with os.scandir(os.path.dirname(table)) as entries:
        for entry in entries:
            if entry.is_dir() and not entry.name.startswith("."):
                names += os.listdir(entry.path)
            elif entry.path != table:
                names.append(entry.name)
    return any(listing.row_of(name) is not None for name in names if not name.lower().endswith(_TABLES))


def row_beside(file: str, read: Callable[[str], Sequence[Facts]]) -> Facts | None:
    """Returns the row about a file on the disk, in a table in its folder or in the one above it; None if there is none.

    `read` returns the rows of a table that holds no texts.
    """
    folder = os.path.dirname(file)
    for one in (folder, os.path.dirname(folder)):
        for table in _tables_in(one, os.stat(one).st_mtime_ns):
            found = _listing_of(table, os.stat(table).st_mtime_ns, read).row_of(os.path.basename(file))
            if found is not None:
                return found
    return None


_TABLES = (".csv", ".tsv")
_LARGEST_TABLE = 20_000_000


@lru_cache(maxsize=64)
def _tables_in(folder: str, _changed: int) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        found = [one for one in entries if one.name.lower().endswith(_TABLES) and one.is_file()]
        return tuple(sorted(one.path for one in found if one.stat().st_size <= _LARGEST_TABLE))


@lru_cache(maxsize=64)
def _listing_of(table: str, _changed: int, read: Callable[[str], Sequence[Facts]]) -> Listing:
    listing = Listing()
    listing.add(read(table))
    return listing
