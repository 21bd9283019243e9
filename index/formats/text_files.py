"""Reads files of the text formats, which are one article each: plain text, Markdown, web pages, subtitles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from index.cleaning.clean import Cleaned, Dropped, clean
from index.cleaning.metadata import is_unpublished, read_fields
from index.cleaning.paragraphs import check_lines
from index.decoding.charset import decode
from index.formats import tables
from index.formats.collection import split_page
from index.formats.documents.document import Document, Member
from index.formats.exports.highlights import split_highlights
from index.formats.markdown import read_markdown
from index.formats.parsed import NoArticle, clean_document, clean_pieces, clean_texts, with_fields
from index.formats.subtitles import clean_speech, read_transcript
from index.formats.webpage import clean_page, is_list_of_links, page_text

# Bytes of a plain text by which a table is recognised.
_EXAMINED = 20_000

_ADDRESS = re.compile(r"https?://[^\s<>\")\]]+[^\s<>\")\].,;:]")


def is_table(suffix: str, data: bytes) -> bool:
    """Returns whether a file is a table: by its suffix or, if it is a plain text, by its first line."""
    return suffix in tables.SUFFIXES or (suffix == ".txt" and tables.looks_like_table(decode(data[:_EXAMINED])))


def clean_item(item: Document | Member) -> list[Cleaned]:
    """Cleans what was read in the sandbox: the article, or several. Raises NoArticle, or ValueError if it is bad."""
    if isinstance(item, Document):
        return clean_document(item)
    fields = read_fields(item.facts)
    if item.suffix in (".html", ".htm"):
        return [with_fields(one, fields) for one in _read_page(item.data, charset=item.charset or None)]
    if item.suffix == ".txt" and item.facts:
        above = tuple(Dropped(line, "above a forwarded article") for line in item.dropped)
        text = decode(item.data)
        found = clean_texts(text, {**item.facts, "url": item.facts.get("url") or _only_address(text)})
        return [replace(found[0], dropped=(*found[0].dropped, *above)), *found[1:]]
    return READERS[item.suffix](item.data, item.name)


def joined(found: list[Cleaned], row: Mapping[str, Any] | None) -> list[Cleaned]:
    """Returns a file's article with what a row of a table beside it says. Raises NoArticle if it is a draft."""
    if row is None or len(found) != 1:
        return found
    if is_unpublished(row):
        raise NoArticle("draft")
    fields = read_fields(row)
    return [with_fields(replace(found[0], title=fields.title or found[0].title), fields)]


def _only_address(text: str) -> str:
    """Returns the web address in a mail's text, if it names only one; "" otherwise."""
    found = {*_ADDRESS.findall(text)}
    return found.pop() if len(found) == 1 else ""


def _read_text(data: bytes, name: str) -> list[Cleaned]:
    text = decode(data)
    # Web pages are sometimes saved with the suffix .txt.
    if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        return _read_page(data, name)
    check_lines(text.count("\n"))
    if transcript := read_transcript(text):
        cleaned = clean(transcript.text)
        lines = tuple(Dropped(line, "line of the program") for line in transcript.dropped)
        return [replace(cleaned, dropped=(*cleaned.dropped, *lines))]
    return clean_texts(text)


def _read_markdown(data: bytes, _: str) -> list[Cleaned]:
    text = decode(data)
    found = []
    for part in split_highlights(text) or [text]:
        markdown = read_markdown(part)
        if markdown.kind:
            raise NoArticle(markdown.kind)
        fields = read_fields(markdown.facts)
        cleaned = with_fields(clean(markdown.text, title=fields.title or markdown.heading or None), fields)
        dropped = tuple(Dropped(*pair) for pair in markdown.dropped)
        found.append(replace(cleaned, dropped=(*cleaned.dropped, *dropped)))
    return found


def _read_subtitles(data: bytes, name: str) -> list[Cleaned]:
    return [clean_speech(decode(data), name)]


def _read_page(data: bytes, _: str = "", *, charset: str | None = None) -> list[Cleaned]:
    if is_list_of_links(data):
        raise NoArticle("page that only leads to others")
    markup = page_text(data, charset)
    return clean_pieces(split_page(markup)) or [clean_page(markup)]


READERS: dict[str, Callable[[bytes, str], list[Cleaned]]] = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_page,
    ".htm": _read_page,
    ".vtt": _read_subtitles,
    ".srt": _read_subtitles,
}
"""The readers of the text formats, by suffix, of bytes and a file's name; they raise NoArticle and ValueError."""
