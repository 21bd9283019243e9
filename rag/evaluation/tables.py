"""Formats figures by kind as a table for the terminal: a line for each kind, a column for each figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = "-"
"""Shown for a figure that a kind does not have."""

WIDTH = 8
"""Least width, in characters, of a figure's column."""


def group_table(heading: str, groups: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the table of the groups' figures, without intervals, which only `--json` gives; empty without groups."""
    if not groups:
        return ""
    names = list(dict.fromkeys(name for figures in groups.values() for name in figures if name != "confidence"))
    first = max(len(name) for name in [heading, *groups])
    lines = [
        _line(group, first, {name: _cell(figures.get(name)) for name in names}) for group, figures in groups.items()
    ]
    return "\n".join([_line(heading, first, {name: name for name in names}), *lines])


def _line(start: str, first: int, cells: Mapping[str, str]) -> str:
    return "  ".join([f"{start:<{first}}", *(f"{cell:>{max(WIDTH, len(name))}}" for name, cell in cells.items())])


def _cell(value: float | None) -> str:
    """Formats a share with three decimals, and a number of rows or words without trailing zeros."""
    if value is None:
        return NOTHING
    return f"{value:.3f}" if isinstance(value, float) and value <= 1 else f"{value:g}"
