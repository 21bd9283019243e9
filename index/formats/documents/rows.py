"""Replaces the paragraphs of a document's tables by lines, one for each row, with the headers of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from index.decoding.table_lines import table_lines


class TableTags(NamedTuple):
    """The local names of a table's elements in a format."""

    table: str
    row: str
    cell: str


Paragraphs = Callable[[Any], Iterator[tuple[Any, str]]]
"""Returns the paragraphs within an element: each one's element and text."""


def lines_of_tables(root: Any, tags: TableTags, paragraphs: Paragraphs) -> Iterator[tuple[Any, list[str]]]:
    """Yields the lines that stand for each paragraph in a table: the table's rows for its first one, none for others.

    A table in another, or with several paragraphs in a cell, arranges the page: its paragraphs stay as they are.
    """
    for table in root.iter(f"{{*}}{tags.table}"):
        rows = table.iterdescendants(f"{{*}}{tags.row}")
        cells = [[list(paragraphs(cell)) for cell in row.iterchildren(f"{{*}}{tags.cell}")] for row in rows]
        inside = [element for row in cells for cell in row for element, _ in cell]
        texts = [[" ".join(text for _, text in cell if text) for cell in row] for row in cells]
        several = any(len([text for _, text in cell if text]) > 1 for row in cells for cell in row)
        if inside and len(cells) > 1 and max(map(len, cells)) > 1 and not several and not _is_nested(table, tags.table):
            yield inside[0], table_lines(texts)
            yield from ((element, []) for element in inside[1:])


def _is_nested(table: Any, tag: str) -> bool:
    return any(next(step(f"{{*}}{tag}"), None) is not None for step in (table.iterdescendants, table.iterancestors))
