"""Reads files with one article in each row: `.jsonl`, `.csv` and `.tsv`.

A bad row is reported as a failure with its line number, and the rows after it are still read. Rows are read one by
one, so a file may be larger than the memory.
"""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from index.cleaning.clean import clean
from index.cleaning.metadata import NO_COLUMNS, Columns, has_keys, read_fields, text_key
from index.cleaning.paragraphs import cut
from index.decoding.charset import text_lines
from index.errors import UnreadableFile
from index.formats.documents.document import LARGEST_TEXT, Row
from index.formats.parsed import Draft, with_fields
from index.plural import several

SUFFIXES = (".jsonl", ".csv", ".tsv")
"""The suffixes of files with one article in each row."""

# Largest number of further lines of a row. Without it, a quotation mark that is never closed would make the rest of the
# file one row; no article has so many lines.
_MOST_LINES = 10_000

# Largest number of JSON values in a row, counted as "[", "{" and ",". Each takes about 60 bytes of memory, so a row of
# 50 MB that repeats "[]" would take a gigabyte; prose has a comma in every 80 characters.
_MOST_VALUES = 2_000_000
_MOST_COLUMNS = 10_000
_NAMED = 30

_SEPARATOR = re.compile(r"sep=(?P<mark>[^\w\s\"]|\t)", re.I)

Record = tuple[int, Mapping[str, Any] | ValueError]
"""The number of the line where a row begins, with the values of the row, or with the error in it."""


def read_rows(
    uri: str, file: BinaryIO, suffix: str, columns: Columns = NO_COLUMNS, *, largest: int = LARGEST_TEXT
) -> Iterator[Draft | UnreadableFile]:
    """Yields an article or a failure for every row of an open file that is not empty.

    The uri of an article is `uri#id` (with the line number if the row has no id), and that of a failure is `uri:line`.
    `columns` maps fields to column names; `largest` is the largest size of a row in bytes.
    """
    numbered = enumerate(text_lines(file, largest), 1)
    found = _objects(numbered) if suffix == ".jsonl" else _records(numbered, suffix, columns)
    first: dict[str, int] = {}
    number = 0
    try:
        for number, row in found:
            if isinstance(row, ValueError):
                yield _failed(uri, number, str(row))
            else:
                yield _draft(uri, Row("", number, dict(row)), columns, first)
    except _WrongTable as error:
        yield UnreadableFile(uri, str(error))
        return
    if not number:
        yield UnreadableFile(uri, "is empty")


def has_fields(file: BinaryIO, suffix: str, columns: Columns) -> bool:
    """Returns whether the first row of an open file has all of `columns`."""
    numbered = enumerate(text_lines(file, LARGEST_TEXT), 1)
    if suffix == ".jsonl":
        return has_keys(next((row for _, row in _objects(numbered) if isinstance(row, Mapping)), {}), columns)
    return has_keys(dict.fromkeys(_names(*_header(numbered, suffix))), columns)


def row_draft(uri: str, row: Row, columns: Columns, first: dict[str, int]) -> Draft | UnreadableFile:
    """Returns the article of an object of a JSON file; `first` holds the numbers of the objects before it, by id."""
    return _draft(uri, row, columns, first, unit="object")


def _draft(
    uri: str, row: Row, columns: Columns, first: dict[str, int], *, unit: str = "line"
) -> Draft | UnreadableFile:
    fields = read_fields(row.values, columns)
    name = fields.id or row.name or str(row.number)
    earlier = first.setdefault(name, row.number)
    if earlier != row.number:
        return _failed(uri, row.number, f"has the id {name!r} of {unit} {earlier}", unit)
    try:
        cleaned = with_fields(clean(fields.text or "", title=fields.title), fields)
    except ValueError as error:
        return _failed(uri, row.number, str(error), unit)
    if not cleaned.text:
        looked_for = columns.get("text", "text, body, content")
        keys = f"; its keys are: {_listed([*row.values])}; name one with --map text=KEY"
        named = text_key([*row.values], columns) is not None
        return _failed(uri, row.number, f"has no text (looked for: {looked_for}{'' if named else keys})", unit)
    return Draft(f"{uri}#{name}", cleaned)


def _failed(uri: str, number: int, what: str, unit: str = "line") -> UnreadableFile:
    return UnreadableFile(f"{uri}:{number}", f"{unit} {number} {what}", table=uri)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(cut(name) for name in names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


class _WrongTable(ValueError):
    """The whole file is not a table of articles."""


Numbered = Iterator[tuple[int, str | ValueError]]


def _objects(lines: Numbered) -> Iterator[Record]:
    """Yields the objects of a `.jsonl` file."""
    for number, line in lines:
        if isinstance(line, ValueError):
            yield number, line
        elif line.strip():
            yield number, _object(line)


def _object(line: str) -> Mapping[str, Any] | ValueError:
    if (values := sum(map(line.count, "[{,"))) > _MOST_VALUES:
        return ValueError(f"has {values:,} values, more than the {_MOST_VALUES:,} of one article")
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        where = f": {error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return ValueError(f"is not valid JSON{where}")
    return row if isinstance(row, dict) else ValueError(f"is a JSON {type(row).__name__}, not an object")


def _records(lines: Numbered, suffix: str, columns: Columns) -> Iterator[Record]:
    """Yields the records of a table, as mappings from the column names in its first row."""
    table = _Table(lines)
    line, delimiter = _header(table, suffix)
    if not line:
        return
    header = _names(line, delimiter)
    _check_header(header, columns)
    yield from table.records(header, delimiter)


def _first(lines: Numbered) -> str:
    """Returns the first line that is not empty, which is the header; "" if there is none."""
    return next((line for _, line in lines if isinstance(line, str) and line.strip()), "")


def _header(lines: Numbered, suffix: str) -> tuple[str, str]:
    """Returns the header and the delimiter, which the line before the header names in tables made for Excel."""
    line = _first(lines)
    if match := _SEPARATOR.fullmatch(line.strip("\ufeff \r\n")):
        return _first(lines), match["mark"]
    return line, _delimiter(line, suffix)


def _delimiter(header: str, suffix: str) -> str:
    """Returns the one of comma, semicolon, tab and bar that splits the header into most names; a tab in `.tsv`."""
    return "\t" if suffix == ".tsv" else max(",;\t|", key=lambda mark: (len(_names(header, mark)), mark == ","))


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    except csv.Error:
        return []  # no table, which is reported as one without a text column


def _check_header(header: Sequence[str], columns: Columns) -> None:
    if len(header) > _MOST_COLUMNS:
        raise _WrongTable(f"has {len(header):,} columns, more than the {_MOST_COLUMNS:,} of a table of articles")
    names = _listed(header)
    for field, name in columns.items():
        if text_key(header, {"text": name}) is None:
            raise _WrongTable(f"has no column {name!r} (--map {field}={name}); its columns are: {names}")
    if text_key(header, columns) is None:
        raise _WrongTable(f"has no column for the text; its columns are: {names}. Name one with --map text=COLUMN")


class _Table:
    """Parses records from numbered lines, with the possibility to push lines back."""

    def __init__(self, lines: Numbered) -> None:
        self._lines = lines
        self._returned: deque[tuple[int, str | ValueError]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str | ValueError]]:
        return self

    def __next__(self) -> tuple[int, str | ValueError]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def records(self, header: Sequence[str], delimiter: str) -> Iterator[Record]:
        """Yields every record as a mapping, or as the error in it.

        After a bad record of several lines, which a stray quotation mark can cause, parsing continues at the second
        of these lines.
        """
        for number, line in self:
            if isinstance(line, ValueError):
                yield number, line
                continue
            if not line.strip():
                continue
            used: list[tuple[int, str | ValueError]] = []
            row = _record(self._continued(line, used), header, delimiter)
            if isinstance(row, ValueError):
                self._returned.extendleft(reversed(used))
            yield number, row

    def _continued(self, line: str, used: list[tuple[int, str | ValueError]]) -> Iterator[str]:
        """Yields the lines of the record that begins with `line`; appends those after it to `used`, when requested."""
        yield line
        length = len(line)
        while len(used) < _MOST_LINES and length <= LARGEST_TEXT and (following := next(self, None)):
            used.append(following)
            if isinstance(following[1], ValueError):
                return
            length += len(following[1])
            yield following[1]


def _record(lines: Iterator[str], header: Sequence[str], delimiter: str) -> Mapping[str, Any] | ValueError:
    # The default limit of the csv module is 128 KB for a field; it applies to the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_TEXT))
    try:
        values = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        what = str(error)
        if "unexpected end" in what:
            what = "a quotation mark is opened and never closed"
        elif "expected after" in what:
            what = "a quotation mark stands inside a quoted value (write it twice)"
        return ValueError(f"is not a valid row: {what}")
    while len(values) > len(header) and not values[-1].strip():
        values.pop()
    if len(values) != len(header):
        marks = f" (a value that holds {delimiter!r} must stand in quotation marks)" * (len(values) > len(header))
        return ValueError(f"has {several(len(values), 'value')}, but the first row names {len(header)} columns{marks}")
    return dict(zip(header, values, strict=True))
