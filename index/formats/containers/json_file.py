"""Reads the articles in a JSON file: lists of objects, wherever they are, one object, or one object a line.

Runs in the sandbox, because a small file can take much memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from index.cleaning.column_guess import guess_columns, guessed_columns
from index.cleaning.field_names import LISTED_IN
from index.cleaning.metadata import Columns, has_text, value_at
from index.decoding.charset import decode
from index.formats.containers.recognised_speech import are_segments, as_subtitles
from index.formats.containers.site_tables import posts_in
from index.formats.documents.document import Failed, Item, Member, Remark, Row, Skipped
from index.urls import is_address

_DEEPEST = 5
# Number of words of the longest string below which an object holds no article.
_FEWEST_WORDS = 8
_DECODER = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"[\s,;]*")


def read_json(file: BinaryIO, columns: Columns) -> Iterator[Item]:
    """Yields the objects that may be articles. Raises ValueError, with a message for users, if there are none."""
    text = decode(file.read()).lstrip("\ufeff \t\r\n")
    if not text:
        raise ValueError("is empty")
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        yield from _cut_off(text, error)
        return
    if text[end:].strip():  # one object a line, under the name of another format
        yield from _sequence(text, 0)
        return
    if isinstance(value, dict) and are_segments(value.get("segments")):
        yield Member("", ".vtt", as_subtitles(value["segments"]).encode())
        return
    if isinstance(value, dict) and _most_words(value) < _FEWEST_WORDS:  # settings of a program and the like
        yield Skipped("JSON without a text", 1)
        return
    if (dump := posts_in(value)) is not None:
        value, others = dump
        yield from [Skipped("page of the site, or a file", others)] if others else []
    yield from _rows(value, columns)


def _most_words(value: Any) -> int:
    """Returns the number of words in the longest string in a value."""
    if isinstance(value, str):
        return len(value.split())
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_most_words(one) for one in inner), default=0)


def _rows(value: Any, columns: Columns) -> Iterator[Item]:
    found = _articles(value, columns)
    if not found:
        raise ValueError(f"holds no object, but a {type(value).__name__}, so no article")
    guessed = guess_columns([row for row in found.values() if isinstance(row, dict)], columns)
    if guessed:
        yield Remark(guessed_columns(guessed))
    for number, (name, row) in enumerate(found.items(), 1):
        if isinstance(row, dict):
            yield Row(name, number, _mapped(_outline(row), guessed))
        else:
            yield Failed(str(number), f"is a JSON {type(row).__name__}")


def _mapped(row: dict[str, Any], guessed: Mapping[str, str]) -> dict[str, Any]:
    """Returns a row in which the values of the recognised keys stand under the names of their fields, too."""
    return {**row, **{field: value_at(row, path.split(".")) for field, path in guessed.items()}} if guessed else row


def _outline(row: dict[str, Any]) -> dict[str, Any]:
    """Returns a page of an outline (Roam's) with its lines as its text, of which some may name its facts."""
    if not isinstance(row.get("children"), list) or has_text(row):
        return row
    lines = [*_lines(row["children"], _DEEPEST_OUTLINE)]
    facts = [match for line in lines if (match := _FACT.fullmatch(line))]
    text = [_MARKED.sub("", _LINKED.sub(r"\1", line)) for line in lines if not _FACT.fullmatch(line)]
    known = {match["key"]: _LINKED.sub(r"\1", match["value"]) for match in facts}
    return {key: one for key, one in row.items() if key != "children"} | known | {"text": text}


_DEEPEST_OUTLINE = 50
_FACT = re.compile(r"\**(?P<key>[^\W\d_][\w -]{0,30})\**::\**\s*(?P<value>.*)")
_LINKED = re.compile(r"\[\[([^\[\]]*)\]\]")
_MARKED = re.compile(r"\(\([\w-]{6,20}\)\)|\^\^|\*\*|__|\{\{[^{}]*\}\}")


def _lines(children: list[Any], depth: int) -> Iterator[str]:
    for child in children:
        if isinstance(child, dict):
            if isinstance(child.get("string"), str) and child["string"].strip():
                yield child["string"]
            if depth and isinstance(child.get("children"), list):
                yield from _lines(child["children"], depth - 1)


def _articles(value: Any, columns: Columns) -> dict[str, Any]:
    """Returns the objects that are articles, by name: of all lists and objects of objects, those with most text.

    An object with a text of its own is the only article.
    """
    value = _as_rows(value)
    if isinstance(value, dict):
        own = {key: one for key, one in value.items() if not isinstance(one, dict)}
        if has_text(own, columns):
            return {"1": value}
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    _collect(value, (), groups, columns)
    if not groups:
        return {"1": value} if isinstance(value, dict) else {}
    most = max(groups.values(), key=lambda group: (_texts(group, columns), _words(group), len(group)))
    if isinstance(value, list) or _texts(most, columns) or not has_text(value, columns):
        return most
    return {"1": value}


def _as_rows(value: Any) -> Any:
    """Returns a table written as columns, or as names and rows, as a list of objects; anything else as it is."""
    if isinstance(value, list) and len(value) > 1 and all(isinstance(one, list) for one in value):
        return _zipped(value[0], value[1:])
    if not isinstance(value, dict):
        return value
    names: list[Any] = next(
        (value[key] for key in ("columns", "fields", "header", "cols") if isinstance(value.get(key), list)), []
    )
    rows: list[list[Any]] = next(
        (value[key] for key in ("data", "rows", "values") if isinstance(value.get(key), list)), []
    )
    if names and rows and all(isinstance(one, list) for one in rows):
        return _zipped([one.get("name") if isinstance(one, dict) else one for one in names], rows)
    columns = [*value.values()]
    if len(columns) > 1 and all(isinstance(one, list) and len(one) == len(columns[0]) > 0 for one in columns):
        flat = not any(isinstance(cell, dict | list) for column in columns for cell in column)
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)] if flat else value
    if len(columns) > 1 and all(isinstance(one, dict) and [*one] == [*columns[0]] for one in columns):
        numbered = all(key.isdecimal() for key in columns[0])  # as pandas numbers rows
        return [{name: one[key] for name, one in value.items()} for key in columns[0]] if numbered else value
    return value


def _zipped(names: list[Any], rows: list[list[Any]]) -> Any:
    if not all(isinstance(name, str) for name in names):
        return rows
    return [dict(zip(names, row, strict=False)) for row in rows]


def _texts(group: Mapping[str, Any], columns: Columns) -> int:
    """Returns the number of articles in a group of objects."""
    return sum(isinstance(one, dict) and has_text(_outline(one), columns) for one in group.values())


def _words(group: Mapping[str, Any]) -> int:
    return sum(_most_words(one) for one in group.values())


def _collect(
    value: Any, path: tuple[str, ...], groups: dict[tuple[str, ...], dict[str, Any]], columns: Columns, depth: int = 0
) -> None:
    """Adds the lists of objects, and the objects of several objects, in a value to `groups`.

    Lists at the same place in several objects are one group. Nothing is searched inside of objects that have a text.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        _add(path, value, groups)
        inner = [one for one in value if isinstance(one, dict) and not has_text(_outline(one), columns)]
    elif isinstance(value, dict):
        if len(value) > 1 and all(isinstance(one, dict) for one in value.values()):
            groups.setdefault((*path, "*"), {}).update(value)
        inner = [value]
    else:
        return
    for one in inner:
        for key, below in one.items():
            if isinstance(below, list | dict):
                _collect(_in_feed(one, below), (*path, key), groups, columns, depth + 1)


def _in_feed(feed: Mapping[str, Any], below: Any) -> Any:
    """Returns the entries of a feed or channel with its name, which is their source if they name none."""
    name = next((feed[key] for key in ("title", "name") if isinstance(feed.get(key), str)), "")
    is_feed = any(is_address(one) for one in feed.values() if isinstance(one, str)) or "channel" in str(
        feed.get("type")
    )
    if not (name and is_feed and isinstance(below, list)):
        return below
    return [{**one, LISTED_IN: name} if isinstance(one, dict) else one for one in below]


def _add(path: tuple[str, ...], values: list[Any], groups: dict[tuple[str, ...], dict[str, Any]]) -> None:
    if values and (not path or all(isinstance(row, dict) for row in values)):
        group = groups.setdefault(path, {})
        group.update({str(len(group) + number): one for number, one in enumerate(values, 1)})


def _cut_off(text: str, error: json.JSONDecodeError) -> Iterator[Item]:
    """Yields the whole objects of a list whose end is missing or damaged, and then raises ValueError."""
    start = re.search(r"\[\s*(?=\{)", text)
    yield from _sequence(text, start.end() if start else 0, error)


def _sequence(text: str, place: int, error: json.JSONDecodeError | None = None) -> Iterator[Item]:
    """Yields the objects that follow one another from a place on, up to the end or the first that is damaged."""
    number = 0
    while (place := _BETWEEN.match(text, place).end()) < len(text):  # type: ignore[union-attr]
        try:
            value, place = _DECODER.raw_decode(text, place)
        except json.JSONDecodeError as found:
            error = error or found
            break
        number += 1
        yield Row(str(number), number, value) if isinstance(value, dict) else Failed(str(number), "is no JSON object")
    if error is not None:
        after = f"; {number} objects before it are read" if number else ""
        raise ValueError(f"is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}{after}")
