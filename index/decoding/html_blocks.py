"""Splits the text of a web page into paragraphs at its block elements, as a browser displays them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped,unused-ignore]

_BLOCKS = {
    *("p", "div", "section", "article", "main", "blockquote", "li", "dt", "dd", "td", "th", "tr", "table", "ul", "ol"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "figure", "figcaption", "header", "footer", "aside", "body", "dl"),
    *("hr", "br", "form", "button", "option", "label", "nav"),
}
_SKIPPED = {"script", "style", "head", "svg", "template", "noscript", "iframe", "object"}


def parse_markup(markup: str) -> Any:
    """Returns the tree of a page or a piece of HTML of any length, empty if it has no elements and no text."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return html.Element("html")


def block_texts(root: Any, *, without: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yields the text of every non-empty block below `root` as one line, skipping the elements named in `without`."""
    pieces: list[str] = []
    for piece in _pieces(root, _SKIPPED | without):
        if piece is not None:
            pieces.append(piece)
            continue
        if text := " ".join("".join(pieces).split()):
            yield text
        pieces = []
    if text := " ".join("".join(pieces).split()):
        yield text


def _pieces(element: Any, skipped: frozenset[str] | set[str]) -> Iterator[str | None]:
    """Yields the pieces of text below an element, and None where a block begins or ends."""
    # With a stack instead of recursion: faulty pages nest elements thousands of levels deep.
    stack: list[tuple[Any, bool]] = [(element, False)]
    while stack:
        current, closing = stack.pop()
        if not closing and isinstance(current.tag, str) and current.tag not in skipped:
            if current.tag in _BLOCKS:
                yield None
            if current.text:
                yield current.text
            stack.append((current, True))
            stack.extend((child, False) for child in reversed(current))
            continue
        if closing and current.tag in _BLOCKS:
            yield None
        if current is not element and current.tail:
            yield current.tail
