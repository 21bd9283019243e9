"""Splits web pages that hold many whole articles, as databases export them.

The page of a site is no such page: its lists of other articles have titles that lead elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lxml import html  # type: ignore[import-untyped,unused-ignore]

from index.decoding.html_blocks import block_texts, parse_markup
from index.decoding.html_tables import replace_tables
from index.formats.exports.head import Piece
from index.formats.exports.split import split_articles, with_cover

_HOLDERS = ("article", "div", "section", "table", "docfull", "record", "item")
_HEADINGS = ("h1", "h2", "h3", "h4")
# Number of characters of an article, and the share of the page's text that its articles have together.
_SHORTEST = 150
_MOST_OF_PAGE = 0.6
# What the pages of sites have, and exports do not.
_OF_A_SITE = ("<script", "<nav", "<aside")
# Marks in the tree where an article begins.
_BREAK = "\N{SYMBOL FOR FORM FEED}"
_NO_TEXT = frozenset({"nav", "button"})


def split_page(markup: str) -> list[Piece]:
    """Returns the articles of a page that holds several and nothing else; [] if it is to be read as one article."""
    lowered = markup.lower()
    exported = not any(mark in lowered for mark in _OF_A_SITE)
    if not exported and lowered.count("<article") < 2:
        return []
    tree = parse_markup(markup)
    holders = _holders(tree)
    if not holders and not exported:
        return []
    for holder in holders:
        break_before = html.Element("p")
        break_before.text = _BREAK
        holder.addprevious(break_before)
        headings = [*holder.iter(*_HEADINGS)]
        if len(headings) == 1:  # so that no line above it is the title
            headings[0].text = f"Title: {headings[0].text or ''}"
    replace_tables(tree)
    lines = ["\f" if line == _BREAK else line for line in block_texts(tree, without=_NO_TEXT)]
    start = lines.index("\f") if holders else 0
    return with_cover(lines[:start], split_articles("\n\n".join(lines[start:])))


def _holders(tree: Any) -> list[Any]:
    """Returns the elements of which each holds an article, in order; [] if there are none.

    They stand beside one another, have the same tag and class, and hold most of the page's text.
    """
    alike: dict[tuple[Any, str, str], list[Any]] = defaultdict(list)
    for element in tree.iter(*_HOLDERS):
        alike[element.getparent(), element.tag, element.get("class") or ""].append(element)
    length = _length(tree)
    for group in alike.values():
        if len(group) > 1 and sum(map(_length, group)) >= _MOST_OF_PAGE * length and all(map(_is_whole, group)):
            return group
    return []


def _is_whole(element: Any) -> bool:
    """Returns whether an element has the text of an article, and no title that leads to the article elsewhere."""
    linked = any(next(heading.iter("a"), None) is not None for heading in element.iter(*_HEADINGS))
    return not linked and _length(element) >= _SHORTEST


def _length(element: Any) -> int:
    return len(" ".join(element.text_content().split()))
