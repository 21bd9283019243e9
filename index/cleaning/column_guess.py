"""Recognises the columns of a table by what is in them, where their names are not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from index.cleaning.byline import is_outlet, is_person
from index.cleaning.dates import given_date
from index.cleaning.field_names import plain_name
from index.cleaning.metadata import Columns, fields_in, has_text
from index.urls import is_address

SAMPLE = 50
"""Number of rows that are enough to recognise columns."""

# Share of a column's values that must be of a kind, and the fewest letters that texts have on average.
_MOST = 0.7
_SHORTEST_TEXT = 60
_LONGEST_TITLE = 200
_LONGEST_NAME = 60
_DEEPEST = 4
# Columns with the day of a visit or a change, and addresses of pictures and other pages.
_NOT_PUBLICATION = re.compile(
    r"crawl|scrape|fetch|download|modif|updat|chang|edit|index|import|saved|added|read|retriev|access|visit|birth|death"
)
_NOT_ADDRESS = re.compile(r"ima?ge?|thumb|icon|logo|photo|picture|avatar|video|media|feed|home|author|api|refer")


def guess_columns(rows: Sequence[Mapping[str, Any]], columns: Columns) -> dict[str, str]:
    """Returns the fields that can be recognised in rows of which no column is known to hold the text, with their keys.

    The key of a value in an object in a row is a path ("data.inner"). `columns` are those that the user named. Empty if
    no column has texts, or one is known by its name.
    """
    if "text" in columns or any(has_text(row) for row in rows):
        return {}
    values: dict[str, list[str]] = {}
    for row in rows[:SAMPLE]:
        for path, value in _leaves(row, (), _DEEPEST):
            values.setdefault(path, []).append(value)
    found: dict[str, str] = {}
    for field, measure in _MEASURES.items():
        named = field in columns or any(_is_named(path, field) for path in values)
        free = {path: some for path, some in values.items() if path not in (*found.values(), *columns.values())}
        scores = {} if named else {path: measure(path, some) for path, some in free.items()}
        if max(scores.values(), default=0) > 0:
            found[field] = max(scores, key=lambda path: scores[path])
        if field == "text" and "text" not in found:
            return {}
    return found


def guessed_columns(guessed: Columns) -> str:
    """Returns the line that tells users which columns were recognised by their contents."""
    taken = ", ".join(f"{field} from {name!r}" for field, name in guessed.items())
    return f"columns recognised by what is in them: {taken} (--map FIELD=COLUMN says otherwise)"


def _is_named(path: str, field: str) -> bool:
    return field in fields_in([path])


def _leaves(values: Mapping[str, Any], above: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    """Yields the strings and numbers in an object and in those in it, and the joined strings of lists, by path."""
    for key, value in values.items():
        path = (*above, str(key))
        if isinstance(value, Mapping) and depth:
            yield from _leaves(value, path, depth - 1)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            yield ".".join(path), "\n".join(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            yield ".".join(path), str(value).strip()


def _share(values: Sequence[str], test: Callable[[str], object]) -> float:
    """Returns the share of values that pass a test; 0 if it is too small to tell what the column is."""
    share = sum(map(bool, map(test, values))) / len(values)
    return share if share >= _MOST else 0


def _mean_length(values: Sequence[str]) -> float:
    return sum(map(len, values)) / len(values)


def _text(_: str, values: Sequence[str]) -> float:
    length = sum(sum(map(str.isalpha, value)) for value in values) / len(values)
    return length * _share(values, _has_words) if length >= _SHORTEST_TEXT else 0


def _has_words(value: str) -> bool:
    return not value.isascii() or (" " in value and not is_address(value))


def _date(path: str, values: Sequence[str]) -> float:
    return 0 if _NOT_PUBLICATION.search(plain_name(path)) else _share(values, given_date)


def _url(path: str, values: Sequence[str]) -> float:
    return 0 if _NOT_ADDRESS.search(plain_name(path)) else _share(values, is_address)


def _author(_: str, values: Sequence[str]) -> float:
    names = [value for value in values if any(map(str.isupper, value))]  # others are marks such as "(red)"
    return _share(names, is_person) if names else 0


_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}", re.I)


def _source(_: str, values: Sequence[str]) -> float:
    return _share(values, lambda value: _DOMAIN.fullmatch(value) or (len(value) < _LONGEST_NAME and is_outlet(value)))


def _title(_: str, values: Sequence[str]) -> float:
    """Returns how much a column looks like titles: short, of several words, and hardly ever the same twice."""
    length = _mean_length(values)
    distinct = len(set(values)) >= 0.9 * len(values)
    return (
        length * _share(values, _has_words)
        if length < _LONGEST_TITLE and distinct and not _share(values, given_date)
        else 0
    )


_MEASURES: dict[str, Callable[[str, Sequence[str]], float]] = {
    "text": _text,
    "url": _url,
    "date": _date,
    "source": _source,
    "author": _author,
    "title": _title,
}
