"""An RSS or Atom feed -> its entries. Knows nothing about the network; `sources` fetches what an entry points to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html  # type: ignore[import-untyped,unused-ignore]

from index.dates import parse_date
from index.xmltree import child_text, local, parse_xml

_HEAD = 1000
_ROOTS = ("rss", "feed", "RDF")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed; `markup` is what the feed itself has of the article, as HTML, perhaps only a summary."""

    address: str
    title: str
    author: str
    published: date | None
    markup: str
    source: str


def is_feed(content: bytes) -> bool:
    """Whether this is a feed rather than a page, judging by how it begins."""
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf:")) and any(
        mark in head for mark in (b"<rss", b"<feed", b"<rdf:rdf")
    )


def read_feed(content: bytes, address: str) -> list[Entry]:
    """The entries with an address, in the feed's order, each address once. ValueError if it is no feed."""
    root = parse_xml(content)
    if local(root) not in _ROOTS:
        raise ValueError("is no RSS or Atom feed")
    channel = next((child for child in root if local(child) == "channel"), root)
    source = child_text(channel, "title")
    entries = (_entry(element, address, source) for element in root.iter() if local(element) in ("item", "entry"))
    return list({entry.address: entry for entry in entries if entry.address}.values())


def plain_length(markup: str) -> int:
    """How many characters of text a piece of HTML has."""
    try:
        return len(" ".join(html.fromstring(markup).text_content().split()))
    except (etree.ParserError, ValueError):
        return 0


def _entry(element: Any, feed: str, source: str) -> Entry:
    link = next(_links(element), "")
    try:
        address = urljoin(feed, link) if link else ""
    except ValueError:
        address = ""
    when = child_text(element, "pubDate", "published", "date", "issued", "updated")
    markups = (_markup(element, name) for name in ("encoded", "content", "description", "summary"))
    return Entry(
        address.partition("#")[0],
        child_text(element, "title"),
        ", ".join(dict.fromkeys(filter(None, _people(element)))),
        parse_date(when),
        next(filter(None, markups), ""),
        source,
    )


def _people(element: Any) -> Iterator[str]:
    for child in element:
        if local(child) in ("author", "creator"):
            name = child_text(child, "name") or " ".join("".join(child.itertext()).split())
            # An address of mail is no name ("editor@example.org (Jane Roe)").
            yield name.partition("(")[2].rstrip(")") if "@" in name else name


def _links(element: Any) -> Iterator[str]:
    """The addresses that an entry gives, the article's own first."""
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
    """The HTML in an element, whether it is escaped there or stands there as elements."""
    for child in element:
        if local(child) == name:
            inner = [etree.tostring(grandchild, encoding="unicode") for grandchild in child if local(grandchild)]
            if text := (child.text or "").strip() + "".join(inner):
                return text
    return ""
