"""Selects what one epoch of the reader's training sees: passages and claims in their shares, and in batches."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from examples import Example, holding

from rag.reader.network import PairEncoder

SHARES = {
    "gold": 0.6,
    "retrieved": 0.06,
    "removed": 0.12,
    "swapped": 0.12,
    "exchanged": 0.06,
    "altered": 0.15,
    "unanswerable": 1.0,
    "asked": 3.0,
    "near miss": 1.0,
    "beside": 0.7,
    "told": 2.0,
    "not told": 2.0,
    "contrast": 1.0,
    "contrast, reworded": 0.4,
    "short answers": 0.5,
    "cad_snli": 1.0,
    "fever_symmetric": 1.0,
    "fool_me_twice": 1.0,
    "sufficientfacts_fever": 1.0,
    "sufficientfacts_hover": 1.0,
    "sufficientfacts_vitaminc": 1.0,
}
"""How much of each kind an epoch takes: 2.0 is each twice.

Less of the contrast sets whose supported claims are reworded and whose others are not: few words in common would be
taken for support.
"""

CROPPED = 0.75
"""Share of the passages with an answer in few words, or none, that are cut down to a few sentences."""

BATCH = 32

INJECTED = 0.35
"""Share of the examples into which sentences are put that address a machine, or that are like those and do not."""

ADDRESSED = Path(__file__).parent / "data" / "addressed.jsonl"
KEPT_OUT = 5
"""Every fifth of those sentences is kept out of training, to be measured on."""


Kind = TypeVar("Kind", "Example", "Claims")


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims on one clipping: (claim, question or "", clipping, supported)."""

    kind: str
    pairs: tuple[tuple[str, str, str, bool], ...]


def epoch_of(examples: list[Example], shares: dict[str, float], pick: random.Random) -> list[Example]:
    """Returns the passages of one epoch in their shares, most of them cropped."""
    chosen = _in_shares(examples, shares, pick)
    return [_cropped(e, pick) if pick.random() < CROPPED and e.kind != "asked" else e for e in chosen]


def _in_shares(examples: Sequence[Kind], shares: dict[str, float], pick: random.Random) -> list[Kind]:
    chosen: list[Kind] = []
    for kind, share in shares.items():
        of_kind = [e for e in examples if e.kind == kind]
        chosen += of_kind * int(share) + pick.sample(of_kind, round(share % 1 * len(of_kind)))
    pick.shuffle(chosen)
    return chosen


class Strangers:
    """Sentences that address a machine, and others that are like them, to be put into passages."""

    def __init__(self, pick: random.Random) -> None:
        rows = [json.loads(line) for line in ADDRESSED.read_text(encoding="utf-8").splitlines()]
        self._rows = [row for n, row in enumerate(rows) if n % KEPT_OUT]
        self._pick = pick

    def put_into(self, example: Example) -> Example:
        """One to three of them between the passage's sentences, in a third of the examples."""
        across = any(holding(example.sentences, [answer])[1:] for answer in example.answers)
        if across or self._pick.random() >= INJECTED:
            return example
        chosen = self._pick.sample(self._rows, self._pick.choice((1, 1, 2, 3)))
        at = self._pick.randint(0, len(example.sentences))
        pieces = [example.text[a:b] for a, b in example.sentences]
        pieces[at:at] = [row["sentence"] for row in chosen]
        starts = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))
        places = [n if n < at else n + len(chosen) for n in range(len(example.sentences))]
        return replace(
            example,
            text=" ".join(pieces),
            sentences=tuple((start, start + len(piece)) for start, piece in zip(starts, pieces, strict=False)),
            answers=tuple(_moved(answer, example.sentences, places, starts) for answer in example.answers),
            evidence=tuple(places[n] for n in example.evidence),
            addressed=tuple(at + n for n, row in enumerate(chosen) if row["addressed"]),
        )


def _moved(
    answer: tuple[int, int], sentences: tuple[tuple[int, int], ...], places: list[int], starts: list[int]
) -> tuple[int, int]:
    """Where an answer stands once its sentence begins elsewhere."""
    (n,) = holding(sentences, [answer])
    by = starts[places[n]] - sentences[n][0]
    return answer[0] + by, answer[1] + by


def _cropped(example: Example, pick: random.Random) -> Example:
    """Some neighbouring sentences of the passage, those of one answer among them."""
    count = len(example.sentences)
    answer = pick.choice(example.answers) if example.answers else None
    inside = [i for i, (a, b) in enumerate(example.sentences) if answer and a < answer[1] and answer[0] < b]
    middle = inside or [pick.randrange(count)]
    first, last = max(0, middle[0] - pick.randint(0, 2)), min(count - 1, middle[-1] + pick.randint(0, 2))
    left, right = example.sentences[first][0], example.sentences[last][1]
    kept = tuple((a - left, b - left) for a, b in example.sentences[first : last + 1])
    answers = tuple((a - left, b - left) for a, b in example.answers if left <= a and b <= right)
    return replace(
        example, text=example.text[left:right], sentences=kept, answers=answers, evidence=holding(kept, answers)
    )


def batches_of(examples: list[Example], encoder: PairEncoder, pick: random.Random) -> list[list[Example]]:
    """Batches of examples of similar length."""
    batches = []
    for at in range(0, len(examples), 64 * BATCH):
        part = sorted(examples[at : at + 64 * BATCH], key=lambda e: len(e.text))
        batches += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
    return batches


def claim_batches(claims: list[Claims], shares: dict[str, float], pick: random.Random) -> list[list[Claims]]:
    """Batches of about `BATCH` claims, whole sets of similar length."""
    chosen = _in_shares(claims, shares, pick)
    batches = []
    for at in range(0, len(chosen), 512):
        batch: list[Claims] = []
        for row in sorted(chosen[at : at + 512], key=lambda row: len(row.pairs[0][2])):
            batch.append(row)
            if sum(len(row.pairs) for row in batch) >= BATCH:
                batches.append(batch)
                batch = []
        batches += [batch] if batch else []
    return batches


def mixed(
    reading: list[list[Example]], claims: list[list[Claims]], pick: random.Random
) -> list[list[Example] | list[Claims]]:
    """Returns the batches of both sorts in random order."""
    both: list[list[Example] | list[Claims]] = [*reading, *claims]
    pick.shuffle(both)
    return both
