"""Reads files with one article in each row: `.jsonl`, `.csv` and `.tsv`.

A bad row is reported as a failure with its line number, and the rows after it are still read. Rows are read one by
one, so a file may be larger than the memory.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from index.cleaning.clean import clean
from index.cleaning.column_guess import SAMPLE, guess_columns, guessed_columns
from index.cleaning.dates import given_date
from index.cleaning.field_names import HIGHLIGHTS, NOTES, named, plain_name
from index.cleaning.metadata import (
    NO_COLUMNS,
    Columns,
    Fields,
    fields_in,
    has_keys,
    is_unpublished,
    read_fields,
    text_key,
)
from index.cleaning.paragraphs import cut
from index.decoding.charset import text_lines
from index.errors import UnreadableFile
from index.formats.containers.recognised_speech import as_subtitles, is_speech
from index.formats.documents.document import LARGEST_TEXT, Remark, Row, Skipped
from index.formats.paragraph_rows import Layout, join_paragraphs, layout_of
from index.formats.parsed import Draft, Outcome, with_fields
from index.formats.subtitles import clean_speech
from index.plural import several
from index.urls import is_address

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
# Number of characters of a column's name; a longer cell is a text.
_LONGEST_NAME = 60

# The column by which a crawler's rows, which may be in any order, can be sorted; and the rows that are then looked at.
_IN_ANY_ORDER = "web-scraper-order"
_MANY = 2_000

_SEPARATOR = re.compile(r"sep=(?P<mark>[^\w\s\"]|\t)", re.I)

Record = tuple[int, Mapping[str, Any] | ValueError]
"""The number of the line where a row begins, with the values of the row, or with the error in it."""


def read_rows(
    uri: str, file: BinaryIO, suffix: str, columns: Columns = NO_COLUMNS, *, largest: int = LARGEST_TEXT
) -> Iterator[Outcome]:
    """Yields an article or a failure for every row of an open file that is not empty; drafts are skipped.

    The uri of an article is `uri#id` (with the line number if the row has no id), and that of a failure is `uri:line`.
    `columns` maps fields to column names; `largest` is the largest size of a row in bytes. Columns with unknown names
    are recognised by their contents, which is reported. Rows that each hold a passage which a reader marked make one
    article for each title.
    """
    numbered = enumerate(text_lines(file, largest), 1)
    try:
        header, found = ([], _objects(numbered)) if suffix == ".jsonl" else _records(numbered, suffix, columns)
        rows, found = _sample(found, _MANY if _IN_ANY_ORDER in header else SAMPLE)
        if is_speech(header, [row for _, row in rows if isinstance(row, Mapping)]):
            yield _of_speech(uri, found)
            return
        if header and (layout := layout_of([row for _, row in rows if isinstance(row, Mapping)])):
            rows, found = _sample(found, sys.maxsize)
            pages, left_out = _pages(rows, layout)
            yield Remark(f"{uri}: rows that are paragraphs are joined by {layout.address!r}")
            yield from [Skipped("paragraph that several pages have", left_out)] if left_out else []
            columns = {"url": layout.address, **columns}
            rows, found = pages, chain(pages, islice(found, len(rows), None))
        guessed = guess_columns([row for _, row in rows if isinstance(row, Mapping)], columns)
        columns = {**guessed, **columns}
        key = _text_column(header, columns) if header else None
    except _WrongTable as error:
        yield UnreadableFile(uri, str(error))
        return
    if not rows:
        next(found, None)  # raises ValueError if the file is damaged
        yield UnreadableFile(uri, "is empty" if not header else "has no rows below the names of its columns")
        return
    if guessed:
        yield Remark(f"{uri}: {guessed_columns(guessed)}")
    marked = key is not None and plain_name(key) in HIGHLIGHTS and "title" in fields_in(header)
    read = _of_highlights if marked else _of_rows
    yield from read(uri, found, columns)


def _sample(found: Iterator[Record], size: int) -> tuple[list[Record], Iterator[Record]]:
    """Returns the first rows, and all rows; an error in reading the first is raised after those before it."""
    rows: list[Record] = []
    try:
        for row in islice(found, size):
            rows.append(row)
    except ValueError as error:
        return rows, chain(rows, _raised(error))
    return rows, chain(rows, found)


def _pages(rows: Sequence[Record], layout: Layout) -> tuple[list[Record], int]:
    """Returns a record for each page, and those that are wrong; and the number of paragraphs that are left out."""
    pages, left_out = join_paragraphs([(number, row) for number, row in rows if isinstance(row, Mapping)], layout)
    return [*((number, row) for number, row in rows if isinstance(row, ValueError)), *pages], left_out


def _of_speech(uri: str, rows: Iterable[Record]) -> Draft | UnreadableFile:
    cleaned = clean_speech(as_subtitles([row for _, row in rows if isinstance(row, Mapping)]), uri)
    return Draft(uri, cleaned) if cleaned.text else UnreadableFile(uri, "has no article text in it")


def _raised(error: ValueError) -> Iterator[Record]:
    yield from ()
    raise error


def listed_rows(file: BinaryIO, suffix: str) -> list[Mapping[str, Any]]:
    """Returns the rows of an open table without a column of texts; none if it has one, or is no table."""
    try:
        header, found = _records(enumerate(text_lines(file, LARGEST_TEXT), 1), suffix, NO_COLUMNS)
    except _WrongTable:
        return []
    return [] if text_key(header) else [row for _, row in found if isinstance(row, Mapping)]


def _of_rows(uri: str, rows: Iterable[Record], columns: Columns) -> Iterator[Outcome]:
    first: dict[str, int] = {}
    drafts = 0
    for number, row in rows:
        if isinstance(row, ValueError):
            yield _failed(uri, number, str(row))
        elif is_unpublished(row):
            drafts += 1
        else:
            yield _draft(uri, Row("", number, dict(row)), columns, first)
    if drafts:
        yield Skipped("draft", drafts)


_PICTURE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)")


def _of_highlights(uri: str, rows: Iterable[Record], columns: Columns) -> Iterator[Outcome]:
    """Yields an article for each title, of all its marked passages; the latest day counts, and notes are comments."""
    books: dict[str, Row] = {}
    for number, row in rows:
        if isinstance(row, ValueError):
            yield _failed(uri, number, str(row))
            continue
        fields = read_fields(row, columns)
        book = books.setdefault(fields.title or "", Row(fields.title or "", number, {"text": [], "comments": []}))
        book.values["text"] += filter(None, [_PICTURE.sub("", fields.text or "").strip()])
        notes = (str(named(row).get(name, "")).strip() for name in NOTES)
        book.values["comments"] += [note for note in notes if note and not note.startswith(".")]
        known = {"title": fields.title, "author": fields.author, "source": fields.source, "url": fields.url}
        book.values.update({name: value for name, value in known.items() if value})
        if day := fields.published or fields.noted:
            book.values["date"] = max(day, book.values.get("date", day))
    first: dict[str, int] = {}
    for book in books.values():
        yield _draft(uri, book, NO_COLUMNS, first)


def looks_like_table(text: str) -> bool:
    """Returns whether a plain text is a table: its first line names columns, among them one of texts."""
    line = next((line for line in text[:20_000].splitlines() if line.strip()), "")
    header = _names(line, _delimiter(line, ""))
    fields = fields_in(header)
    return len(header) > 2 and len(fields) > 2 and "text" in fields and max(map(len, header)) < _LONGEST_NAME


def has_fields(file: BinaryIO, suffix: str, columns: Columns) -> bool:
    """Returns whether the first row of an open file has all of `columns`."""
    numbered = enumerate(text_lines(file, LARGEST_TEXT), 1)
    if suffix == ".jsonl":
        return has_keys(next((row for _, row in _objects(numbered) if isinstance(row, Mapping)), {}), columns)
    return has_keys(dict.fromkeys(_header(_Table(numbered), suffix)[0]), columns)


def row_draft(uri: str, row: Row, columns: Columns, first: dict[str, int]) -> Draft | UnreadableFile | Skipped:
    """Returns the article of an object of a JSON file; `first` holds the numbers of the objects before it, by id."""
    if is_unpublished(row.values):
        return Skipped("draft", 1)
    if not fields_in([*row.values]).isdisjoint({"text"}) and not _is_something(read_fields(row.values, columns)):
        return Skipped("object without a text, title or address", 1)
    return _draft(uri, row, columns, first, unit="object")


def _is_something(fields: Fields) -> bool:
    return bool(fields.text or fields.title or fields.url)


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


def _records(lines: Numbered, suffix: str, columns: Columns) -> tuple[list[str], Iterator[Record]]:
    """Returns the names of a table's columns, and its records as mappings from these; nothing if it is empty."""
    table = _Table(lines)
    header, delimiter = _header(table, suffix)
    if header:
        _check_header(header, columns)
    return header, table.records(header, delimiter)


def _header(table: _Table, suffix: str) -> tuple[list[str], str]:
    """Returns the names of the columns, which are numbered if the first line is a row; and the delimiter.

    In tables made for Excel, the line before the header names the delimiter.
    """
    number, line = table.first()
    if match := _SEPARATOR.fullmatch(line.strip("\ufeff \r\n")):
        number, line = table.first()
        delimiter = match["mark"]
    else:
        delimiter = _delimiter(line, suffix)
    names = _names(line, delimiter)
    if any(_is_value(name) for name in names):
        names = [f"column {place}" for place in range(1, table.width(number, line, delimiter) + 1)]
    return names, delimiter


def _is_value(cell: str) -> bool:
    """Returns whether a cell is no name of a column: an address, a day, or a text."""
    return is_address(cell) or len(cell) > _LONGEST_NAME or (not cell.isdecimal() and given_date(cell) is not None)


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
    for field, name in columns.items():
        if text_key(header, {"text": name}) is None:
            raise _WrongTable(f"has no column {name!r} (--map {field}={name}); its columns are: {_listed(header)}")


def _text_column(header: Sequence[str], columns: Columns) -> str:
    key = text_key(header, columns)
    if key is None:
        hint = "Name one with --map text=COLUMN"
        if text_key(header, {"text": "url"}) or "url" in fields_in(header):
            hint += ", or give the addresses in it instead"
        raise _WrongTable(f"has no column for the text; its columns are: {_listed(header)}. {hint}")
    return key


class _Table:
    """Parses records from numbered lines, with the possibility to push lines back."""

    def __init__(self, lines: Numbered) -> None:
        self._lines = lines
        self._returned: deque[tuple[int, str | ValueError]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str | ValueError]]:
        return self

    def __next__(self) -> tuple[int, str | ValueError]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def first(self) -> tuple[int, str]:
        """Takes the first line that is not empty, with its number; an empty one if there is none."""
        return next(((number, line) for number, line in self if isinstance(line, str) and line.strip()), (0, ""))

    def width(self, number: int, line: str, delimiter: str) -> int:
        """Returns the number of values in the record that begins with a line, and pushes its lines back."""
        used: list[tuple[int, str | ValueError]] = []
        values = next(csv.reader(self._continued(line, used), delimiter=delimiter), [])
        self._returned.extendleft(reversed([(number, line), *used]))
        return len(values)

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
