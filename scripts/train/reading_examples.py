#!/usr/bin/env python3
"""Make the reader's examples of the passages in scripts/train/data/reading: what each says and what it does not.

    scripts/train/reading_examples.py OUT

Every passage was written with eight questions, four that it answers and four that it does not though it is about the
same things: another year, role, place or quantity. OUT/reading.jsonl gets the kinds "answered" and "not answered".
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "train")]

from examples import Example  # noqa: E402

from index.language.sentences import Span, sentence_spans  # noqa: E402

OURS = Path(__file__).parent / "data" / "reading"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    options = arguments.parse_args()
    rows = [json.loads(line) for path in sorted(OURS.glob("*.jsonl")) for line in path.read_text().splitlines()]
    examples = [example for row in rows for example in _examples(row)]
    with (options.out / "reading.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in examples)
    kinds = [example.kind for example in examples]
    print(json.dumps({kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}))


def _examples(row: dict[str, Any]) -> Iterator[Example]:
    sentences = tuple(sentence_spans(row["text"]))
    for asked in row["questions"]:
        places = [_place(row["text"], sentence) for sentence in asked["evidence"]]
        evidence = tuple(n for n, (a, b) in enumerate(sentences) if any(a < end and start < b for start, end in places))
        answers = tuple(_answers(row["text"], asked["answer"], [sentences[n] for n in evidence]))
        kind = "answered" if evidence else "not answered"
        yield Example(kind, asked["question"], row["title"], row["text"], sentences, answers, evidence)


def _place(text: str, part: str) -> Span:
    start = text.index(part)
    return start, start + len(part)


def _answers(text: str, answer: str | None, within: list[Span]) -> Iterator[Span]:
    """Where the answer stands in the answering sentences."""
    for start, end in within if answer else []:
        at = text.find(answer or "", start, end)
        if at >= 0:
            yield at, at + len(answer or "")


if __name__ == "__main__":
    main()
