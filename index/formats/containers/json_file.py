"""Reads the articles in a JSON file: a list of objects, wherever it is, one object, or one object a line.

Runs in the sandbox, because a small file can take much memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from index.cleaning.metadata import Columns, has_text
from index.decoding.charset import decode
from index.formats.documents.document import Failed, Item, Row, Skipped

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
    if isinstance(value, dict) and _most_words(value) < _FEWEST_WORDS:  # settings of a program and the like
        yield Skipped("JSON without a text", 1)
        return
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
    for number, (name, row) in enumerate(found.items(), 1):
        failed = Failed(str(number), f"is a JSON {type(row).__name__}")
        yield Row(name, number, row) if isinstance(row, dict) else failed


def _articles(value: Any, columns: Columns) -> dict[str, Any]:
    """Returns the objects that are articles, by name: of all lists and objects of objects, those of the one with most.

    An object with a text of its own is the only article.
    """
    if isinstance(value, list):
        return _numbered(value)
    if not isinstance(value, dict):
        return {}
    own = {key: one for key, one in value.items() if not isinstance(one, dict)}
    if has_text(own, columns):
        return {"1": value}
    groups = [*_groups(value, 0)]
    most = max(groups, key=lambda group: (_texts(group, columns), len(group)), default={})
    return most if most and (_texts(most, columns) or not has_text(value, columns)) else {"1": value}


def _numbered(values: list[Any]) -> dict[str, Any]:
    return {str(number): one for number, one in enumerate(values, 1)}


def _texts(group: Mapping[str, Any], columns: Columns) -> int:
    """Returns the number of articles in a group of objects."""
    return sum(has_text(one, columns) for one in group.values())


def _groups(value: Mapping[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """Yields the lists of objects, and the objects of several objects, in an object and in those in it."""
    if len(value) > 1 and all(isinstance(one, dict) for one in value.values()):
        yield {**value}
    for one in value.values():
        if isinstance(one, list) and one and all(isinstance(row, dict) for row in one):
            yield _numbered(one)
        elif isinstance(one, dict) and depth < _DEEPEST:
            yield from _groups(one, depth + 1)


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
