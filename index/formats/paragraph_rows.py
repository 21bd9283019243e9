"""Joins the rows of a crawler's table that each hold one paragraph of a page: by the page's address, in their order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.urls import is_address

Row = Mapping[str, Any]

_FEWEST_ROWS = 3
_LONGEST_PARAGRAPH = 800
_SHORTEST_PARAGRAPH = 30
# Number of characters of a paragraph that is taken for a part of the site if several pages have it.
_LONGEST_REPEATED = 100
# A number by which rows can be sorted is the last one: "1655100000-10".
_NUMBER = re.compile(r"(?:[\d\W_]*\D)?(\d+)")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns with the page's address, the paragraph, and its place ("" if the rows are in order)."""

    address: str
    paragraph: str
    order: str


def layout_of(rows: Sequence[Row]) -> Layout | None:
    """Returns how rows hold paragraphs; None if each is an article of its own.

    Pages have several rows each, which differ in nothing but one column of texts, and numbers.
    """
    for address in rows[0] if rows else ():
        pages = {str(row[address]) for row in rows}
        if len(pages) > 1 and len(rows) >= _FEWEST_ROWS * len(pages) and all(map(is_address, pages)):
            varying = _varying(rows, address)
            texts = [name for name in varying if _is_text([str(row[name]) for row in rows])]
            numbers = [name for name in varying if all(_NUMBER.fullmatch(str(row[name])) for row in rows)]
            if len(texts) == 1 and {*varying} == {*texts, *numbers}:
                return Layout(address, texts[0], next((name for name in numbers if name not in texts), ""))
    return None


def _varying(rows: Sequence[Row], address: str) -> list[str]:
    """Returns the columns that have several values on one page."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for name, value in row.items():
            values[name, str(row[address])].add(str(value))
    return [name for name in rows[0] if any(len(values[name, page]) > 1 for page in {str(r[address]) for r in rows})]


def _is_text(values: Sequence[str]) -> bool:
    mean = sum(map(len, values)) / len(values)
    return _SHORTEST_PARAGRAPH <= mean <= _LONGEST_PARAGRAPH and any(" " in value for value in values)


def join_paragraphs(rows: Iterable[tuple[int, Row]], layout: Layout) -> tuple[list[tuple[int, Row]], int]:
    """Returns a row for each page with the number of its first, and the number of paragraphs that are left out.

    These are short, and stand on several pages: "Advertisement".
    """
    pages: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in rows:
        pages[str(row[layout.address])].append((number, row))
    texts = {page: _paragraphs(of, layout) for page, of in pages.items()}
    often = Counter(text for some in texts.values() for text in {*some} if len(text) <= _LONGEST_REPEATED)
    kept = {page: [text for text in some if often[text] < 2] for page, some in texts.items()}
    found: list[tuple[int, Row]] = [
        (of[0][0], {**of[0][1], layout.paragraph: "\n\n".join(kept[page] or texts[page])}) for page, of in pages.items()
    ]
    return found, sum(len(texts[page]) - len(kept[page]) for page in pages if kept[page])


def _paragraphs(rows: Sequence[tuple[int, Row]], layout: Layout) -> list[str]:
    ordered = sorted(rows, key=lambda row: _place(str(row[1][layout.order]))) if layout.order else rows
    return [str(row[layout.paragraph]).strip() for _, row in ordered]


def _place(value: str) -> int:
    match = _NUMBER.fullmatch(value)
    return int(match[1]) if match else 0
