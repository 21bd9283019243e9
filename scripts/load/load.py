#!/usr/bin/env python3
"""Many users at once against a real server on this machine: is every answer right, is memory flat, are waits fair?

    scripts/load/load.py [--users 50] [--minutes 10] [--questions N] [--plot FILE]

Starts `clippings chat` over the sample articles in a process of its own, asks every question alone, then lets users ask
them at random through all doors (HTTP, events, OpenAI, the page's API). Every tenth user leaves in mid-answer, always;
every 30 s an article comes, by upload or by the command line in turn, and an old one goes.

An answer must be the one that was given alone; one in other words must rest on a quotation of that one. A wait is what
an answer took longer than alone. Exit status 1, and what failed, if an answer is lost, wrong or another question's, an
update fails, the server ends, memory after the first minute rises by more than 5 %, or the 95th percentile of the waits
is more than 3 times the median. Ends with one JSON line. `--plot` needs the extra `plot`.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "load")]

from load_server import UPDATE_SECONDS, Reading, Server, Updates, readings, server  # noqa: E402
from load_users import DOORS, PATIENCE_SECONDS, Asked, ask, users  # noqa: E402

SAMPLES = ROOT / "index" / "sample_articles"

SETTLED_SECONDS = 60.0
"""From when on memory must be flat."""

MOST_GROWTH = 0.05
MOST_UNFAIR = 3.0


@dataclass(slots=True)
class Load:
    """What happened. `alone` has the answer and the seconds of each question without anybody else."""

    alone: dict[str, Asked]
    asked: list[Asked] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    updates: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    before: Reading | None = None
    after: Reading | None = None
    """None if the server has ended."""


async def run(served: Server, questions: Sequence[str], count: int, seconds: float, folder: Path) -> Load:
    """Ask each question alone, then let the users come."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=count)
    async with httpx.AsyncClient(base_url=served.url, timeout=PATIENCE_SECONDS, limits=limits) as http:
        load = Load(await _alone(http, questions))
        load.before = served.reading(0.0)
        began, ended = time.perf_counter(), asyncio.Event()
        updates = Updates(served, http, folder)
        reading = asyncio.create_task(readings(served, began, ended))
        updating = asyncio.create_task(updates.every(UPDATE_SECONDS, ended))
        load.asked = await users(http, count, seconds, list(load.alone))
        ended.set()
        load.readings, _ = await asyncio.gather(reading, updating)
        load.updates, load.slowest, load.problems = updates.done, updates.slowest, list(updates.problems)
        await asyncio.sleep(5.0)  # what was left alone has ended by then
        with suppress(OSError):  # it has ended
            load.after = served.reading(time.perf_counter() - began)
    return load


async def _alone(http: httpx.AsyncClient, questions: Sequence[str]) -> dict[str, Asked]:
    """Each question's own answer, which two doors must give alike.

    Of questions with the same answer none stays: a mix-up of them could not be seen.
    """
    found: dict[str, Asked] = {}
    for number, question in enumerate(questions):
        first, again = [await ask(http, list(DOORS)[(number + turn) % len(DOORS)], question) for turn in range(2)]
        if first.received is None or again.received is None:
            raise SystemExit(f"“{question}”, asked alone, had no answer: {first.error or again.error}")
        if first.received.text != again.received.text:
            raise SystemExit(f"“{question}”, asked alone, has another answer by {again.door} than by {first.door}")
        found[question] = again  # the first has loaded what the later ones use
    texts = Counter(asked.received.text for asked in found.values() if asked.received)
    return {question: asked for question, asked in found.items() if asked.received and texts[asked.received.text] == 1}


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
    median, late = (statistics.median(waits), statistics.quantiles(waits, n=20)[-1]) if len(waits) > 1 else (0.0, 0.0)
    settled = [r.megabytes for r in load.readings if r.at >= SETTLED_SECONDS] or [0.0]
    growth = max(settled) / settled[0] - 1 if settled[0] else 0.0
    figures: dict[str, Any] = {
        "asked": len(load.asked),
        **{name: kinds[name] for name in ("same", "reworded", "left", "error", "wrong", "mixed up")},
        "questions": len(load.alone),
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--questions", type=int, metavar="N", help="only the first N of the samples' questions")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw memory and waits over time")
    options = parser.parse_args()
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [row["question"] for row in map(json.loads, lines) if not row.get("history")][: options.questions]
    with tempfile.TemporaryDirectory() as scratch, server(Path(scratch), SAMPLES) as served:
        load = asyncio.run(run(served, questions, options.users, 60 * options.minutes, Path(scratch)))
        log = (Path(scratch) / "server.log").read_text(encoding="utf-8", errors="replace")
    figures = {"users": options.users, "minutes": options.minutes} | verdict(load)
    for asked in load.asked:
        if kind(asked, load.alone) in ("error", "wrong", "mixed up"):
            print(
                f"{asked.door}, {asked.at:.0f} s: {asked.question}\n  {asked.error or asked.received}", file=sys.stderr
            )
    print("\n".join(load.problems), log, sep="\n", file=sys.stderr)
    if options.plot:
        modelled = {asked.question for asked in load.asked if asked.received and asked.received.modelled}
        importlib.import_module("load_plot").draw(
            [(reading.at, reading.megabytes) for reading in load.readings],
            [(asked.at, asked.seconds, asked.question in modelled) for asked in load.asked if asked.received],
            options.plot,
            flat=(SETTLED_SECONDS, MOST_GROWTH),
        )
    print("| figure | value |\n| --- | --- |")
    for name, value in figures.items():
        print(f"| {name} | {value} |")
    print(json.dumps(figures))
    return 1 if figures["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
