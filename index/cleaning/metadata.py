"""Finds an article's fields in a mapping, by synonyms of the field names.

Used for rows of tables and `.jsonl` files, the front matter of Markdown files, and the metadata of documents. Keys are
compared without regard to case, spaces, `_` and `-`. The first synonym with a value is used, unless the user has named
the key (`--map`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from index.cleaning.byline import is_person
from index.cleaning.dates import given_date
from index.cleaning.markup import line_without_markup, without_markup
from index.cleaning.paragraphs import cut, one_line
from index.errors import WrongUse
from index.language.identification import language_of
from index.urls import host_of, is_address

_NAMES = {
    field: tuple(names.split())
    for field, names in {
        "id": "id articleid docid uid uuid guid",
        "title": "title headline heading articletitle webtitle posttitle",
        "text": (
            "text body content articlebody maintext fulltext article story plaintext articletext bodytext bodyplain "
            "textcontent contenttext cleantext rawtext contenthtml bodyhtml postcontent pagecontent articlecontent "
            "cleanedtext"
        ),
        "author": "author authors byline creator writer authorname",
        "source": (
            "source publisher site sitename publication outlet newspaper sourcename sourcedomain domainname domain "
            "hostname"
        ),
        "date": (
            "date published publishedat publisheddate publicationdate datepublished pubdate publishdate "
            "publishingdate datepublish publishedon publicationtime webpublicationdate publishedtime publishtime "
            "postdate datetime firstpublicationdate issued created createdat datecreated"
        ),
        "url": (
            "url link permalink canonicalurl sourceurl articleurl weburl requestedurl respondedurl originalurl pageurl"
        ),
        "comments": "comments readercomments replies",
        "language": "language lang locale",
    }.items()
}

Columns = Mapping[str, str]
"""Field names (`title`, `text`, `date` …), each mapped to the key that contains the field, as the user named it."""

NO_COLUMNS: Columns = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fields:
    """An article's fields in a mapping. `text` is not cleaned yet; None if there is none or it is no string.

    `strange_date` is what stands where the date should be, shortened, if no date could be understood.
    """

    id: str | None
    title: str | None
    text: str | None
    author: str | None
    source: str | None
    published: date | None
    url: str | None
    comments: tuple[str, ...]
    language: str | None
    strange_date: str | None = None


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


def has_keys(values: Mapping[str, Any], columns: Columns) -> bool:
    """Returns whether a mapping has all the keys that the user named."""
    return all(
        text_key([*values], {"text": name}) is not None or _at(values, name.split(".")) is not None
        for name in columns.values()
    )


def has_text(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> bool:
    """Returns whether a mapping holds an article's text, be it in an object inside of it."""
    return bool(_strings(_Lookup(values, columns).first("text")))


def read_fields(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> Fields:
    """Reads an article's fields from a mapping. Never raises; values of unsuitable types are ignored."""
    lookup = _Lookup(values, columns)
    first = lookup.first
    source, url = first("source"), _address(_line(first("url")))
    if isinstance(source, str) and is_address(source.strip()):  # as notes name the page that they were taken from
        url, source = url or one_line(source), host_of(source)
    text = "\n\n".join(filter(None, _strings(first("text"))))
    language = _line(first("language"))
    given = lookup.every("date")
    published = _published(given, text, language)
    return Fields(
        id=_line(first("id")),
        title=_name(first("title")),
        text=text or None,
        author=_people(first("author")),
        source=_name(source),
        published=published,
        url=url,
        comments=tuple(_strings(first("comments"))),
        language=language,
        strange_date=cut(one_line(str(given[0]))) if given and not published else None,
    )


class _Lookup:
    """Finds the value of a field in a mapping, in the object inside of it that holds the article, or at a path."""

    def __init__(self, values: Mapping[str, Any], columns: Columns) -> None:
        self._columns = columns
        self._values = values
        beside = (inner for key in _BESIDE if isinstance(inner := values.get(key), Mapping))
        self._groups = [_named(group) for group in (values, *beside)]
        inner = _article_in(values, _DEEPEST) if not _strings(self.first("text")) else None
        if inner is not None:
            self._groups.insert(0, _named(inner))
        for group in self._groups:
            if "publishedby" in group:  # Wallabag's name for the authors, other programs' for the paper
                group.setdefault("author" if _is_people(group["publishedby"]) else "source", group["publishedby"])

    def first(self, field: str) -> Any:
        """Returns the first value of a field that is not empty; None if there is none."""
        return next(iter(self.every(field)), None)

    def every(self, field: str) -> list[Any]:
        """Returns the values of a field that are not empty, the likeliest first; of a path only one."""
        path = self._columns.get(field, "")
        if "." in path and (found := _at(self._values, path.split("."))) is not None:
            return [found]
        names = _wanted(field, self._columns)
        return [group[key] for group in self._groups for key in names if group.get(key) not in (None, "", [], {})]


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_plain(key): value for key, value in values.items() if isinstance(key, str)}


# Crawlers and interfaces wrap an article: {"_id": …, "_source": {…}}, {"data": {"attributes": {…}}}.
_DEEPEST = 3
# Objects that hold the other fields of an article, beside its text: {"page_content": …, "metadata": {…}}.
_BESIDE = ("metadata", "meta", "attributes")


def _article_in(values: Mapping[str, Any], depth: int) -> Mapping[str, Any] | None:
    """Returns the object in `values` that has a text; None if none has."""
    for one in values.values():
        if isinstance(one, Mapping):
            names = _named(one)
            if any(_strings(names.get(name)) for name in _NAMES["text"]):
                return one
            if depth and (inner := _article_in(one, depth - 1)) is not None:
                return {**one, **inner}
    return None


def _at(values: Any, path: Sequence[str]) -> Any:
    """Returns the value at a path of keys (or of numbers, from 0, in lists); None if there is none."""
    for key in path:
        if isinstance(values, Mapping):
            values = values.get(key)
        elif isinstance(values, list) and key.isdecimal() and int(key) < len(values):
            values = values[int(key)]
        else:
            return None
    return values


def _published(given: Sequence[Any], text: str, language: str | None) -> date | None:
    """Returns the first date among the values; the text's language is found only if a date in words needs it."""
    if not any(isinstance(value, str) and any(map(str.isalpha, value)) for value in given):
        spoken = None
    else:
        spoken = language_of(text, language)
    return next((day for value in given if (day := given_date(value, spoken))), None)


def _wanted(field: str, columns: Columns) -> tuple[str, ...]:
    return (_plain(columns[field]),) if field in columns else _NAMES[field]


def _plain(key: str) -> str:
    return key.lower().translate(_PUNCTUATION)


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
    """Returns the name or title in a string, or in an object that contains one, such as schema.org's `{"name": …}`."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "title", "rendered", "main", "original") if value.get(key)), None)
    return _line(line_without_markup(value) if isinstance(value, str) else value)


def _is_people(value: object) -> bool:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    return all(name and is_person(name) for name in names)


def _people(value: object) -> str | None:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    joined = cut(", ".join(name for name in names if name))
    return joined.removeprefix("By ").removeprefix("by ") or None


def _strings(value: object) -> list[str]:
    """Returns the texts in a string, a list of strings, or a list of objects that contain one, without markup."""
    if isinstance(value, str):
        return [without_markup(value)]
    if isinstance(value, Mapping):
        value = [value.get("rendered")]
    if not isinstance(value, list):
        return []
    found = []
    for one in value:
        if isinstance(one, Mapping):
            one = next((one[key] for key in ("text", "body", "content", "comment") if key in one), None)
        if isinstance(one, str):
            found.append(without_markup(one))
    return found
