"""Compare two evaluations question by question: what `clippings eval --compare` prints.

Reads the files that `--out` writes. A difference whose 95 % interval holds 0 may be noise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import WrongUse
from rag.confidence import Interval, difference


@dataclass(frozen=True, slots=True)
class Change:
    """How one measure changed over the questions that both runs count: mean of `after - before`, and its interval."""

    measure: str
    questions: int
    change: float
    interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return not self.interval[0] <= 0 <= self.interval[1]


def load_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that `eval --out` wrote. WrongUse if it is not one."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if rows and all(map(_is_result, rows)):
            return rows
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read as results: {error}") from error
    raise WrongUse(f"{path} does not hold results. Write them with: clippings eval QUESTIONS --out FILE")


def _is_result(row: Any) -> bool:
    measures = row.get("measures") if isinstance(row, dict) else None
    return (
        isinstance(measures, dict)
        and isinstance(row.get("question"), str)
        and all(isinstance(value, (int, float)) for value in measures.values())
    )


def compare(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[Change]:
    """The change of every measure over the questions of both runs. WrongUse if they share none."""
    earlier = _by_question(before)
    pairs = [(earlier[key]["measures"], row["measures"]) for key, row in _by_question(after).items() if key in earlier]
    if not pairs:
        raise WrongUse("The two runs share no question; compare results of the same question file.")
    changes = []
    for name in dict.fromkeys(name for _, row in pairs for name in row):
        both = [(old[name], new[name]) for old, new in pairs if name in old and name in new]
        if both:
            change, interval = difference([old for old, _ in both], [new for _, new in both])
            changes.append(Change(name, len(both), change, interval))
    return changes


def _by_question(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows by question, a question that is asked several times by its turn too."""
    seen: dict[str, int] = {}
    table: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        turn = seen.get(row["question"], 0)
        seen[row["question"]] = turn + 1
        table[row["question"], turn] = row
    return table
