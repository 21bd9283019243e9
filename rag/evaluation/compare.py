"""Paired comparison of two evaluations, for `clippings eval --compare`: every question, turn and pair with itself.

Reads the files that `--out` writes. A difference whose 95 % interval contains 0 may be noise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import WrongUse
from rag.evaluation.measures.bootstrap import Interval, difference


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one measure over the rows that have it in both runs: mean of `after - before`, and its interval."""

    measure: str
    questions: int
    change: float
    interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval does not contain 0."""
        return not self.interval[0] <= 0 <= self.interval[1]


def load_results(path: Path) -> list[dict[str, Any]]:
    """Returns the rows of a file that `eval --out` wrote. Raises WrongUse for any other file."""
    try:
        with path.open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.strip()]
        if rows and all(map(_is_result, rows)):
            return rows
    except (OSError, ValueError, RecursionError) as error:
        raise WrongUse(f"{path} cannot be read as results: {error}") from error
    raise WrongUse(f"{path} does not hold results. Write them with: clippings eval QUESTIONS --out FILE")


def _is_result(row: Any) -> bool:
    measures = row.get("measures") if isinstance(row, dict) else None
    return (
        isinstance(measures, dict)
        and isinstance(row.get("question") or row.get("claim"), str)
        and all(isinstance(value, (int, float)) for value in measures.values())
    )


def compare(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[Change]:
    """Returns the change of every measure over the rows that both runs share. Raises WrongUse if they share none."""
    earlier = _by_identity(before)
    pairs = [(earlier[key]["measures"], row["measures"]) for key, row in _by_identity(after).items() if key in earlier]
    if not pairs:
        raise WrongUse("The two runs share no question; compare results of the same question file.")
    return [
        change for name in dict.fromkeys(name for _, row in pairs for name in row) for change in _change(name, pairs)
    ]


def _change(name: str, pairs: Sequence[tuple[dict[str, float], dict[str, float]]]) -> list[Change]:
    """Returns the change of one measure, in a list that is empty if no row has it in both runs."""
    both = [(old[name], new[name]) for old, new in pairs if name in old and name in new]
    if not both:
        return []
    change, interval = difference([old for old, _ in both], [new for _, new in both])
    return [Change(name, len(both), change, interval)]


def _by_identity(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Returns the rows by their identity: the question or pair as JSON, and the number of equal rows before it."""
    seen: dict[str, int] = {}
    table: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        key = json.dumps([row.get(name) for name in ("question", "history", "clipping", "claim")])
        nth = seen.get(key, 0)
        seen[key] = nth + 1
        table[key, nth] = row
    return table
