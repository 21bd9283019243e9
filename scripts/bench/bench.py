#!/usr/bin/env python3
"""Measure clippings, also against the stock pipelines of other libraries.

    scripts/bench/bench.py retrieval ARTICLES.jsonl QUESTIONS.jsonl [--limit N] [--only NAME]…
    scripts/bench/bench.py pages FOLDER
    scripts/bench/bench.py answer INDEX QUESTIONS.jsonl [--limit N] [--llm MODEL]
    scripts/bench/bench.py index ARCHIVE.jsonl.gz [--articles N] [--langchain-articles N] [--keep FOLDER]
    scripts/bench/bench.py large INDEX [--passages N]
    scripts/bench/bench.py injection ATTACKS.json ARTICLES.jsonl QUESTIONS.jsonl [--each N] [--adapter none]
    scripts/bench/bench.py poisoning ARTICLES.jsonl QUESTIONS.jsonl [--limit N]
    scripts/bench/bench.py page INDEX [--runs N] [--dialogues DIALOGUES.jsonl]

All print a table for people and, as the last line, one JSON object. `bench.py NAME --help` says what is measured and
how. `retrieval` and `index` need the extra `bench`, the others `dev`, and `page` Chromium.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import typer

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]
os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

BENCHES = ("retrieval", "pages", "answer", "index", "large", "injection", "poisoning", "page")
"""Each is `bench` of the module bench_NAME; only this one is loaded."""


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in BENCHES:
        print(__doc__)
        sys.exit(0 if name in ("-h", "--help") else 2)
    sys.argv[:2] = [f"{sys.argv[0]} {name}"]
    typer.run(importlib.import_module(f"bench_{name}").bench)


if __name__ == "__main__":
    main()
