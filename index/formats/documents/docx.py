"""Reads the text of a Word file (.docx). Runs in a child process (`sandbox`), since such files can be malicious.

Only three members of the archive are read, the body, the comments and the core properties, and nothing they refer to:
no macros, no linked files, no images. With tracked changes, deleted text is omitted and inserted text included.
Comments in the margin are kept apart. Headers, footers and notes are other members, so they are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO
from zipfile import ZipFile

from index.decoding.archives import member, open_archive
from index.decoding.safe_xml import child_text, local, parse_xml
from index.formats.documents.document import COMMENT, Document, stated_author, stated_title
from index.formats.documents.rows import TableTags, lines_of_tables

_BODY = "word/document.xml"
_COMMENTS = "word/comments.xml"
_PROPERTIES = "docProps/core.xml"
_TABLE = TableTags("tbl", "tr", "tc")
# Elements with deleted or moved text, field codes, or a fallback that repeats other content.
_SKIPPED = {"del", "moveFrom", "Fallback", "instrText", "delText"}


def read_docx(file: BinaryIO) -> Document:
    """Reads a Word file. Raises ValueError, with a message for users, if it cannot be read."""
    with open_archive(file) as archive:
        body = member(archive, _BODY)
        if body is None:
            raise ValueError("is no Word file: it has no word/document.xml (an .odt or .doc under another name?)")
        root = parse_xml(body, huge=True)
        rows = dict(lines_of_tables(root, _TABLE, lambda cell: ((e, text) for text, _, e in _paragraphs(cell))))
        paragraphs = [line for text, _, element in _paragraphs(root) for line in rows.get(element, [text])]
        title = next((text for text, style, _ in _paragraphs(root) if style.lower() in ("title", "titel")), "")
        facts = _properties(archive)
        comments = tuple((text, COMMENT) for text in _comments(archive))
    return Document(tuple(text for text in paragraphs if text), facts | ({"title": title} if title else {}), comments)


def _comments(archive: ZipFile) -> Iterator[str]:
    with suppress(ValueError):  # damaged, which does not keep the body from being read
        data = member(archive, _COMMENTS)
        for comment in parse_xml(data, huge=True).iter("{*}comment") if data else ():
            if text := " ".join(text for text, _, _ in _paragraphs(comment) if text):
                yield text


def _paragraphs(root: Any) -> Iterator[tuple[str, str, Any]]:
    """Yields the text, the name of the style and the element of every paragraph in order, including those in tables."""
    for paragraph in root.iter("{*}p"):
        if local(paragraph) == "p" and not any(local(above) in _SKIPPED for above in paragraph.iterancestors()):
            style = next((e.get(f"{{{_namespace(e)}}}val", "") for e in paragraph.iter("{*}pStyle")), "")
            yield " ".join("".join(_words(paragraph)).split()), style, paragraph


def _words(element: Any) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in ("tab", "br", "cr"):
            yield " "
        elif name == "noBreakHyphen":
            yield "-"
        elif name not in _SKIPPED and name != "p":  # paragraphs of a text box inside this one are yielded separately
            yield from _words(child)


def _properties(archive: ZipFile) -> dict[str, str]:
    data = member(archive, _PROPERTIES)
    root = parse_xml(data) if data else None
    title, author, language = (
        "" if root is None else child_text(root, name) for name in ("title", "creator", "language")
    )
    return {"title": stated_title(title), "author": stated_author(author), "language": language}


def _namespace(element: Any) -> str:
    return str(element.tag).partition("}")[0].removeprefix("{")
