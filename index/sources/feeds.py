"""Parses RSS, Atom and JSON feeds into entries. Does not use the network; `sources` fetches the entries' pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html  # type: ignore[import-untyped,unused-ignore]

from index.cleaning.dates import parse_date
from index.decoding.safe_xml import child_text, local, parse_xml

_HEAD = 1000
_ROOTS = ("rss", "feed", "RDF")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed; `markup` is the article's HTML in the feed itself, which may be only a summary."""

    address: str
    title: str
    author: str
    published: date | None
    markup: str
    source: str


def is_feed(content: bytes) -> bool:
    """Returns whether this is a feed rather than a web page, judging by its first 1,000 bytes."""
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"{"):
        return b"jsonfeed.org/version" in head.replace(b"\\/", b"/")
    return head.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf:")) and any(
        mark in head for mark in (b"<rss", b"<feed", b"<rdf:rdf")
    )


def read_feed(content: bytes, address: str) -> list[Entry]:
    """Returns the entries that have an address, in the feed's order, each once. Raises ValueError if it is no feed."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_entries(content, address)
    root = parse_xml(content)
    if local(root) not in _ROOTS:
        raise ValueError("is no RSS or Atom feed")
    channel = next((child for child in root if local(child) == "channel"), root)
    source = child_text(channel, "title")
    entries = (_entry(element, address, source) for element in root.iter() if local(element) in ("item", "entry"))
    return list({entry.address: entry for entry in entries if entry.address}.values())


def _json_entries(content: bytes, feed: str) -> list[Entry]:
    try:
        channel = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("is no JSON feed: it is not valid JSON") from error
    items = channel.get("items") if isinstance(channel, dict) else None
    entries = (
        _json_entry(item, feed, _text(channel, "title"))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    )
    return list({entry.address: entry for entry in entries if entry.address}.values())


def _json_entry(item: dict[str, Any], feed: str, source: str) -> Entry:
    people = item.get("authors") or [item.get("author")]
    names = [_text(one, "name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    markup = _text(item, "content_html") or "".join(
        f"<p>{escape(line)}</p>" for line in _text(item, "content_text", "summary").splitlines()
    )
    return Entry(
        _joined(feed, _text(item, "url", "external_url")),
        " ".join(_text(item, "title").split()),
        ", ".join(filter(None, names)),
        parse_date(_text(item, "date_published", "date_modified")),
        markup,
        source,
    )


def _text(item: dict[str, Any], *names: str) -> str:
    """Returns the first of these values that is a string and not empty; "" if none is."""
    return next((value for name in names if isinstance(value := item.get(name), str) and value), "")


def plain_length(markup: str) -> int:
    """Returns the number of characters of text in a piece of HTML."""
    try:
        return len(" ".join(html.fromstring(markup).text_content().split()))
    except (etree.ParserError, ValueError):
        return 0


def _entry(element: Any, feed: str, source: str) -> Entry:
    link = next(_links(element), "")
    when = child_text(element, "pubDate", "published", "date", "issued", "updated")
    markups = (_markup(element, name) for name in ("encoded", "content", "description", "summary"))
    return Entry(
        _joined(feed, link),
        child_text(element, "title"),
        ", ".join(dict.fromkeys(filter(None, _people(element)))),
        parse_date(when),
        next(filter(None, markups), ""),
        source,
    )


def _joined(feed: str, link: str) -> str:
    """Returns the address of an entry, without its fragment; "" if there is none."""
    try:
        return urljoin(feed, link).partition("#")[0] if link else ""
    except ValueError:
        return ""


def _people(element: Any) -> Iterator[str]:
    for child in element:
        if local(child) in ("author", "creator"):
            name = child_text(child, "name") or " ".join("".join(child.itertext()).split())
            # "editor@example.org (Jane Roe)": an e-mail address is no name.
            yield name.partition("(")[2].rstrip(")") if "@" in name else name


def _links(element: Any) -> Iterator[str]:
    """Yields the addresses in an entry, that of the article itself first."""
    children = [child for child in element if local(child) == "link"]
    for child in children:
        if child.get("href") and child.get("rel", "alternate") == "alternate":
            yield child.get("href").strip()
    yield from (child.text.strip() for child in children if child.text and child.text.strip())
    for child in element:
        text = (child.text or "").strip()
        if local(child) == "guid" and child.get("isPermaLink") != "false" and text.startswith(("http://", "https://")):
            yield text


def _markup(element: Any, name: str) -> str:
    """Returns the HTML in the child element `name`, whether it is escaped or nested as elements."""
    for child in element:
        if local(child) == name:
            inner = [etree.tostring(grandchild, encoding="unicode") for grandchild in child if local(grandchild)]
            if text := (child.text or "").strip() + "".join(inner):
                return text
    return ""
