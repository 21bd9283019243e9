#!/usr/bin/env python3
"""Feed the readers, the cleaning, the chunker, the citation parser and the HTTP doors with what nobody would write.

    scripts/fuzz/fuzz.py [--minutes N] [TARGET …]    each target for N minutes (1); all but `doors` without names
    scripts/fuzz/fuzz.py --minutes N doors

Needs the extra `fuzz` (atheris for everything but the doors, schemathesis for those).

A target must give back a value or raise what it promises (ValueError of a reader); anything else is a crash. An input
of at most 64 kB that takes more than 10 s of processor time is a hang, and more than 1 GB of memory in all (libFuzzer's
limit) is too much. libFuzzer starts from good files of the format, keeps what reaches new code, and goes on from there;
with --corpus FOLDER it also keeps it for the next time. What breaks a target is kept in --found FOLDER, and can be fed
again with --again FILE.

`doors` starts a real server on loopback over the sample articles and lets schemathesis read its OpenAPI document and
ask: a status 5xx, an answer that is not as described, or one that takes more than 10 s is a failure.

The last line is one JSON object: for each target the minutes, the inputs tried and what was found. Exit status 1 if
anything was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "fuzz"), str(ROOT / "tests" / "helpers")]

SECONDS = 10.0
"""Processor time of one input."""

MEGABYTES = 1000
"""Memory of the whole process, in which libraries take some 100 to 250."""

LARGEST = 65_536
"""Bytes of an input."""

MOST_FOUND = 20
"""Of one target, then it is given up: it would find the same again and again."""


def main() -> None:
    from fuzz_targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join([*TARGETS, "doors"]))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="where to keep what breaks a target")
    parser.add_argument("--corpus", type=Path, help="folder of inputs that reach new code, kept between runs")
    parser.add_argument("--again", type=Path, help="a file to feed to the target once")
    options = parser.parse_args()
    if strange := set(options.targets) - {*TARGETS, "doors"}:
        parser.error(f"no target is called {', '.join(strange)}")
    if options.again:
        (target,) = options.targets
        print(repr(TARGETS[target].run(options.again.read_bytes())))
        return
    table: dict[str, dict[str, Any]] = {}
    for target in options.targets or TARGETS:
        print(f"{target} …", file=sys.stderr, flush=True)
        if target == "doors":
            from fuzz_doors import fuzz_doors

            table[target] = fuzz_doors(options.minutes, options.found)
        else:
            table[target] = _fuzz(target, options)
    columns = list(dict.fromkeys(name for row in table.values() for name in row))
    print("| target | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for target, row in table.items():
        print(f"| {target} | " + " | ".join(str(row.get(name, "")) for name in columns) + " |")
    print(json.dumps(table))
    sys.exit(any(row["found"] for row in table.values()))


def _fuzz(target: str, options: argparse.Namespace) -> dict[str, Any]:
    """Let libFuzzer run in processes of its own, anew after each finding, until the time is over."""
    from fuzz_targets import TARGETS

    found = (options.found / target).resolve()  # the target runs in a folder of its own
    found.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    tried = findings = slowest = peak = 0
    with tempfile.TemporaryDirectory() as scratch:
        corpus = options.corpus.resolve() / target if options.corpus else Path(scratch) / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(TARGETS[target].seeds):
            (corpus / f"seed{number}").write_bytes(seed)
        words = Path(scratch) / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in TARGETS[target].words or [b"\n"]))
        while (left := 60 * options.minutes - (time.monotonic() - began)) > 1 and findings < MOST_FOUND:
            done = subprocess.run(
                [
                    sys.executable,
                    str(ROOT / "scripts" / "fuzz" / "fuzz_targets.py"),
                    target,
                    str(SECONDS),
                    str(corpus),
                    f"-dict={words}",
                    f"-max_total_time={max(1, int(left))}",
                    f"-max_len={LARGEST}",
                    f"-rss_limit_mb={MEGABYTES}",
                    # By the clock, for a loop in C that never comes back; the target itself counts processor time.
                    f"-timeout={int(30 * SECONDS)}",
                    f"-artifact_prefix={found}/",
                    "-print_final_stats=1",
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd=scratch,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
                text=True,
                errors="replace",
            )
            stats = _stats(done.stderr)
            tried += stats.get("number_of_executed_units", 0)
            slowest = max(slowest, stats.get("slowest_unit_time_sec", 0))
            peak = max(peak, stats.get("peak_rss_mb", 0))
            if done.returncode:
                findings += 1
                print(_told(done.stdout + done.stderr), file=sys.stderr, flush=True)
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "inputs": tried,
        "slowest_s": slowest,
        "peak_mb": peak,
        "found": findings,
    }


def _stats(output: str) -> dict[str, int]:
    lines = (line.removeprefix("stat::").split(":") for line in output.splitlines() if line.startswith("stat::"))
    return {name.strip(): int(value) for name, value in lines}


def _told(output: str) -> str:
    """The part of libFuzzer's output that says what went wrong."""
    start = output.find("Uncaught Python exception")
    return output[start:].partition("INFO:")[0] if start >= 0 else output[-1500:]


def _escaped(word: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
