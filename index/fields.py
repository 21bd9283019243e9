"""Find an article's fields in a mapping, whatever its author called them.

Serves the rows of tables and `.jsonl` files, the front matter of a Markdown file, and what documents say about
themselves. Keys are compared without case, spaces, `_` and `-`, and the first synonym that holds something wins,
unless a person has said which key it is (`--map`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from index.addresses import is_address
from index.dates import parse_date
from index.errors import WrongUse
from index.paragraphs import cut, one_line

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
"""Which key holds a field: field name (`title`, `text`, `date` …) -> key, as a person gave it."""

NO_COLUMNS: Columns = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fields:
    """What a mapping says about an article; `text` is raw and None where there is none or it is no text."""

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
    """Read `title=headline,text=body` into Columns. WrongUse for anything else."""
    columns: dict[str, str] = {}
    for pair in text.split(","):
        field, equals, key = (part.strip() for part in pair.partition("="))
        if not equals or not key or field not in _NAMES:
            raise WrongUse(f"--map {text}: {pair.strip()!r} is not FIELD=COLUMN with a FIELD of {', '.join(_NAMES)}.")
        columns[field] = key
    return columns


def text_key(keys: Sequence[str], columns: Columns = NO_COLUMNS) -> str | None:
    """Which of a table's keys holds the text, None where none does."""
    wanted = _wanted("text", columns)
    return next((key for key in keys if _plain(key) in wanted), None)


def read_fields(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> Fields:
    """Read a mapping. Never raises; what is not of a sensible type is left out."""
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
    """The date that a value is or writes; a number is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(value) if isinstance(value, str) else None


_PUNCTUATION = str.maketrans("", "", " _-")


def _address(text: str | None) -> str | None:
    """An address of the web; None for any other, which would be shown as a link ("javascript:", "file://")."""
    return text if is_address(text) else None


def _line(value: object) -> str | None:
    """One line of text from a string or a number (an id or the title "1984"); None from anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return cut(one_line(str(value))) or None


def _name(value: object) -> str | None:
    """A name from a string, or from an object that holds one, as in schema.org's `{"name": …}`."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    return _line(value)


def _people(value: object) -> str | None:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    joined = cut(", ".join(name for name in names if name))
    return joined.removeprefix("By ").removeprefix("by ") or None


def _strings(value: object) -> list[str]:
    """The texts of a string, a list of strings, or a list of objects that hold one."""
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
