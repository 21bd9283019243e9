#!/usr/bin/env python3
"""The checks of what clippings withstands that are tests: what they tried, and that each would notice a fault.

    scripts/reliability/reliability.py [CHECK …]            run them, or only those named; ends with one JSON line
    scripts/reliability/reliability.py --planted [CHECK …]  plant faults, one after the other: each must be noticed

Needs the extra `dev`, and Chromium for `page`. Exit status 1 if a test fails, or a planted fault is not noticed. The
longer checks are scripts of their own: faults.py, fuzz.py, load.py, and `bench.py injection` and `poisoning`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "reliability")]

CHECKS = {
    "damage": ["tests/faults/test_damage.py"],
    "files": [
        "tests/index/formats/test_sandbox.py",
        "tests/index/formats/test_damaged_files.py",
        "tests/index/formats/test_registry.py",
        "tests/ui/archive/test_uploads.py",
    ],
    "addresses": ["tests/index/sources/test_fetch.py"],
    "access": ["tests/ui/access/test_access.py", "tests/ui/access/test_accounts.py", "tests/ui/access/test_visitor.py"],
    "page": ["tests/browser/test_hostile.py", "tests/browser/test_guessing.py"],
    "supply": ["tests/project/test_supply_chain.py"],
    "offline": ["tests/project/test_offline.py"],
    "watching": ["tests/ui/test_event_log.py", "tests/ui/server/test_server_metrics.py"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    parser.add_argument("--planted", action="store_true", help="show that the checks notice faults")
    options = parser.parse_args()
    if strange := set(options.checks) - set(CHECKS):
        parser.error(f"no check is called {', '.join(sorted(strange))}")
    chosen = options.checks or list(CHECKS)
    return planted(chosen) if options.planted else run(chosen)


def run(checks: Sequence[str]) -> int:
    """Run the checks as they are."""
    table = {}
    for name in checks:
        print(f"{name} …", file=sys.stderr, flush=True)
        table[name] = tested(CHECKS[name])
        print(f"{name:<10}{summary(table[name])}", flush=True)
    print(json.dumps(table))
    return int(any(row["failed"] or not row["tests"] for row in table.values()))


def planted(checks: Sequence[str]) -> int:
    """Run the test that must notice it with each planted fault of the checks."""
    from planted import FAULTS

    noticed = {}
    for name, fault in FAULTS.items():
        if any(fault.test in CHECKS[check] for check in checks):
            failed = tested([fault.test], fault=name)["failed"]
            noticed[name] = bool(failed)
            print(f"{name:<42} {failed[0] if failed else 'NOT NOTICED'}", flush=True)
    unnoticed = [name for name, seen in noticed.items() if not seen]
    print(json.dumps({"planted": len(noticed), "noticed": len(noticed) - len(unnoticed), "unnoticed": unnoticed}))
    return int(bool(unnoticed))


def tested(files: Sequence[str], *, fault: str = "") -> dict[str, Any]:
    """How the tests in `files` ended, and what they tried; with a `fault`, up to the first that failed."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        paths = os.pathsep.join([str(ROOT / "scripts" / "reliability"), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "planted", *(["-x"] if fault else []), *files],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": paths, "COUNTS_FILE": str(counts), "PLANTED_FAULT": fault},
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 1):  # the tests could not run, or the fault not be planted
            sys.exit(f"{done.stdout}\n{done.stderr}")
        if done.returncode and not fault:
            print(done.stdout, file=sys.stderr)  # what failed, and how
        found: dict[str, Any] = json.loads(counts.read_text(encoding="utf-8"))
        return found


def summary(row: dict[str, Any]) -> str:
    """The counts of one check for people."""
    return ", ".join(f"{count:,} {name}" for part in ("tests", "tried") for name, count in row[part].items())


if __name__ == "__main__":
    sys.exit(main())
