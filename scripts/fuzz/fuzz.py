#!/usr/bin/env python3
"""Feed the readers, the cleaning, the chunker, the citation parser and the HTTP doors with what nobody would write.

    scripts/fuzz/fuzz.py [--minutes N] [TARGET …]    each target for N minutes (1); all but `doors` without names
    scripts/fuzz/fuzz.py --minutes N doors
    python scripts/fuzz/fuzz_targets.py TARGET FILE  feed a target what broke it again

Needs the extra `fuzz` (atheris for everything but the doors, schemathesis for those).

A target must give back a value or raise what it promises (ValueError of a reader); anything else is a crash. An input
of at most 64 kB that takes more than 10 s of processor time is a hang, and more than 1 GB of memory in all (libFuzzer's
limit) is too much. libFuzzer starts from good files of the format, keeps what reaches new code, and goes on from there,
up to the first input that breaks the target, which is kept in --found FOLDER. `doors` is described in fuzz_doors.py.

The last line is one JSON object: for each target the minutes, the inputs tried and whether something was found. Exit
status 1 if anything was.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in (".", "scripts", "scripts/fuzz", "tests/helpers")]

from common import report
from fuzz_doors import fuzz_doors
from fuzz_targets import SECONDS, TARGETS

MEGABYTES = 1000
"""Memory of the whole process, in which libraries take some 100 to 250."""

LARGEST = 65_536
"""Bytes of an input."""


def main(
    targets: Annotated[list[str], typer.Argument(metavar="TARGET …")] = [],  # noqa: B006
    minutes: float = 1.0,
    found: Path = Path("fuzz-found"),
) -> None:
    """Feed each target for so many minutes; all but `doors` without names. What breaks one is kept in --found."""
    if strange := set(targets) - {*TARGETS, "doors"}:
        raise typer.BadParameter(f"no target is called {', '.join(strange)}; there are {', '.join(TARGETS)} and doors")
    table: dict[str, dict[str, Any]] = {}
    for target in targets or TARGETS:
        print(f"{target} …", file=sys.stderr, flush=True)
        began = time.monotonic()
        (found / target).mkdir(parents=True, exist_ok=True)
        table[target] = (fuzz_doors if target == "doors" else _fuzz)(target, minutes, (found / target).resolve())
        table[target]["minutes"] = round((time.monotonic() - began) / 60, 1)
    report(table, "target")
    sys.exit(any(row["found"] for row in table.values()))


def _fuzz(target: str, minutes: float, found: Path) -> dict[str, Any]:
    """Let libFuzzer run in a process of its own, until it finds something or the time is over."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus, words = Path(scratch) / "corpus", Path(scratch) / "words"
        corpus.mkdir()
        for number, seed in enumerate(TARGETS[target].seeds):
            (corpus / f"seed{number}").write_bytes(seed)
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in TARGETS[target].words or [b"\n"]))
        options = [
            f"-max_total_time={max(1, int(60 * minutes))}",
            f"-dict={words}",
            f"-max_len={LARGEST}",
            f"-rss_limit_mb={MEGABYTES}",
            # By the clock, for a loop in C that never comes back; the target itself counts processor time.
            f"-timeout={int(30 * SECONDS)}",
            f"-artifact_prefix={found}/",
            "-print_final_stats=1",
        ]
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "fuzz" / "fuzz_targets.py"), target, str(corpus), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=scratch,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
            text=True,
            errors="replace",
        )
    if done.returncode:
        output = done.stdout + done.stderr
        start = output.find("Uncaught Python exception")
        print(output[start:].partition("INFO:")[0] if start >= 0 else output[-1500:], file=sys.stderr, flush=True)
    stats = dict(re.findall(r"^stat::(\w+): *(\d+)", done.stderr, re.MULTILINE))
    figures = {"inputs": "number_of_executed_units", "slowest_s": "slowest_unit_time_sec", "peak_mb": "peak_rss_mb"}
    return {name: int(stats.get(theirs, 0)) for name, theirs in figures.items()} | {"found": bool(done.returncode)}


def _escaped(word: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    typer.run(main)
