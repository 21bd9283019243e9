"""Reads the text of an EPUB book, chapter by chapter. Runs in a child process (`sandbox`), like all packed formats.

A periodical, as a program makes it of the articles of a day, is read article by article: every page that has an
address of its own, or a headline with a day and an author below it. The pages are read in the order of the book's
spine, and nothing they refer to: no scripts, no styles, no images. Books protected by their seller (DRM) cannot be
read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from urllib.parse import unquote
from zipfile import ZipFile

from index.cleaning.byline import Facts, facts_line, is_person
from index.cleaning.dates import before_date
from index.decoding.archives import member, open_archive
from index.decoding.charset import decode
from index.decoding.html_blocks import block_texts, parse_markup
from index.decoding.html_tables import replace_tables
from index.decoding.safe_xml import child_text, local, parse_xml
from index.formats.documents.document import LOCKED, Document

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_HEADINGS = ("h1", "h2", "h3", "title")
_TOP = 6
# Number of letters of a bar of links, and the share of them that are in links.
_LONGEST_BAR = 80
_MOST_LINKED = 0.8
_AUTHOR = re.compile(r"author|byline", re.I)
_NAVIGATION = re.compile(r"nav(?:bar|igation)?\b|\btoc\b", re.I)
_HTTP = re.compile(r"https?://\S+")
_ORIGIN = re.compile(r"downloaded (?:by|from)|original|source|view (?:on|in)|read (?:on|at)|https?://|quelle", re.I)
_PERIODICAL = re.compile(r"periodical|newspaper|magazine", re.I)


def read_epub(file: BinaryIO) -> list[Document]:
    """Reads a book, or the articles of a periodical. Raises ValueError, with a message for users, if it fails."""
    with open_archive(file) as archive:
        path = _package_path(archive)
        data = member(archive, path)
        if data is None:
            raise ValueError(f"is damaged: the book's contents, {path}, are not in it")
        package = parse_xml(data)
        pages = _spine(package, posixpath.dirname(path))
        locked = _encrypted(archive)
        if pages and all(page in locked for page in pages):
            raise ValueError("is protected by its seller (DRM), so its text cannot be read")
        found = [_Page.read(page, member(archive, page)) for page in pages if page not in locked]
    facts = _facts(package)
    unread = tuple((page, LOCKED) for page in pages if page in locked)
    articles = [page for page in found if page.is_article]
    periodical = _is_periodical(package)
    texts = [page for page in found if page.is_text and page.title]
    if len(texts) > 1 and (periodical or (len(articles) > 1 and 2 * len(articles) >= len(texts))):
        day = str(facts["date"]) if periodical else ""
        first, *others = [page.document(before_date(str(facts["title"])), day, found) for page in texts]
        return [replace(first, dropped=unread), *others]
    return [Document(tuple(text for page in found for text in page.paragraphs), facts, unread)]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a book: its paragraphs, headline, and the address that it was taken from ("" if none is named)."""

    name: str
    paragraphs: tuple[str, ...]
    title: str
    address: str
    origin: str
    """The paragraph that names the address."""
    author: str
    """A person's name in an element that is marked as the author's, as it stands there."""
    is_text: bool
    """Whether it holds more than links to other pages."""

    @classmethod
    def read(cls, name: str, data: bytes | None) -> _Page:
        """Reads a page of the book, without its menus."""
        root = parse_markup(decode(data)) if data else parse_markup("")
        address = _address(root)
        for element in list(root.iter("div", "p", "table")):
            names = f"{element.get('class', '')} {element.get('id', '')}"
            if element.getparent() is not None and (_NAVIGATION.search(names) or _leads_on(element)):
                element.drop_tree()
        replace_tables(root)
        texts = tuple(block_texts(root, without=frozenset({"nav"})))
        headings = (next((" ".join(e.text_content().split()) for e in root.iter(tag)), "") for tag in _HEADINGS)
        listed = {_entry(link) for link in root.iter("a") if not (link.get("href") or "").startswith("#")}
        linked = sum(len(" ".join(entry.text_content().split())) for entry in listed)
        length = sum(map(len, texts))
        return cls(
            name,
            texts,
            next(filter(None, headings), ""),
            *address,
            _author(root),
            length > 2 * linked and length > 80,
        )

    @property
    def is_article(self) -> bool:
        """Whether the page is an article by itself, rather than a chapter of a book."""
        stated = self._stated()
        signed = any(one.published for one in stated) and (self.author or any(one.author for one in stated))
        return self.is_text and bool(self.title and (self.address or signed))

    def document(self, source: str, day: str, pages: Sequence[_Page]) -> Document:
        """Returns the page as an article of the day `day` if it states no other, named by its place among the pages."""
        lines = tuple(text for text in self.paragraphs if text not in (self.origin, self.author))
        own = any(one.published for one in self._stated())
        facts = {"title": self.title, "author": self.author, "source": source, "url": self.address}
        return Document(lines, facts if own else {**facts, "date": day}, name=str(pages.index(self) + 1))

    def _stated(self) -> list[Facts]:
        """Returns what the first lines say about the article."""
        return [found for text in self.paragraphs[:_TOP] if (found := facts_line(text))]


def _leads_on(element: Any) -> bool:
    """Returns whether an element is a bar of links to other pages of the book: "| Next | Section menu | Previous |"."""
    links = [link for link in element.iter("a") if not _HTTP.match(link.get("href") or "")]
    letters = _letters(element.text_content())
    linked = sum(_letters(link.text_content()) for link in links)
    return len(links) > 1 and letters <= _LONGEST_BAR and linked >= _MOST_LINKED * letters


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _entry(link: Any) -> Any:
    """Returns the entry of a list of contents that a link is in, with its summary; the link if it is in no list."""
    return next(link.iterancestors("li", "dt", "dd", "tr"), link)


def _author(root: Any) -> str:
    marked = (" ".join(e.text_content().split()) for e in root.iter("*") if _AUTHOR.search(e.get("class") or ""))
    return next((text for text in marked if is_person(text.removeprefix("By "))), "")


def _address(root: Any) -> tuple[str, str]:
    """Returns the address that a page says it was taken from, and the paragraph that says so; "" if there is none."""
    for link in root.iter("a"):
        text = " ".join(link.text_content().split())
        around = text if link.getparent() is None else " ".join(link.getparent().text_content().split())
        address = link.get("href") or ""
        if _HTTP.match(address) and len(around) < 300 and (_ORIGIN.search(around) or _HTTP.fullmatch(text)):
            return address, around
    canonical = root.xpath("string(//link[@rel='canonical']/@href)")
    return canonical if _HTTP.match(canonical) else "", ""


def _is_periodical(package: Any) -> bool:
    """Returns whether the book says that it is a newspaper or a magazine."""
    kinds = [f"{e.get('content') or ''}{e.text or ''}" for e in package.iter("{*}meta", "{*}type")]
    return any(_PERIODICAL.search(kind) for kind in kinds)


def _package_path(archive: ZipFile) -> str:
    data = member(archive, _CONTAINER)
    if data is None:
        raise ValueError("is no EPUB book: it has no META-INF/container.xml")
    return next((str(e.get("full-path") or "") for e in parse_xml(data).iter("{*}rootfile")), "")


def _spine(package: Any, folder: str) -> list[str]:
    """Returns the names of the book's pages in the archive, in reading order."""
    items = {e.get("id"): unquote(e.get("href") or "") for e in package.iter("{*}item")}
    named = [items.get(e.get("idref")) for e in package.iter("{*}itemref")]
    # The names are only looked up in the archive, so "../" in one cannot lead to a file outside of it.
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, name)) for name in named if name))


def _encrypted(archive: ZipFile) -> set[str]:
    """Returns the names of the members that are encrypted (DRM)."""
    data = member(archive, _ENCRYPTION)
    return set() if data is None else {unquote(e.get("URI") or "") for e in parse_xml(data).iter("{*}CipherReference")}


def _facts(package: Any) -> dict[str, Any]:
    metadata = next((e for e in package if local(e) == "metadata"), package)
    creators = ["".join(e.itertext()).strip() for e in metadata if local(e) == "creator"]
    return {
        "title": child_text(metadata, "title"),
        "author": [name for name in creators if name],
        "source": child_text(metadata, "publisher"),
        "date": child_text(metadata, "date"),
        "language": child_text(metadata, "language"),
    }
