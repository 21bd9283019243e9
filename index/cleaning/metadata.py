"""Finds an article's fields in a mapping, by synonyms of the field names.

Used for rows of tables and `.jsonl` files, the front matter of Markdown files, and the metadata of documents. Keys are
compared without regard to case, spaces, `_` and `-`. The first synonym with a value is used, unless the user has named
the key (`--map`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from index.cleaning.dates import parse_date
from index.cleaning.paragraphs import cut, one_line
from index.errors import WrongUse
from index.urls import is_address

_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "articleid", "docid", "uid", "uuid", "guid"),
    "title": ("title", "headline", "heading"),
    "text": ("text", "body", "content", "articlebody", "maintext", "fulltext", "article", "story"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "source": ("source", "publisher", "site", "sitename", "publication", "outlet", "newspaper"),
    "date": (
        *("date", "published", "publishedat", "publisheddate", "publicationdate", "datepublished", "pubdate"),
        "publishdate",
    ),
    "url": ("url", "link", "permalink", "canonicalurl", "sourceurl"),
    "comments": ("comments", "readercomments", "replies"),
    "language": ("language", "lang", "locale"),
}

Columns = Mapping[str, str]
"""Field names (`title`, `text`, `date` …), each mapped to the key that contains the field, as the user named it."""

NO_COLUMNS: Columns = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fields:
    """An article's fields in a mapping. `text` is not cleaned yet; None if there is none or it is no string."""

    id: str | None
    title: str | None
    text: str | None
    author: str | None
    source: str | None
    published: date | None
    url: str | None
    comments: tuple[str, ...]
    language: str | None


def parse_columns(text: str) -> dict[str, str]:
    """Parses `title=headline,text=body` into Columns. Raises WrongUse if it is malformed or a field unknown."""
    columns: dict[str, str] = {}
    for pair in text.split(","):
        field, equals, key = (part.strip() for part in pair.partition("="))
        if not equals or not key or field not in _NAMES:
            raise WrongUse(f"--map {text}: {pair.strip()!r} is not FIELD=COLUMN with a FIELD of {', '.join(_NAMES)}.")
        columns[field] = key
    return columns


def text_key(keys: Sequence[str], columns: Columns = NO_COLUMNS) -> str | None:
    """Returns the one of a table's keys that contains the text, or None."""
    wanted = _wanted("text", columns)
    return next((key for key in keys if _plain(key) in wanted), None)


def read_fields(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> Fields:
    """Reads an article's fields from a mapping. Never raises; values of unsuitable types are ignored."""
    named = {_plain(key): value for key, value in values.items()}

    def first(field: str) -> Any:
        return next((named[key] for key in _wanted(field, columns) if named.get(key) not in (None, "", [], {})), None)

    return Fields(
        id=_line(first("id")),
        title=_line(first("title")),
        text="\n\n".join(filter(None, _strings(first("text")))) or None,
        author=_people(first("author")),
        source=_name(first("source")),
        published=as_date(first("date")),
        url=_address(_line(first("url"))),
        comments=tuple(_strings(first("comments"))),
        language=_line(first("language")),
    )


def _wanted(field: str, columns: Columns) -> tuple[str, ...]:
    return (_plain(columns[field]),) if field in columns else _NAMES[field]


def _plain(key: str) -> str:
    return key.lower().translate(_PUNCTUATION)


def as_date(value: object) -> date | None:
    """Returns the date that a value is, or that a string represents; None for anything else, such as a number."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(value) if isinstance(value, str) else None


_PUNCTUATION = str.maketrans("", "", " _-")


def _address(text: str | None) -> str | None:
    """Returns `text` if it is a web address, else None, because it is shown as a link ("javascript:", "file://")."""
    return text if is_address(text) else None


def _line(value: object) -> str | None:
    """Returns a string or number (an id, or the title "1984") as one line of text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return cut(one_line(str(value))) or None


def _name(value: object) -> str | None:
    """Returns the name in a string, or in an object that contains one, such as schema.org's `{"name": …}`."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    return _line(value)


def _people(value: object) -> str | None:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    joined = cut(", ".join(name for name in names if name))
    return joined.removeprefix("By ").removeprefix("by ") or None


def _strings(value: object) -> list[str]:
    """Returns the texts in a string, a list of strings, or a list of objects that contain one."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return []
    found = []
    for one in value:
        if isinstance(one, Mapping):
            one = next((one[key] for key in ("text", "body", "content", "comment") if key in one), None)
        if isinstance(one, str):
            found.append(one)
    return found
