"""Tables and lists of web pages in, lines out."""

from __future__ import annotations

import pytest
from lxml import html

from index.decoding.html_blocks import block_texts
from index.decoding.html_tables import replace_tables
from index.decoding.table_lines import table_lines


def lines(markup: str) -> list[str]:
    tree = html.document_fromstring(f"<div>{markup}</div>")
    replace_tables(tree)
    return list(block_texts(tree))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Month", "Rain"], ["May", "40 mm"], ["June", "12 mm"]], ["May: Rain 40 mm", "June: Rain 12 mm"]),
        ([["Mayor", "Ida Brum"], ["Since", "2019"]], ["Mayor: Ida Brum", "Since: 2019"]),
        ([["Tarn", "", "3"], ["", "", ""], ["Note", "Note", "Note"]], ["Tarn: 3", "Note"]),
        ([], []),
    ],
)
def test_rows_are_told_with_the_headings_of_their_columns(rows: list[list[str]], expected: list[str]) -> None:
    assert table_lines(rows) == expected


def test_headings_and_cells_over_several_columns_and_rows() -> None:
    table = (
        "<table><thead><tr><th rowspan=2>Ward<th colspan=2>Turnout</tr><tr><th>2019<th>2024</tr></thead>"
        "<tr><td>Tarn<td>50%<td>55%</tr><tr><td colspan=3>Source: the council</tr></table>after it"
    )
    assert lines(table) == ["Tarn: Turnout 2019: 50%, Turnout 2024: 55%", "Source: the council", "after it"]


@pytest.mark.parametrize(
    "table",
    [
        "<table role='presentation'><tr><td>Left</td><td>Right</td></tr><tr><td>Low</td><td>High</td></tr></table>",
        f"<table><tr><td>{'word ' * 80}</td><td>Box</td></tr><tr><td>a</td><td>b</td></tr></table>",
        "<table><tr><td><a href='/a'>News</a></td><td><a href='/b'>Sport</a></td></tr>"
        "<tr><td><a href='/c'>Arts</a></td><td><a href='/d'>Food</a></td></tr></table>",
        "<table><tr><td>one</td></tr><tr><td>two</td></tr></table>",
    ],
)
def test_a_table_that_arranges_a_page_stays_as_it_is(table: str) -> None:
    assert not any(": " in line for line in lines(table))
