"""What came of a load: is every answer right, is memory flat, are waits fair?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SETTLED_SECONDS = 60.0
"""From when on memory must be flat."""

MOST_GROWTH = 0.05
MOST_UNFAIR = 3.0


@dataclass(frozen=True, slots=True)
class Received:
    """What a user received: the answer's text and quotations, as every door gives them."""

    text: str
    quotes: frozenset[str]
    question: str
    """As the answer repeats it; empty where the door does not."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], text: str | None = None) -> Received:
        """Of the JSON of an answer. AssertionError if a citation is none of the passages shown."""
        quotes = frozenset(citation["quote"] for citation in answer["citations"])
        shown = {passage["article_id"] for passage in answer["passages"]}
        assert {citation["article_id"] for citation in answer["citations"]} <= shown, "a citation of another question"
        return cls(answer["text"] if text is None else text, quotes, answer.get("question", ""))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of one user. `at` counts from the beginning of the load, `seconds` until the answer was whole."""

    door: str
    question: str
    at: float
    seconds: float
    received: Received | None = None
    left: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server's process holds at a time: resident memory in MB, threads, open files."""

    at: float
    megabytes: float
    threads: int
    files: int


@dataclass(slots=True)
class Load:
    """What happened. `alone` has the answer and the seconds of each question without anybody else."""

    alone: dict[str, Asked]
    doors: dict[str, float] = field(default_factory=dict)
    """Median seconds of an answer without anybody else, by the door asked through."""
    asked: list[Asked] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    updates: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    """Seconds that adding an article took at most, by how it came."""
    problems: list[str] = field(default_factory=list)
    """Updates that failed, and why."""
    before: Reading | None = None
    after: Reading | None = None
    """None if the server has ended."""


def kind(asked: Asked, alone: Mapping[str, Asked]) -> str:
    """Of an answer: "same" as alone, "reworded", "mixed up" or "wrong"; "left" and "error" without one."""
    if asked.received is None:
        return "left" if asked.left else "error"
    own = alone[asked.question].received
    assert own is not None
    if asked.received.question not in ("", asked.question):
        return "mixed up"
    if asked.received.text == own.text:
        return "same"
    if any(other.received and other.received.text == asked.received.text for other in alone.values()):
        return "mixed up"
    return "reworded" if asked.received.quotes & own.quotes else "wrong"


def verdict(load: Load) -> dict[str, Any]:
    """The figures, and under "failed" what must not be."""
    kinds = Counter(kind(asked, load.alone) for asked in load.asked)
    waits = [max(0.0, a.seconds - load.alone[a.question].seconds) for a in load.asked if a.received]
    median, late = map(float, np.percentile(waits or [0.0], (50, 95)))
    settled = [r.megabytes for r in load.readings if r.at >= SETTLED_SECONDS] or [0.0]
    growth = max(settled) / settled[0] - 1 if settled[0] else 0.0
    figures: dict[str, Any] = {
        "asked": len(load.asked),
        **{name: kinds[name] for name in ("same", "reworded", "left", "error", "wrong", "mixed up")},
        "questions": len(load.alone),
        **{f"alone by {door}, s": round(seconds, 3) for door, seconds in load.doors.items()},
        "updates": load.updates,
        "failed updates": len(load.problems),
        **{f"slowest {way}, s": round(seconds, 1) for way, seconds in load.slowest.items()},
        "wait median, s": round(median, 2),
        "wait p95, s": round(late, 2),
        "p95 / median": round(late / median, 2) if median else None,
        "memory at 1 min, MB": round(settled[0]),
        "most memory after, MB": round(max(settled)),
        "memory growth": round(growth, 4),
        "threads before, most, after": _three(load, "threads"),
        "files before, most, after": _three(load, "files"),
    }
    failed = [name for name in ("error", "wrong", "mixed up", "failed updates") if figures[name]]
    failed += ["nothing was answered"] if not waits else []
    failed += ["memory"] if growth > MOST_GROWTH else []
    failed += ["fairness"] if late > MOST_UNFAIR * median else []
    failed += [] if load.after else ["the server ended"]
    return figures | {"failed": failed}


def _three(load: Load, name: str) -> list[int | None]:
    most = max((getattr(reading, name) for reading in load.readings), default=0)
    before, after = (getattr(reading, name) if reading else None for reading in (load.before, load.after))
    return [before, most, after]
