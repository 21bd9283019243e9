#!/usr/bin/env python3
"""Break clippings in many ways, and see that nothing is lost: kills, torn writes, power cuts, and errors of the disk.

    scripts/reliability/faults.py                       600 experiments
    scripts/reliability/faults.py --runs 1 --seed 17    the one with this seed again
    scripts/reliability/faults.py --planted "no fsync"  clippings without its fsync: must end with failures

Each experiment has a command (create, update, rebuild, rollback, repair, salvage or pull) suffer one fault at one of
its file operations, in Python, SQLite or FAISS. Afterwards the index must open, be exactly the old or the new one, and
pass `verify`; and the same command must finish the work. Ends with one JSON line; exit status 1 if anything was wrong.
Needs Linux and a C compiler.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Literal

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in (".", "scripts", "tests", "tests/helpers", "tests/faults")]

from common import print_table
from harness import LIST, missing, workshop

Planted = Literal["no transaction", "no fsync"]
"""Faults of clippings to be found."""


def main(runs: int = 600, seed: int = 0, work: str | None = None, planted: Planted | None = None) -> None:
    """Inject faults: --seed is of the first experiment, each has the next; --work is the only command tried."""
    if (reason := missing()) is not None:
        sys.exit(f"Faults cannot be injected here: {reason}.")
    counts: Counter[tuple[str, str, str]] = Counter()
    operations: Counter[str] = Counter()
    failed = []
    with tempfile.TemporaryDirectory() as folder, workshop(Path(folder)) as shop:
        works = [work] if work else list(shop.works)
        for number in range(seed, seed + runs):  # works and kinds of fault take turns, the rest is drawn
            name, kind = works[number % len(works)], LIST[number // len(works) % len(LIST)]
            verdict = shop.try_out(name, shop.draw(name, kind, random.Random(number)), planted)
            left = "missed" if not verdict.hit else "new" if verdict.is_new else "old"
            counts[name, verdict.fault.kind, left] += 1
            operations[verdict.fault.operation or "any"] += verdict.hit
            if verdict.wrong:
                failed.append(number)
                print(f"seed {number}: {name}, {verdict.fault}: {'; '.join(verdict.wrong)}", flush=True)
    print("Faults that came to pass, by the index that they left (old + new):")
    print_table({kind: {w: f"{counts[w, kind, 'old']} + {counts[w, kind, 'new']}" for w in works} for kind in LIST})
    total = {left: sum(n for key, n in counts.items() if key[2] == left) for left in ("old", "new", "missed")}
    print(json.dumps({"runs": runs} | total | {"operations": operations, "failed": failed}))
    sys.exit(bool(failed))


if __name__ == "__main__":
    typer.run(main)
