"""Reads the pages of a wiki from an export of MediaWiki: wikitext becomes HTML, without what is no article's text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import mwparserfromhell
from mwparserfromhell.nodes import ExternalLink, Heading, HTMLEntity, Tag, Template, Text, Wikilink

from index.cleaning.dates import given_date
from index.cleaning.field_names import FIELD_NAMES, plain_name
from index.decoding.safe_xml import child_text, local
from index.formats.documents.document import Document, Skipped

_ARTICLES = ("0", "")
_FILES_AND_CATEGORIES = ("6", "14")
_LANGUAGE_LINK = re.compile(r"(?!wp?:)[a-z]{2,3}:.+")
_SECTION = re.compile(r"(?m)^(?==+[^=\n].*=+[ \t]*$)")
_LINK = re.compile(r"\[\[|\[?https?://|\{\{")
# Elements whose text is not the article's.
_NOT_TEXT = ("ref", "references", "gallery", "math", "score", "timeline", "imagemap", "templatedata")
_CELLS = ("td", "th")
_ITEMS = ("li", "dd", "dt")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_page(page: Any) -> Document | Skipped:
    """Returns the article on a page of the export, dated by its template for dates, else by its first revision."""
    if child_text(page, "ns") not in _ARTICLES:
        return Skipped("page of a wiki that is no article", 1)
    revisions = [child for child in page if local(child) == "revision"]
    text = "".join(one.text or "" for one in revisions[-1] if local(one) == "text") if revisions else ""
    if not text.strip() or any(local(child) == "redirect" for child in page):
        return Skipped("page of a wiki that only leads to another", 1)
    root = page.getparent()
    site = next((child for child in root if local(child) == "siteinfo"), root)
    kept, lists = _sections(text)
    code = mwparserfromhell.parse(kept)
    facts = {
        "title": child_text(page, "title"),
        "source": child_text(site, "sitename"),
        "date": _date(code),
        "created": child_text(revisions[0], "timestamp"),
        "language": root.get(_LANGUAGE, ""),
    }
    markup = _Page(_namespaces(site)).html(code)
    return Document(facts=facts, dropped=lists, markup=markup, name=child_text(page, "id"))


def _namespaces(site: Any) -> frozenset[str]:
    """Returns the names before the colon of pages of files and of categories, in English and as the wiki has them."""
    found = (name.text for name in site.iter() if name.get("key") in _FILES_AND_CATEGORIES)
    return frozenset({"file", "image", "media", "category", *(name.lower() for name in found if name)})


def _sections(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Returns a wikitext without sections that only list links, such as its sources; and the headings of these."""
    first, *others = _SECTION.split(text)
    lists = [section for section in others if _is_list_of_links(section)]
    dropped = tuple((section.partition("\n")[0].strip(" ="), "list of links") for section in lists)
    return "".join([first, *(section for section in others if section not in lists)]), dropped


def _is_list_of_links(section: str) -> bool:
    items = re.findall(r"(?m)^[*#].*", section.partition("\n")[2])
    lines = re.sub(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]", "[[]]", section.partition("\n")[2]).splitlines()
    prose = (line for line in lines if line.strip() and line[0] not in "*#" and line.replace("[[]]", "").strip())
    return bool(items) and all(map(_LINK.search, items)) and not any(prose)


def _date(code: Any) -> str:
    """Returns the day in a template that is named by a word for date; "" if there is none."""
    for template in code.ifilter_templates(recursive=False):
        if plain_name(str(template.name)) in FIELD_NAMES["date"]:
            day = "-".join(str(one.value).strip() for one in template.params if not one.showkey)
            if given_date(day) or any(map(str.isalpha, day)):
                return day
    return ""


class _Page:
    """Writes wikitext as HTML. `namespaces` are the names of those whose links are pictures or categories."""

    def __init__(self, namespaces: frozenset[str]) -> None:
        self._namespaces = namespaces

    def html(self, code: Any) -> str:
        """Returns the HTML of parsed wikitext; blank lines separate its paragraphs."""
        nodes = [*code.nodes] if code is not None else []
        return re.sub(r"\n\s*\n", "\n<p>", "".join(self._node(nodes, place) for place in range(len(nodes))))

    def _node(self, nodes: Sequence[Any], place: int) -> str:
        match nodes[place]:
            case Text() as node:
                return escape(str(node.value), quote=False)
            case HTMLEntity() as node:
                return str(node)
            case Heading() as node:
                return f"<h2>{self.html(node.title)}</h2>"
            case ExternalLink() as node:
                return self.html(node.title)
            case Wikilink() as node:
                return self._link(node)
            case Template() as node:
                return "" if _is_alone(nodes, place) else self._template(node)
            case Tag() as node:
                return self._tag(node)
        return ""

    def _link(self, link: Wikilink) -> str:
        title = str(link.title).strip()
        space = title.lstrip(":").partition(":")[0].strip().lower()
        if not title.startswith(":") and (space in self._namespaces or (not link.text and _LANGUAGE_LINK.match(title))):
            return ""
        return self.html(link.text) if link.text else escape(title.lstrip(":").rpartition(":")[2] or title)

    def _template(self, template: Template) -> str:
        """Returns what a template within a sentence shows: its last value without a name, or a measure and its unit."""
        values = [self.html(one.value) for one in template.params if not one.showkey]
        name = str(template.name).strip()
        if not values:
            return escape(name.partition(":")[2])  # {{formatnum:1204}}
        return " ".join(values[:2]) if values[0][:1].isdigit() else values[-1]

    def _tag(self, tag: Tag) -> str:
        name = str(tag.tag).strip().lower()
        if name == "table":
            return f"\n<table>{''.join(self._rows(tag))}</table>\n"
        if name in _ITEMS:
            return "\n<p>"
        return " " if name in ("br", "hr") else "" if name in _NOT_TEXT else self.html(tag.contents)

    def _rows(self, table: Tag) -> Iterator[str]:
        """Yields the rows of a table; the cells of the first need not stand in one."""
        rows: list[Any] = [table, *(node for node in table.contents.nodes if _is(node, "tr"))]
        for row in rows:
            cells = [cell for cell in row.contents.nodes if _is(cell, *_CELLS)]
            yield "<tr>" + "".join(f"<{c.tag}>{self.html(c.contents).strip()}</{c.tag}>" for c in cells) + "</tr>"


def _is(node: Any, *names: str) -> bool:
    return isinstance(node, Tag) and str(node.tag).strip().lower() in names


def _is_alone(nodes: Sequence[Any], place: int) -> bool:
    """Returns whether a template stands on a line of its own or with others: a box or a note, no part of a text."""
    before = next((str(node) for node in reversed(nodes[:place]) if not isinstance(node, Template)), "\n")
    after = next((str(node) for node in nodes[place + 1 :] if not isinstance(node, Template)), "\n")
    return before.rstrip(" \t").endswith("\n") and after.lstrip(" \t").startswith("\n")
