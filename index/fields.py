"""Find an article's fields in a mapping, whatever its author called them.

Serves the rows of a `.jsonl` file and the front matter of a Markdown file. Keys are compared without case,
spaces, `_` and `-`, and the first synonym that holds something wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from index.dates import parse_date
from index.paragraphs import one_line

_TITLE = ("title", "headline", "heading")
_TEXT = ("text", "body", "content", "articlebody", "maintext", "fulltext", "article", "story")
_AUTHOR = ("author", "authors", "byline", "creator", "writer")
_SOURCE = ("source", "publisher", "site", "sitename", "publication", "outlet", "newspaper")
_URL = ("url", "link", "permalink", "canonicalurl", "sourceurl")
_DATE = (
    "date",
    "published",
    "publishedat",
    "publisheddate",
    "publicationdate",
    "datepublished",
    "pubdate",
    "publishdate",
)
_ID = ("id", "articleid", "docid", "uid", "uuid", "guid")
_COMMENTS = ("comments", "readercomments", "replies")


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


def read_fields(values: Mapping[str, Any]) -> Fields:
    """Read a mapping. Never raises; what is not of a sensible type is left out."""
    named = {key.lower().translate(_PUNCTUATION): value for key, value in values.items()}
    text = _first(named, _TEXT)
    return Fields(
        id=_line(_first(named, _ID)),
        title=_line(_first(named, _TITLE)),
        text="\n\n".join(filter(None, _strings(text))) or None,
        author=_people(_first(named, _AUTHOR)),
        source=_name(_first(named, _SOURCE)),
        published=as_date(_first(named, _DATE)),
        url=_line(_first(named, _URL)),
        comments=tuple(_strings(_first(named, _COMMENTS))),
    )


def as_date(value: object) -> date | None:
    """The date that a value is or writes; a number is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(value) if isinstance(value, str) else None


_PUNCTUATION = str.maketrans("", "", " _-")


def _first(named: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((named[key] for key in keys if named.get(key) not in (None, "", [], {})), None)


def _line(value: object) -> str | None:
    """One line of text from a string or a number (an id or the title "1984"); None from anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return one_line(str(value)) or None


def _name(value: object) -> str | None:
    """A name from a string, or from an object that holds one, as in schema.org's `{"name": …}`."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    return _line(value)


def _people(value: object) -> str | None:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    joined = ", ".join(name for name in names if name)
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
