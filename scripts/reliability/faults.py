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

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "helpers"), str(TESTS / "faults")]

from harness import LIST, Verdict, Workshop, missing, workshop  # noqa: E402


def experiment(shop: Workshop, seed: int, work: str | None, planted: str | None) -> tuple[str, Verdict]:
    """The one with this seed: works and kinds of fault take turns, the rest is drawn."""
    works = [work] if work else list(shop.works)
    name, kind = works[seed % len(works)], LIST[seed // len(works) % len(LIST)]
    fault = shop.draw(name, kind, random.Random(seed))
    return name, shop.try_out(name, fault, planted)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=600, help="experiments (600)")
    parser.add_argument("--seed", type=int, default=0, help="of the first experiment (0); each has the next")
    parser.add_argument("--work", help="only this command: create, update, rebuild, rollback, repair, salvage or pull")
    parser.add_argument("--planted", choices=["no transaction", "no fsync"], help="a fault of clippings to be found")
    arguments = parser.parse_args()
    if (reason := missing()) is not None:
        sys.exit(f"Faults cannot be injected here: {reason}.")
    counts: Counter[tuple[str, str, str]] = Counter()
    operations: Counter[str] = Counter()
    failed = []
    with tempfile.TemporaryDirectory() as folder, workshop(Path(folder)) as shop:
        for seed in range(arguments.seed, arguments.seed + arguments.runs):
            name, verdict = experiment(shop, seed, arguments.work, arguments.planted)
            left = "missed" if not verdict.hit else "new" if verdict.is_new else "old"
            counts[name, verdict.fault.kind, left] += 1
            operations[verdict.fault.operation or "any"] += verdict.hit
            if verdict.wrong:
                failed.append(seed)
                print(f"seed {seed}: {name}, {verdict.fault}: {'; '.join(verdict.wrong)}", flush=True)
    print(_table(counts))
    total = {left: sum(n for key, n in counts.items() if key[2] == left) for left in ("old", "new", "missed")}
    print(json.dumps({"runs": arguments.runs} | total | {"operations": operations, "failed": failed}))
    return 1 if failed else 0


def _table(counts: Counter[tuple[str, str, str]]) -> str:
    """Faults that came to pass, by command and kind, as old + new."""
    works = sorted({name for name, _, _ in counts})
    lines = [" ".join(["", *(f"{work:>10}" for work in works)]).rjust(8 + 11 * len(works))]
    for kind in LIST:
        cells = (f"{counts[work, kind, 'old']}+{counts[work, kind, 'new']}" for work in works)
        lines.append(f"{kind:<8}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(["faults that came to pass, by what they left (old+new):", *lines])


if __name__ == "__main__":
    sys.exit(main())
