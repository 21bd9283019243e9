#!/usr/bin/env python3
"""Make the reader's examples of the passages in scripts/train/data/reading: what each says and what it does not.

    scripts/train/reading_examples.py OUT

Every passage was written with eight questions, four that it answers and four that it does not though it is about the
same things: another year, role, place or quantity. OUT/reading.jsonl gets the kinds "answered" and "not answered".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from common import load_rows
from examples import Example, save_examples
from people_examples import places

from index.language.sentences import Span, sentence_spans

OURS = Path(__file__).parent / "data" / "reading"


def main(out: Path) -> None:
    """Make the reader's examples of the passages in data/reading."""
    rows = [row for path in sorted(OURS.glob("*.jsonl")) for row in load_rows(path)]
    print(json.dumps(save_examples(out / "reading.jsonl", [example for row in rows for example in _examples(row)])))


def _examples(row: dict[str, Any]) -> Iterator[Example]:
    sentences = tuple(sentence_spans(row["text"]))
    for asked in row["questions"]:
        named = [_place(row["text"], sentence) for sentence in asked["evidence"]]
        evidence = tuple(n for n, (a, b) in enumerate(sentences) if any(a < end and start < b for start, end in named))
        accepted = [asked["answer"]] if asked["answer"] else []
        answers = tuple(places(row["text"], accepted, [sentences[n] for n in evidence]))
        kind = "answered" if evidence else "not answered"
        yield Example(kind, asked["question"], row["title"], row["text"], sentences, answers, evidence)


def _place(text: str, part: str) -> Span:
    start = text.index(part)
    return start, start + len(part)


if __name__ == "__main__":
    typer.run(main)
