"""Reads the text of an EPUB book, chapter by chapter. Runs in a child process (`sandbox`), like all packed formats.

The pages are read in the order of the book's spine, and nothing they refer to: no scripts, no styles, no images. Books
protected by their seller (DRM) cannot be read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree, html  # type: ignore[import-untyped,unused-ignore]

from index.decoding.archives import member, open_archive
from index.decoding.charset import decode
from index.decoding.html_blocks import block_texts
from index.decoding.html_tables import replace_tables
from index.decoding.safe_xml import child_text, local, parse_xml
from index.formats.document import LOCKED, Document

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read_epub(file: BinaryIO) -> Document:
    """Reads a book. Raises ValueError, with a message for users, if it cannot be read."""
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
        paragraphs = [text for page in pages if page not in locked for text in _page(member(archive, page))]
    return Document(tuple(paragraphs), _facts(package), tuple((page, LOCKED) for page in pages if page in locked))


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


def _page(data: bytes | None) -> Iterator[str]:
    """Yields the paragraphs of one page of the book."""
    if not data:
        return
    try:
        root = html.document_fromstring(decode(data).encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, ValueError):
        return
    replace_tables(root)
    yield from block_texts(root, without=frozenset({"nav"}))
