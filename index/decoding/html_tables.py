"""Replaces the tables and definition lists of a web page by paragraphs, a line for every row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from lxml import html  # type: ignore[import-untyped,unused-ignore]

from index.decoding.table_lines import table_lines

# A longer cell is no entry of a table but text that the table arranges on the page.
_LONGEST_CELL = 300
_MOST_COLUMNS = 40
_MOST_CELLS = 20_000
_ARRANGES = re.compile(r"nav|menu|calendar|sidebar|footer|widget|toolbar|layout", re.I)
_LAID_OUT = ("table", "form", "h1", "h2", "h3", "ul", "ol", "iframe", "input")


def replace_tables(tree: Any) -> None:
    """Makes paragraphs of the data tables and definition lists below `tree`, where they stand, captions first.

    Tables that only arrange a page are left as they are.
    """
    for table in list(tree.iter("table", "dl")):
        lines = _definitions(table) if table.tag == "dl" else _rows_of(table)
        if not lines or table.getparent() is None:
            continue
        tail = table.tail
        table.clear()
        table.tag, table.tail = "div", tail
        for line in lines:
            paragraph = html.Element("p")
            paragraph.text = line
            table.append(paragraph)


def _rows_of(table: Any) -> list[str]:
    rows = list(table.iter("tr"))
    names = f"{table.get('class', '')} {table.get('id', '')}"
    if len(rows) < 2 or table.get("role") == "presentation" or _ARRANGES.search(names):
        return []
    if next(table.iterdescendants(*_LAID_OUT), None) is not None:
        return []
    cells = [list(_spread(row)) for row in rows]
    texts = _grid(cells)
    filled = [text for row in texts for text in row if text]
    if (
        max(map(len, texts), default=0) < 2
        or len(filled) > _MOST_CELLS
        or max(map(len, filled), default=0) > _LONGEST_CELL
    ):
        return []
    linked = [cell for row in cells for cell, _ in row if _text(cell)]
    days = [text for row in texts[1:] for text in row if text]
    if all(map(_is_link, linked)) or (len(texts[-1]) == 7 and all(text.isdigit() and len(text) < 3 for text in days)):
        return []  # a menu, or the days of a calendar
    headed = sum(1 for _ in takewhile(_is_heading, rows))
    captions = [text for caption in table.iter("caption") if (text := _text(caption))]
    if all(len(row) == 2 for row in texts) and all(map(_is_labelled, rows)):  # so that the first row heads nothing
        return [*captions, *(f"{label.rstrip(':')}: {value}" for label, value in texts)]
    return [*captions, *table_lines(texts, headed if 0 < headed < len(rows) else None)]


def _is_heading(row: Any) -> bool:
    parent = row.getparent()
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    return (parent is not None and parent.tag == "thead") or all(cell.tag == "th" for cell in cells)


def _is_labelled(row: Any) -> bool:
    """Returns whether the first of a row's two cells is the heading, or the label with a colon, of the second."""
    first, *others = [cell for cell in row if cell.tag in ("td", "th")] or [row]
    return _text(first).endswith(":") or (first.tag == "th" and all(cell.tag == "td" for cell in others))


def _spread(row: Any) -> Iterator[tuple[Any, int]]:
    """Yields the cells of a row, each as often as it has columns, with the number of rows that it covers."""
    for cell in row:
        if cell.tag in ("td", "th"):
            for _ in range(min(_span(cell, "colspan"), _MOST_COLUMNS)):
                yield cell, _span(cell, "rowspan")


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    return max(1, int(value)) if value.isdecimal() and len(value) < 6 else 1


def _grid(cells: list[list[tuple[Any, int]]]) -> list[list[str]]:
    """Returns the texts of the cells, those that cover several rows repeated in each of them."""
    grid: list[list[str]] = []
    covered: dict[int, tuple[str, int]] = {}
    for row in cells:
        texts: list[str] = []
        waiting = list(row)
        while (waiting or len(texts) in covered) and len(texts) < _MOST_COLUMNS:
            column = len(texts)
            if column in covered:
                text, left = covered.pop(column)
            else:
                cell, left = waiting.pop(0)
                text = _text(cell)
            if left > 1:
                covered[column] = text, left - 1
            texts.append(text)
        grid.append(texts)
    return grid


def _text(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split()) if len(element) else " ".join((element.text or "").split())


def _is_link(cell: Any) -> bool:
    return sum(len(_text(link)) for link in cell.iter("a")) >= len(_text(cell))


def _definitions(definitions: Any) -> list[str]:
    """Returns a line "term: definition" for every term of a definition list; nothing if it is none."""
    lines: list[list[str]] = []
    for entry in definitions.iter("dt", "dd"):
        text = _text(entry)
        if next(entry.iterdescendants(*_LAID_OUT, "dl", "dt", "dd"), None) is not None or len(text) > _LONGEST_CELL:
            return []
        if entry.tag == "dt":
            lines.append([text.rstrip(":")])
        elif lines:
            lines[-1].append(text)
    return [f"{term}: {', '.join(filter(None, said))}" if any(said) else term for term, *said in lines if term]
