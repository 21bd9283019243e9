#!/usr/bin/env python3
"""Make the verifier's examples: claims and short answers, with clippings that support them or do not.

    scripts/train/support_examples.py ../shared/data/train OUT

Read are

    scripts/train/data/contrast/*.jsonl and contrast/contrast_sets.jsonl: sets of two supported and two unsupported
        claims on one clipping, written by hand
    questions in SQuAD's schema: the accepted answer; another question's answer from the same paragraph, which is not
    support/*.jsonl.gz: entailment data of others, of which those that may be used freely

OUT/support.jsonl gets a row a set: {"source", "pairs": [[claim, question, clipping, supported], ...]}. Every tenth set
written by hand is kept out for fitting the threshold: OUT/support_heldout.jsonl.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from common import load_rows, write_rows
from examples import squad_articles

from index.language.sentences import sentence_spans
from rag.text import terms

OURS = Path(__file__).parent / "data" / "contrast"

KEPT_OUT = 10
"""Of so many sets of a file one is kept out."""

PUBLIC = {
    "cad_snli": 5_000, "fever_symmetric": 2_000, "fool_me_twice": 2_000, "sufficientfacts_fever": 1_500,
    "sufficientfacts_hover": 1_000, "sufficientfacts_vitaminc": 1_000,
}  # fmt: skip
"""Pairs taken of each public set."""

EVEN = 0.3
"""Two supported claims may share so much less of their words with the clipping, together, and still count as even."""

SQUAD = ("squad2_articles.json", "squadshifts_new_wiki.json", "more/squad2_train_part.json.gz")

SHORT_ANSWERS = 3_000
"""Paragraphs whose questions become pairs of question and short answer."""

Pair = tuple[str, str, str, bool]


def main(data: Path, out: Path) -> None:
    """Make the verifier's examples."""
    pick = random.Random(6)
    files = [load_rows(path) for path in (data / "contrast" / "contrast_sets.jsonl", *sorted(OURS.glob("*.jsonl")))]
    train = [
        {"source": _balance(row), "pairs": [*_contrast(row), *_easy(row, rows[n - 1], pick)]}
        for rows in files
        for n, row in enumerate(rows)
        if n % KEPT_OUT
    ]
    held = [{"source": "contrast", "pairs": _contrast(row)} for rows in files for row in rows[::KEPT_OUT]]
    train += [{"source": "short answers", "pairs": pairs} for pairs in _short_answers(data, pick)]
    for name, count in PUBLIC.items():
        pieces = _public(data / "support" / f"{name}.jsonl.gz", count, pick)
        train += [{"source": name, "pairs": pairs} for pairs in pieces]
    out.mkdir(parents=True, exist_ok=True)
    write_rows(out / "support.jsonl", train)
    write_rows(out / "support_heldout.jsonl", held)
    print(json.dumps({"sets": len(train), "pairs": sum(len(row["pairs"]) for row in train), "held out": len(held)}))


def _contrast(row: dict[str, Any]) -> list[Pair]:
    """The claims of one set; a short answer is judged with its question, a whole sentence alone."""
    return [
        (claim, row["question"] if _needs_question(phenomenon, claim) else "", row["clipping"], label == "supported")
        for label, phenomenon, claim in row["claims"]
    ]


def _easy(row: dict[str, Any], other: dict[str, Any], pick: random.Random) -> list[Pair]:
    """A sentence of the clipping, which it supports, and a claim on another clipping, which it does not.

    So that neither many words in common nor few tell the two apart.
    """
    sentences = [row["clipping"][a:b] for a, b in sentence_spans(row["clipping"])]
    strangers = [pair[0] for pair in _contrast(other) if pair[3] and not pair[1]]
    easy = [(pick.choice(sentences), "", row["clipping"], True)]
    return [*easy, (pick.choice(strangers), "", row["clipping"], False)] if strangers else easy


def _balance(row: dict[str, Any]) -> str:
    """Whether the supported claims share fewer words with the clipping than the others do, or about as many or more."""
    shared = {True: [], False: []}  # type: dict[bool, list[float]]
    given = terms.stems(row["clipping"])
    for label, _, claim in row["claims"]:
        said = terms.stems(claim)
        shared[label == "supported"].append(len(said & given) / max(1, len(said)))
    return "contrast" if sum(shared[True]) >= sum(shared[False]) - EVEN else "contrast, reworded"


def _needs_question(phenomenon: str, claim: str) -> bool:
    """Whether the claim is a short answer, or no sentence that stands for itself."""
    if "short answer" in phenomenon:
        return True
    return not claim.rstrip().endswith((".", "!", "?", ".”", '."')) or claim.lower().startswith(("yes", "no,", "no "))


def _short_answers(data: Path, pick: random.Random) -> Iterator[list[Pair]]:
    """For each paragraph up to two questions with the accepted answer and, where it differs, another question's."""
    paragraphs = [
        paragraph for name in SQUAD for article in squad_articles(data / name) for paragraph in article["paragraphs"]
    ]
    for paragraph in pick.sample(paragraphs, min(SHORT_ANSWERS, len(paragraphs))):
        asked = [(q["question"], [a["text"] for a in q["answers"]]) for q in paragraph["qas"]]
        texts = [text for _, answers in asked for text in answers[:1]]
        pairs: list[Pair] = []
        for question, answers in pick.sample(asked, min(2, len(asked))):
            accepted = {word for answer in answers for word in answer.lower().split()}
            others = [text for text in texts if accepted.isdisjoint(text.lower().split())]
            if answers:
                pairs.append((answers[0], question, paragraph["context"], True))
            if others:
                pairs.append((pick.choice(others), question, paragraph["context"], False))
        if pairs:
            yield pairs


def _public(path: Path, count: int, pick: random.Random) -> Iterator[list[Pair]]:
    groups: dict[str, list[Pair]] = {}
    for n, row in enumerate(load_rows(path)):
        pair = (row["hypothesis"], "", row["premise"], row["label"] == "supported")
        groups.setdefault(str(row.get("group") or row["premise"] or n), []).append(pair)
    chosen = list(groups.values())
    pick.shuffle(chosen)
    pieces = [pairs[at : at + 4] for pairs in chosen for at in range(0, len(pairs), 4)]
    yield from islice(pieces, count // 3)


if __name__ == "__main__":
    typer.run(main)
