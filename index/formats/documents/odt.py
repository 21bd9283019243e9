"""Reads the text of an OpenDocument text (.odt). Runs in a child process (`sandbox`), like all packed formats.

Only the body and the metadata are read. Deleted text of tracked changes and notes at the foot are omitted; comments in
the margin are kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from zipfile import ZipFile

from index.decoding.archives import member, open_archive
from index.decoding.safe_xml import child_text, local, parse_xml
from index.formats.documents.document import COMMENT, Document, stated_author, stated_title
from index.formats.documents.rows import TableTags, lines_of_tables

_BODY = "content.xml"
_METADATA = "meta.xml"
_MANIFEST = "META-INF/manifest.xml"
_TABLE = TableTags("table", "table-row", "table-cell")
_APART = {"annotation", "note", "tracked-changes"}
# Elements in a paragraph whose text does not belong to it; the paragraphs of a text box in it are yielded apart.
_SKIPPED = {*_APART, "annotation-end", "p", "h"}


def read_odt(file: BinaryIO) -> Document:
    """Reads an OpenDocument text. Raises ValueError, with a message for users, if it cannot be read."""
    with open_archive(file) as archive:
        body = member(archive, _BODY)
        if body is None:
            raise ValueError("is no OpenDocument text: it has no content.xml")
        if b"encryption-data" in (member(archive, _MANIFEST) or b""):
            raise ValueError("is protected by a password; save it without one")
        root = parse_xml(body, huge=True)
        facts = _properties(archive)
    titles = {"Title"} | {
        _of(style, "name") for style in root.iter("{*}style") if _of(style, "parent-style-name") == "Title"
    }
    rows = dict(lines_of_tables(root, _TABLE, _paragraphs))
    found = [
        (line, _of(element, "style-name") in titles)
        for element, text in _paragraphs(root)
        for line in rows.get(element, [text])
    ]
    title = next((text for text, is_title in found if is_title), "")
    comments = (" ".join(" ".join(_comment(e)).split()) for e in root.iter("{*}annotation"))
    return Document(
        tuple(text for text, _ in found),
        facts | ({"title": title} if title else {}),
        tuple((comment, COMMENT) for comment in comments if comment),
    )


def _paragraphs(root: Any) -> Iterator[tuple[Any, str]]:
    """Yields the paragraphs and headings with their texts in order, including those in tables and text boxes."""
    for element in root.iter("{*}p", "{*}h"):
        apart = any(local(above) in _APART for above in element.iterancestors())
        if not apart and (text := " ".join("".join(_words(element)).split())):
            yield element, text


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if local(child) in ("s", "tab", "line-break"):
            yield " "
        elif local(child) and local(child) not in _SKIPPED:
            yield from _words(child)
        yield child.tail or ""


def _comment(annotation: Any) -> Iterator[str]:
    for paragraph in annotation.iter("{*}p"):
        yield "".join(_words(paragraph))


def _properties(archive: ZipFile) -> dict[str, str]:
    data = member(archive, _METADATA)
    metadata = next(parse_xml(data).iter("{*}meta"), None) if data else None
    title, author, language = (
        "" if metadata is None else child_text(metadata, *names)
        for names in (("title",), ("initial-creator", "creator"), ("language",))
    )
    return {"title": stated_title(title), "author": stated_author(author), "language": language}


def _of(element: Any, name: str) -> str:
    """Returns the value of an attribute, whatever its namespace."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
