"""Writes the rows of a table as lines that can be read, found and quoted each by itself.

A row of a table of wards becomes "Skell: Winner Ada Strom, Votes 1,954, Turnout 55.0%": its first cell, then the other
cells, each behind the heading of its column. Independent of the file format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Rows = Sequence[Sequence[str]]
"""The cells of a table, row by row, as text; "" for an empty one. A cell over several columns is repeated in each."""


def table_lines(rows: Rows, headings: int | None = None) -> list[str]:
    """Returns a line for every row that is not empty.

    `headings` is the number of rows at the top that hold the headings of the columns; None if it is not known.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows if any(cell.strip() for cell in row)]
    top = (_headings(cells) if headings is None else headings) if len(cells) > 1 else 0
    names = list(_names(cells[:top]))
    return [_line(row, names) for row in cells[top:]]


def _headings(cells: Rows) -> int:
    """Returns 1 if the first row seems to hold headings: it has no digits, but most rows below have some; else 0."""
    first, below = cells[0], cells[1:]
    if len(below) < 2:
        return 0
    if len(set(filter(None, first))) < max(2, len([cell for cell in first if cell])) or any(map(_has_digit, first)):
        return 0
    return int(2 * sum(any(map(_has_digit, row[1:])) for row in below) >= len(below))


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _names(rows: Rows) -> Iterator[str]:
    """Yields the heading of each column, from top to bottom, without repetitions."""
    for column in range(max(map(len, rows), default=0)):
        parts = dict.fromkeys(row[column] for row in rows if column < len(row) and row[column])
        name = " ".join(parts).rstrip(":")
        # "2019 54%" could be read as one number.
        yield f"{name}:" if name[-1:].isdigit() else name


def _line(row: Sequence[str], names: Sequence[str]) -> str:
    label, *values = row
    if len(set(filter(None, row))) == 1:  # a note over all columns
        return next(filter(None, row))
    headed = list(names[1:]) + [""] * (len(values) - len(names) + 1)
    parts = [f"{name} {value}".strip() for name, value in zip(headed, values, strict=False) if value]
    return f"{label.rstrip(':')}: {', '.join(parts)}" if label and parts else label or ", ".join(parts)
