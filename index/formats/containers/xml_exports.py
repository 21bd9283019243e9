"""Reads articles that programs export as XML: WordPress (WXR), feeds, Blogger (Atom), Evernote (ENEX), MediaWiki.

Runs in the sandbox. Articles are read one by one, so that a file may be larger than the memory.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from index.decoding.html_blocks import parse_markup
from index.decoding.safe_xml import child_text, local
from index.formats.documents.document import Document, Item, Skipped

_ARTICLES = ("item", "entry", "note", "page")
_ROOTS = ("rss", "RDF", "feed", "en-export", "mediawiki")
# Written before the articles, or of no use and large.
_OTHERS = ("author", "data", "recognition")
_PIECE = 1 << 16
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist|wp_caption)\b[^\]\[]{0,500}\]")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})T\d{6}Z?")
_PUBLIC = ("publish", "private", "")


def read_export(file: BinaryIO) -> Iterator[Item]:
    """Yields the articles of an export, with their comments; counts what else is in it by type. Raises ValueError."""
    names: dict[str, str] = {}
    skipped: Counter[str] = Counter()
    source = ""
    ended = False
    for number, element in enumerate(_elements(file), 1):
        if element is None:
            ended = True
            break
        if local(element) == "author":
            names[child_text(element, "author_login")] = child_text(element, "author_display_name")
            continue
        source = source or _source(element)
        item = _item(element, number, source, names)
        if isinstance(item, Skipped):
            skipped[item.kind] += 1
        else:
            yield item
    yield from (Skipped(kind, count) for kind, count in skipped.items())
    if not ended:
        raise ValueError("is cut off, or damaged; what comes before is read")


def _item(element: Any, number: int, source: str, names: dict[str, str]) -> Document | Skipped:
    if local(element) == "page":
        from index.formats.containers.mediawiki import read_page  # loads a parser that other exports do not need

        return read_page(element)
    if local(element) == "note":
        return _note(element, number)
    kind, status = child_text(element, "post_type"), child_text(element, "status")
    if kind not in ("post", "page", "") or status not in _PUBLIC:
        return Skipped(f"{kind if kind not in ('post', 'page', '') else f'{status} {kind}'} of WordPress", 1)
    if kind := _kind_in_blogger(element):
        return Skipped(f"{kind} of Blogger", 1)
    return _post(element, number, source, names)


def _kind_in_blogger(entry: Any) -> str:
    """Returns what an entry of Blogger's export is that is no published post: a comment, a draft …; "" if it is one."""
    terms = (child.get("term", "") for child in entry if local(child) == "category")
    kind = next((term.partition("kind#")[2] for term in terms if "kind#" in term), "") or child_text(entry, "type")
    status = child_text(entry, "status")  # as newer exports have it, whose types are in capitals
    drafts = [child_text(child, "draft") for child in entry if local(child) == "control"]
    if kind.lower() not in ("post", "page", ""):
        return kind.lower()
    return "draft" if "yes" in drafts or status in ("DRAFT", "SOFT_TRASHED") else ""


def _elements(file: BinaryIO) -> Iterator[Any]:
    """Yields the elements of articles and authors, each of which is emptied afterwards; None at the end of the root."""
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True
    )  # fmt: skip
    root = None
    for piece in iter(lambda: file.read(_PIECE), b""):
        parser.feed(piece)
        for event, element in parser.read_events():
            if root is None:
                root = _checked(element)
            if event == "end" and local(element) in _ARTICLES:
                yield element
                _empty(element)
            elif event == "end" and local(element) in _OTHERS:
                if local(element) == "author" and local(element.getparent()) == "channel":
                    yield element
                elif local(element) != "author":
                    element.clear(keep_tail=True)
            elif event == "end" and element is root:
                yield None
    if root is None:
        raise ValueError("is damaged: its XML holds nothing")


def _checked(root: Any) -> Any:
    if local(root) not in _ROOTS:
        programs = "WordPress, RSS, Atom, Blogger, Evernote, MediaWiki"
        raise ValueError(f"is no export that is read ({programs}): its first element is {local(root)!r}")
    return root


def _empty(element: Any) -> None:
    """Frees the memory of an element and of those before it, but not what the source's name is in."""
    element.clear()
    while (before := element.getprevious()) is not None and local(before) in (*_ARTICLES, "author"):
        element.getparent().remove(before)


def _source(element: Any) -> str:
    parent = element.getparent()
    return "" if parent is None or local(element) == "note" else child_text(parent, "title")


def _post(element: Any, number: int, source: str, names: dict[str, str]) -> Document:
    creator = child_text(element, "creator") or " ".join(
        child_text(child, "name") for child in element if local(child) == "author"
    )
    link = child_text(element, "link") or next(
        (
            child.get("href", "")
            for child in element
            if local(child) == "link" and child.get("rel") in (None, "alternate")
        ),
        "",
    )
    comments = [
        text
        for comment in element
        if local(comment) == "comment" and child_text(comment, "comment_approved") == "1"
        if (text := str(parse_markup(_raw(comment, "comment_content")).text_content()).strip())
    ]
    facts = {
        "title": child_text(element, "title"),
        "author": names.get(creator) or creator,
        "source": source,
        "date": child_text(element, "pubDate", "published", "date", "post_date", "updated"),
        "url": link,
        "comments": comments,
    }
    markup = next(filter(None, (_raw(element, name) for name in ("encoded", "content", "description", "summary"))), "")
    markup = _SHORTCODE.sub("", markup)
    if "<p" not in markup:  # WordPress makes paragraphs of blank lines only when it shows them
        markup = _BLANK_LINE.sub("<p>", markup)
    return Document(facts=facts, markup=markup, name=child_text(element, "post_id") or str(number))


def _note(element: Any, number: int) -> Document:
    """Reads a note. That of a clipped page has the reader for its author, and the day of clipping."""
    attributes = next((child for child in element if local(child) == "note-attributes"), element)
    clipped = child_text(attributes, "source").startswith("web.clip")
    facts = {
        "title": child_text(element, "title"),
        "author": "" if clipped else child_text(attributes, "author"),
        "created" if clipped else "date": _COMPACT.sub(r"\1-\2-\3", child_text(element, "created")),
        "url": child_text(attributes, "source-url"),
    }
    return Document(facts=facts, markup=_raw(element, "content"), name=str(number))


def _raw(element: Any, name: str) -> str:
    """Returns the HTML in the first child of this name that has any, whether it is escaped or nested as elements."""
    for child in element:
        if local(child) == name:
            inner = "".join(etree.tostring(below, encoding="unicode") for below in child if local(below))
            if text := f"{child.text or ''}{inner}".strip():
                return text
    return ""
