"""Finds an article's fields in a mapping, by synonyms of the field names.

Used for rows of tables and `.jsonl` files, the front matter of Markdown files, and the metadata of documents. The first
synonym of `field_names` with a value is used, in the object that holds the text, in those around it, and then in those
beside it, unless the user has named the key (`--map`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from index.cleaning.byline import is_person
from index.cleaning.dates import given_date
from index.cleaning.field_names import DATES_OF_MAKING, FIELD_NAMES, named, other_names, plain_name
from index.cleaning.markup import line_without_markup, without_markup
from index.cleaning.paragraphs import cut, one_line
from index.errors import WrongUse
from index.language.identification import language_of
from index.urls import host_of, is_address

Columns = Mapping[str, str]
"""Field names (`title`, `text`, `date` …), each mapped to the key that contains the field, as the user named it."""

NO_COLUMNS: Columns = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fields:
    """An article's fields in a mapping. `text` is not cleaned yet; None if there is none or it is no string.

    `noted` is the day on which the article was saved or the like, which counts if no other is known.
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
    noted: date | None = None


def parse_columns(text: str) -> dict[str, str]:
    """Parses `title=headline,text=body` into Columns. Raises WrongUse if it is malformed or a field unknown."""
    columns: dict[str, str] = {}
    for pair in text.split(","):
        field, equals, key = (part.strip() for part in pair.partition("="))
        if not equals or not key or field not in FIELD_NAMES:
            fields = ", ".join(FIELD_NAMES)
            raise WrongUse(f"--map {text}: {pair.strip()!r} is not FIELD=COLUMN with a FIELD of {fields}.")
        columns[field] = key
    return columns


def text_key(keys: Sequence[str], columns: Columns = NO_COLUMNS) -> str | None:
    """Returns the one of a table's keys that contains the text, or None."""
    wanted = {*_wanted("text", columns)}
    return next((key for key in keys if plain_name(key) in wanted), None) or next(
        (key for key in keys if not wanted.isdisjoint(other_names(key))), None
    )


def fields_in(keys: Sequence[str]) -> set[str]:
    """Returns the fields of which a table has a column with one of their usual names."""
    known = {name for key in keys for name in (plain_name(key), *other_names(key))}
    return {field for field, names in FIELD_NAMES.items() if not known.isdisjoint(names)}


def has_keys(values: Mapping[str, Any], columns: Columns) -> bool:
    """Returns whether a mapping has all the keys that the user named."""
    return all(
        text_key([*values], {"text": name}) is not None or value_at(values, name.split(".")) is not None
        for name in columns.values()
    )


def has_text(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> bool:
    """Returns whether a mapping holds an article's text, be it in an object inside of it."""
    return bool(_Lookup(values, columns).text())


def is_unpublished(values: Mapping[str, Any]) -> bool:
    """Returns whether a mapping says that it is a draft, or was thrown away."""
    found = named(values)
    status = str(found.get("status") or found.get("poststatus") or "").lower()
    flags = (_is_true(found.get(name)) for name in _NOT_PUBLIC)
    node = "nid" in found and _is_false(found.get("status"))  # as Drupal numbers articles; elsewhere, 0 may be success
    return status in _UNPUBLISHED or any(flags) or node or _is_false(found.get("ispublished"))


_UNPUBLISHED = ("draft", "drafts", "auto-draft", "trash", "trashed", "deleted", "scheduled", "entwurf", "brouillon")
_NOT_PUBLIC = ("isdraft", "draft", "istrashed", "isdeleted", "trashed")


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() in ("true", "yes", "1")


def _is_false(value: object) -> bool:
    return value is False or str(value).lower() in ("false", "no", "0")


def read_fields(values: Mapping[str, Any], columns: Columns = NO_COLUMNS) -> Fields:
    """Reads an article's fields from a mapping. Never raises; values of unsuitable types are ignored."""
    lookup = _Lookup(values, columns)
    source = lookup.best("source", _name)
    address = lookup.best("url", _address)
    if source and is_address(source):  # as notes name the page that they were taken from
        address, source = address or source, host_of(source)
    text = "\n\n".join(filter(None, lookup.text()))
    language = lookup.best("language", _line)
    given = lookup.every("date")
    published, noted = (_published(some, text, language) for some in (given, lookup.every("noted")))
    strange = next((str(one) for one in given if not isinstance(one, bool)), "")
    title, author = lookup.best("title", _name), lookup.best("author", _people)
    if author and _DOMAIN.fullmatch(author):  # as readers' programs name the author of a page without one
        author, source = None, source or author
    if title and address and not source:
        title, source = _without_site(title, address)
    return Fields(
        id=lookup.best("id", _line),
        title=title,
        text=text or None,
        author=author,
        source=source,
        published=published,
        url=address,
        comments=tuple(_strings(lookup.first("comments"))),
        language=language,
        strange_date=cut(one_line(strange)) if strange and not published else None,
        noted=noted,
    )


_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}", re.I)
# The name of the site behind a title: "Toll to rise - Tarn Echo".
_SITE = re.compile(r"(?P<title>.+?\S)\s+[|–—·-]\s+(?P<site>[^|–—·]{2,60})")


def _without_site(title: str, address: str) -> tuple[str, str | None]:
    """Returns a title without the name of the site behind it, and that name, if the address is of this name."""
    match = _SITE.fullmatch(title)
    if match and plain_name(match["site"].lower().removeprefix("the ")) in plain_name(host_of(address)):
        return match["title"], match["site"].strip()
    return title, None


class _Lookup:
    """Finds the values of a field in a mapping and in the objects in it.

    The object with the text comes first, then those around it, and at last those beside it: interfaces and crawlers
    wrap an article or its text (`{"_id": …, "_source": {…}}`), or put its other fields aside (`{"meta": {…}}`).
    """

    def __init__(self, values: Mapping[str, Any], columns: Columns) -> None:
        self._columns = columns
        self._values = values
        paths = [*_objects((values,), _DEEPEST)]
        inner = next((path for path in paths if any(map(_strings, self._in(path[-1:], "text")))), (values,))
        around = [*reversed(inner)]
        beside = [path[-1] for path in paths if not any(path[-1] is one for one in inner)]
        self._places = (self._named(around), self._named(beside))

    def first(self, field: str) -> Any:
        """Returns the first value of a field that is not empty; None if there is none."""
        return next(iter(self.every(field)), None)

    def best(self, field: str, read: Callable[[Any], str | None]) -> str | None:
        """Returns the first value of a field of which `read` makes something; None if there is none."""
        return next(filter(None, map(read, self.every(field))), None)

    def text(self) -> list[str]:
        """Returns the texts in the first value that has any."""
        return next(filter(None, map(_strings, self.every("text"))), [])

    def every(self, field: str) -> list[Any]:
        """Returns the values of a field that are not empty, the likeliest first; of a path only one."""
        path = self._columns.get(field, "")
        if "." in path and (found := value_at(self._values, path.split("."))) is not None:
            return [found]
        return [one for places in self._places for one in _values(places, _wanted(field, self._columns))]

    def _in(self, places: Sequence[Mapping[str, Any]], field: str) -> list[Any]:
        return _values([named(place) for place in places], _wanted(field, self._columns))

    def _named(self, places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        groups = [named(place) for place in places]
        for group in groups:
            by = group.get("publishedby")
            if by and not _NUMBER.fullmatch(str(by)):  # Wallabag's name for the authors, other programs' for the paper
                group.setdefault("author" if _is_people(by) else "source", by)
            if "name" in group and _AUTHORS.isdisjoint(group) and "title" in group and _is_people(group["name"]):
                group["author"] = group["name"]  # as databases join the name of the user to an article
            if "nid" in group:  # Drupal's number of an article, whose "uid" is its author's
                group.setdefault("id", group["nid"])
        return groups


_AUTHORS = frozenset(FIELD_NAMES["author"])
# A user's number in a database.
_NUMBER = re.compile(r"\d+|[0-9a-f]{16,}")


def _values(groups: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[Any]:
    found = ((name, group[name]) for group in groups for name in wanted if name in group)
    # "data" is the day in some languages, and an object of anything in most interfaces.
    return [value for name, value in found if name != "data" or isinstance(value, str | int)]


_DEEPEST = 4
# Objects in an article's that are about something else: other articles, readers, pictures, the crawler's connection.
_APART = frozenset(
    "related relatedarticles relatedlinks recommended comments replies images image media enclosure enclosures request "
    "response headers user account owner tags categories links image author authors embedded quotedstatus ads".split()
)
_OF_FIELDS = frozenset(
    name for field in ("title", "author", "source", "date", "url", "language") for name in FIELD_NAMES[field]
) - {"data"}


def _may_hold_article(key: str) -> bool:
    return plain_name(key) not in _APART and (key.startswith("_") or plain_name(key) not in _OF_FIELDS)


def _objects(path: tuple[Mapping[str, Any], ...], depth: int) -> Iterator[tuple[Mapping[str, Any], ...]]:
    """Yields the objects in the last one of a path, each with those around it, the outer ones first."""
    level = [path]
    while level and depth >= 0:
        yield from level
        level = [
            (*outer, inner)
            for outer in level
            for key, inner in outer[-1].items()
            if isinstance(inner, Mapping) and isinstance(key, str) and _may_hold_article(key)
        ]
        depth -= 1


def value_at(values: Any, path: Sequence[str]) -> Any:
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
    if field in columns:
        return (plain_name(columns[field]),)
    return DATES_OF_MAKING if field == "noted" else FIELD_NAMES[field]


def _address(value: object) -> str | None:
    """Returns the web address in a value; None if there is none, because it is shown as a link ("javascript:")."""
    if isinstance(value, list):
        return next(filter(None, map(_address, value)), None)
    if isinstance(value, Mapping):
        return next(
            (found for key in ("href", "url", "@id", "value", "text") if (found := _address(value.get(key)))), None
        )
    text = _line(value)
    return text if is_address(text) else None


def _line(value: object) -> str | None:
    """Returns a string or number (an id, or the title "1984") as one line of text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return cut(one_line(str(value))) or None


_NAMED = ("name", "title", "rendered", "main", "original", "displayname", "fullname", "label", "text", "value", "uri")


def _name(value: object) -> str | None:
    """Returns the name or title in a string, or in an object that contains one, such as schema.org's `{"name": …}`."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str | Mapping)), None)
    if isinstance(value, Mapping):
        found = named(value)
        whole = " ".join(str(found[key]) for key in ("firstname", "given", "lastname", "family") if key in found)
        value = next((found[key] for key in _NAMED if isinstance(found.get(key), str)), whole)
    return _line(line_without_markup(value) if isinstance(value, str) else value)


def _is_people(value: object) -> bool:
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    return all(name and is_person(name) for name in names)


def _people(value: object) -> str | None:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _listed(value)
    if isinstance(value, str) and ";" in value and "&" not in value:
        value = value.split(";")
    names = [_name(one) for one in value] if isinstance(value, list) else [_name(value)]
    joined = cut(", ".join(dict.fromkeys(name for name in names if name and not _IN_BRACKETS.fullmatch(name))))
    return joined.removeprefix("By ").removeprefix("by ") or None


# What stands in the place of a name: "(red)", "(staff)".
_IN_BRACKETS = re.compile(r"\(.*\)")


def _listed(text: str) -> Any:
    """Returns the list that was written into a cell, as JSON or Python writes it; the text itself if it is none."""
    for reader in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return reader(text)
    return text


def _strings(value: object) -> list[str]:
    """Returns the texts in a string, a list of strings, or a list of objects that contain one, without markup."""
    if isinstance(value, str):
        return [without_markup(value)] if value.strip() else []
    if isinstance(value, Mapping):
        value = [value.get("rendered")]
    if not isinstance(value, list):
        return []
    found = [_passage(one) for one in value]
    if any(isinstance(one, Mapping) and "type" in one for one in value) and any(isinstance(one, str) for one in value):
        found = ["".join(found)]  # one text, with its links and marks as objects
    return [without_markup(one) for one in found if one.strip()]


def _passage(one: object) -> str:
    if isinstance(one, Mapping):
        one = next((one[key] for key in ("text", "body", "content", "comment", "value") if key in one), None)
    return one if isinstance(one, str) else ""
