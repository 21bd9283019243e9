"""Files with one article a row: `.jsonl`, `.csv` and `.tsv`.

A bad row is a failure with the number of its line, and the rows after it are read all the same. Rows are read one
by one, so a file may be larger than the memory.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from index.cleaning import clean
from index.decoding import text_lines
from index.document import LARGEST_TEXT
from index.draft import Draft, with_fields
from index.errors import UnreadableFile
from index.fields import NO_COLUMNS, Columns, Fields, read_fields, text_key
from index.paragraphs import cut

SUFFIXES = (".jsonl", ".csv", ".tsv")
"""What a file with one article a row ends with."""

# A quotation mark that is never closed would make one row of all that follows; no article has so many lines.
_MOST_LINES = 10_000

# Each is an object of some 60 bytes, so a row of 50 MB in which "[]" is repeated would take a gigabyte; prose has a
# comma for every 80 characters.
_MOST_VALUES = 2_000_000
_MOST_COLUMNS = 10_000
_NAMED = 30

Row = tuple[int, Mapping[str, Any] | ValueError]
"""The number of the line where a row begins, with its values or with what is wrong with it."""


def read_rows(
    uri: str, file: BinaryIO, suffix: str, columns: Columns = NO_COLUMNS, *, largest: int = LARGEST_TEXT
) -> Iterator[Draft | UnreadableFile]:
    """The rows of an open file: every one that is not empty is an article or a failure.

    The uri of an article is `uri#id`, with the number of its line where it has no id, and that of a failure `uri:line`.
    `columns` says under which names the fields are; `largest` is the largest row in bytes.
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
                yield _draft(uri, number, read_fields(row, columns), columns, first)
    except _WrongTable as error:
        yield UnreadableFile(uri, str(error))
        return
    if not number:
        yield UnreadableFile(uri, "is empty")


def has_fields(file: BinaryIO, suffix: str, columns: Columns) -> bool:
    """Whether the first row of an open file has all of `columns`."""
    numbered = enumerate(text_lines(file, LARGEST_TEXT), 1)
    if suffix == ".jsonl":
        names = next((list(row) for _, row in _objects(numbered) if isinstance(row, Mapping)), [])
    else:
        line = _first(numbered)
        names = _names(line, _delimiter(line, suffix))
    return all(text_key(names, {"text": name}) is not None for name in columns.values())


def _draft(uri: str, number: int, fields: Fields, columns: Columns, first: dict[str, int]) -> Draft | UnreadableFile:
    name = fields.id or str(number)
    earlier = first.setdefault(name, number)
    if earlier != number:
        return _failed(uri, number, f"has the id {name!r} of line {earlier}")
    try:
        cleaned = with_fields(clean(fields.text or "", title=fields.title), fields)
    except ValueError as error:
        return _failed(uri, number, str(error))
    if not cleaned.text:
        looked_for = columns.get("text", "text, body, content")
        return _failed(uri, number, f"has no text (looked for: {looked_for})")
    return Draft(f"{uri}#{name}", cleaned)


def _failed(uri: str, number: int, what: str) -> UnreadableFile:
    return UnreadableFile(f"{uri}:{number}", f"line {number} {what}", table=uri)


class _WrongTable(ValueError):
    """The file as a whole is no table of articles."""


Numbered = Iterator[tuple[int, str | ValueError]]


def _objects(lines: Numbered) -> Iterator[Row]:
    """The objects of a `.jsonl` file."""
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


def _records(lines: Numbered, suffix: str, columns: Columns) -> Iterator[Row]:
    """The records of a table, as mappings from the names in its first row."""
    table = _Table(lines)
    line = _first(table)
    if not line:
        return
    delimiter = _delimiter(line, suffix)
    header = _names(line, delimiter)
    _check_header(header, columns)
    yield from table.records(header, delimiter)


def _first(lines: Numbered) -> str:
    """The first line that is not empty, which names the columns; "" where there is none."""
    return next((line for _, line in lines if isinstance(line, str) and line.strip()), "")


def _delimiter(header: str, suffix: str) -> str:
    """Comma, semicolon, tab or bar: what parts the names in the first row into most; in a `.tsv` file a tab."""
    return "\t" if suffix == ".tsv" else max(",;\t|", key=lambda mark: (len(_names(header, mark)), mark == ","))


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    except csv.Error:
        return []  # no table at all, which is told as one without a column for the text


def _check_header(header: Sequence[str], columns: Columns) -> None:
    if len(header) > _MOST_COLUMNS:
        raise _WrongTable(f"has {len(header):,} columns, more than the {_MOST_COLUMNS:,} of a table of articles")
    names = ", ".join(cut(name) for name in header[:_NAMED]) + (", …" if len(header) > _NAMED else "")
    for field, name in columns.items():
        if text_key(header, {"text": name}) is None:
            raise _WrongTable(f"has no column {name!r} (--map {field}={name}); its columns are: {names}")
    if text_key(header, columns) is None:
        raise _WrongTable(f"has no column for the text; its columns are: {names}. Name one with --map text=COLUMN")


class _Table:
    """Numbered lines that can be given back, and the records that they make."""

    def __init__(self, lines: Numbered) -> None:
        self._lines = lines
        self._returned: deque[tuple[int, str | ValueError]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str | ValueError]]:
        return self

    def __next__(self) -> tuple[int, str | ValueError]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def records(self, header: Sequence[str], delimiter: str) -> Iterator[Row]:
        """Every record as a mapping, or what is wrong with it.

        After a bad record that took several lines, which a stray quotation mark makes, reading goes on with the
        second of them.
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
        """The lines that the record beginning with `line` may take; those taken are noted in `used`."""
        yield line
        length = len(line)
        while len(used) < _MOST_LINES and length <= LARGEST_TEXT and (following := next(self, None)):
            used.append(following)
            if isinstance(following[1], ValueError):
                return
            length += len(following[1])
            yield following[1]


def _record(lines: Iterator[str], header: Sequence[str], delimiter: str) -> Mapping[str, Any] | ValueError:
    # The module's limit is 128 KB for a field, and belongs to the whole process.
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
        found = "1 value" if len(values) == 1 else f"{len(values)} values"
        marks = (
            f" (a value that holds {delimiter!r} must stand in quotation marks)" if len(values) > len(header) else ""
        )
        return ValueError(f"has {found}, but the first row names {len(header)} columns{marks}")
    return dict(zip(header, values, strict=True))
