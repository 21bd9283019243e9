"""Statements on a database: what executes them, and rows as dictionaries by column name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

Row = dict[str, Any]


class Statements(Protocol):
    """A connection of SQLite's, or a `Database`, which chooses the connection."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> sqlite3.Cursor:
        """Executes one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> sqlite3.Cursor:
        """Executes one statement for each set of parameters."""


def query_rows(db: Statements, sql: str, *values: object) -> Iterator[Row]:
    """Yields the rows of a query as dictionaries by column name."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def insert_row(db: Statements, table: str, row: Row) -> None:
    """Inserts one row by column name, so a row that was stored fits a later schema that has more columns."""
    names = ", ".join(f'"{name}"' for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
