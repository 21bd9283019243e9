"""Joins the tables of a site's database in a JSON file (of Ghost, of phpMyAdmin): posts, users, who wrote which."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from index.cleaning.field_names import plain_name
from index.cleaning.metadata import has_text

Rows = list[dict[str, Any]]

_IDS = ("id", "uid", "userid")
_NAMES = ("displayname", "name", "fullname", "realname", "usernicename")
_WRITTEN_BY = ("authorid", "postauthor", "uid", "author", "createdby")
_SETTING = ("key", "optionname", "name")
_SETTING_VALUE = ("value", "optionvalue")
_TITLE_OF_SITE = ("title", "blogname", "sitename")
_USERS = re.compile(r"(?:.*_)?(?:users?|authors)")
_NO_POSTS = ("page", "revision", "attachment", "nav_menu_item", "custom_css", "wp_template", "wp_global_styles")


def posts_in(value: Any) -> tuple[Rows, int] | None:
    """Returns the posts in a database's tables, with their authors and the site's name, and the number of its pages
    and the like, which are no articles; None if a JSON value holds no such tables.
    """
    tables = _tables(value)
    texts = {name: sum(map(has_text, rows)) for name, rows in tables.items()}
    if not any(texts.values()):
        return None
    rows = tables[max(texts, key=lambda name: texts[name])]
    posts = [row for row in rows if str(row.get("post_type") or row.get("type")) not in _NO_POSTS]
    people = _people(tables)
    links = _links(tables)
    source = _name_of_site(tables)
    for row in posts:
        names = [people[one] for one in links.get(str(row.get("id")), _own(row)) if one in people]
        row.update({"author": names} if names else {})
        row.update({"source": source} if source else {})
    return posts, len(rows) - len(posts)


def _tables(value: Any) -> dict[str, Rows]:
    """Returns the tables by name: those that phpMyAdmin lists, or those in an object with posts and users."""
    if isinstance(value, list):
        found = {
            str(one.get("name")): _objects(one.get("data"))
            for one in value
            if isinstance(one, dict) and one.get("type") == "table"
        }
        return found or (_tables(value[0]) if len(value) == 1 else {})
    if not isinstance(value, dict):
        return {}
    if isinstance(value.get("posts"), list) and isinstance(value.get("users"), list):
        return {name: _objects(rows) for name, rows in value.items()}
    return next(filter(None, (_tables(value[key]) for key in ("db", "data") if key in value)), {})


def _objects(rows: Any) -> Rows:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _people(tables: Mapping[str, Rows]) -> dict[str, str]:
    """Returns the names of users by id."""
    found: dict[str, str] = {}
    for name, rows in tables.items():
        for row in rows if _USERS.fullmatch(name) else []:
            if (number := _first(row, _IDS)) and (person := _first(row, _NAMES)):
                found.setdefault(number, person)
    return found


def _links(tables: Mapping[str, Rows]) -> dict[str, list[str]]:
    """Returns the ids of each post's authors, in their order, where a table links the two."""
    links = [row for rows in tables.values() for row in rows if "post_id" in row and "author_id" in row]
    found: dict[str, list[str]] = defaultdict(list)
    for row in sorted(links, key=_place):
        found[str(row["post_id"])].append(str(row["author_id"]))
    return found


def _place(link: Mapping[str, Any]) -> int:
    place = str(link.get("sort_order") or "")
    return int(place) if place.isdecimal() else 0


def _own(row: Mapping[str, Any]) -> list[str]:
    number = _first(row, _WRITTEN_BY)
    return [number] if number else []


def _name_of_site(tables: Mapping[str, Rows]) -> str:
    """Returns the name of the site, as a table of settings has it; "" if none does."""
    settings = {
        _first(row, _SETTING): _first(row, _SETTING_VALUE)
        for name, rows in tables.items()
        for row in rows
        if re.search(r"settings?$|options?$|variable$", name)
    }
    return next((settings[key] for key in _TITLE_OF_SITE if settings.get(key)), "")


def _first(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Returns the first value under one of the names that is a number or a string, as a string; "" if there is none."""
    found = {plain_name(key): one for key, one in row.items()}
    return next((str(found[name]) for name in names if isinstance(found.get(name), str | int) and found[name]), "")
