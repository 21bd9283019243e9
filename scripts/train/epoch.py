"""What one epoch of the reader's training sees: passages, claims and questions, in their shares and in batches."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from common import load_rows
from examples import Example, holding, load_examples

from rag.question.kinds import LABELS

DATA = Path(__file__).parent / "data"

SHARES = {
    "gold": 0.4, "retrieved": 0.06, "removed": 0.12, "swapped": 0.12, "exchanged": 0.06, "altered": 0.1,
    "unanswerable": 0.8, "asked": 3.0, "near miss": 1.0, "beside": 0.7, "answered": 2.0, "not answered": 2.0,
    "contrast": 1.0, "contrast, reworded": 0.4, "short answers": 0.5, "cad_snli": 1.0, "fever_symmetric": 1.0,
    "fool_me_twice": 1.0, "sufficientfacts_fever": 1.0, "sufficientfacts_hover": 1.0, "sufficientfacts_vitaminc": 1.0,
    "kind": 3.0, "leaning": 3.0,
}  # fmt: skip
"""How much of each kind an epoch takes: 2.0 is each twice.

Less of the contrast sets whose supported claims are reworded and whose others are not: few words in common would be
taken for support.
"""

CROPPED = 0.6
"""Share of the passages that are cut down to a few sentences: cheaper, and the answer is not always where it was."""

UNCROPPED = ("asked", "answered", "not answered")
"""Kinds that are read whole: in these, what to leave out is what is to be learnt."""

INJECTED = 0.35
"""Share of the examples into which sentences are put that address a machine, or that are like those and do not."""

GOING_ON_SHARE = 0.1
"""Share of the questions that get a word in front which only goes on from what was said."""

GOING_ON = tuple("and but so ok okay also then well".split())

UNMARKED = 0.3
"""Share of the questions whose question mark is taken away."""

BATCH = 32
SORTED = 64
"""So many batches are sorted by length together."""

QUESTIONS = 64
"""Questions in a batch of those that are sorted into kinds: they are short."""

KEPT_OUT = 5
"""Every fifth sentence that addresses a machine, or is like one, and every fifth conversation is kept out."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims on one clipping: (claim, question or "", clipping, supported)."""

    kind: str
    pairs: tuple[tuple[str, str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the earlier ones (oldest first): the number of its kind's label, or whether it leans on them."""

    kind: str
    question: str
    earlier: tuple[str, ...] = ()
    label: int = -1
    leans: bool = False


Batch = list[Example] | list[Claims] | list[Asked]
Kind = TypeVar("Kind", Example, Claims, Asked)


@dataclass(frozen=True, slots=True)
class Material:
    """All that is trained on."""

    passages: list[Example]
    claims: list[Claims]
    questions: list[Asked]

    @classmethod
    def load(cls, folder: Path) -> Material:
        """What the scripts of the examples wrote into `folder`, and the questions beside this module."""
        names = (folder / f"{name}.jsonl" for name in ("train", "people", "reading"))
        passages = [example for path in names if path.exists() for example in load_examples(path)]
        return cls(passages, load_claims(folder / "support.jsonl"), [*kinds(), *leaning()[0]])

    def batches(self, shares: dict[str, float], pick: random.Random) -> list[Batch]:
        """The batches of one epoch, mixed."""
        strangers = Strangers(pick)
        passages = [strangers.put_into(_cropped(e, pick)) for e in _in_shares(self.passages, shares, pick)]
        questions = [_as_typed(q, pick) for q in _in_shares(self.questions, shares, pick)]
        batches: list[Batch] = [
            *_of_like_length(passages, [len(e.text) for e in passages], BATCH),
            *_of_like_length(questions, [len(q.question) + sum(map(len, q.earlier)) for q in questions], QUESTIONS),
            *_claim_batches(_in_shares(self.claims, shares, pick)),
        ]
        pick.shuffle(batches)
        return batches


def load_claims(path: Path) -> list[Claims]:
    """What support_examples.py wrote."""
    return [Claims(row["source"], tuple(tuple(pair) for pair in row["pairs"])) for row in load_rows(path)]


def kinds() -> list[Asked]:
    """The questions with their kinds."""
    rows = [row for path in sorted(DATA.glob("kinds*.jsonl")) for row in load_rows(path)]
    rows += [row for row in load_rows(DATA / "reuters_questions.jsonl") if row["answerable"]]
    numbers = {label: n for n, label in enumerate(LABELS)}
    return [Asked("kind", row["question"], label=numbers[row["kind"]]) for row in rows]


def leaning() -> tuple[list[Asked], list[Asked]]:
    """The turns of conversations, for training and kept out; those of one conversation stay together."""
    rows = [row for path in sorted(DATA.glob("leaning*.jsonl")) for row in load_rows(path)]
    firsts = list(dict.fromkeys(row["history"][0] for row in rows))
    out = set(firsts[::KEPT_OUT])
    turns = [
        (row["history"][0], Asked("leaning", row["question"], tuple(row["history"]), leans=row["leans"]))
        for row in rows
    ]
    return [turn for first, turn in turns if first not in out], [turn for first, turn in turns if first in out]


class Strangers:
    """Sentences that address a machine, and others that are like them, to be put into passages."""

    def __init__(self, pick: random.Random) -> None:
        self._rows = [row for n, row in enumerate(load_rows(DATA / "addressed.jsonl")) if n % KEPT_OUT]
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


def _in_shares(examples: Sequence[Kind], shares: dict[str, float], pick: random.Random) -> list[Kind]:
    chosen: list[Kind] = []
    for kind, share in shares.items():
        of_kind = [e for e in examples if e.kind == kind]
        chosen += of_kind * int(share) + pick.sample(of_kind, round(share % 1 * len(of_kind)))
    pick.shuffle(chosen)
    return chosen


def _as_typed(asked: Asked, pick: random.Random) -> Asked:
    """The question as others would type it: without its mark, or with "and" in front."""
    question = asked.question
    if pick.random() < UNMARKED:
        question = question.rstrip(" ?") or question
    if asked.kind == "kind" and pick.random() < GOING_ON_SHARE:
        question = f"{pick.choice(GOING_ON)} {question}"
    return replace(asked, question=question)


def _moved(
    answer: tuple[int, int], sentences: tuple[tuple[int, int], ...], places: list[int], starts: list[int]
) -> tuple[int, int]:
    """Where an answer stands once its sentence begins elsewhere."""
    (n,) = holding(sentences, [answer])
    by = starts[places[n]] - sentences[n][0]
    return answer[0] + by, answer[1] + by


def _cropped(example: Example, pick: random.Random) -> Example:
    """Mostly some neighbouring sentences of the passage, those of one answer among them; else the passage itself."""
    if example.kind in UNCROPPED or pick.random() >= CROPPED:
        return example
    count = len(example.sentences)
    answer = pick.choice(example.answers) if example.answers else None
    inside = [i for i, (a, b) in enumerate(example.sentences) if answer and a < answer[1] and answer[0] < b]
    middle = inside or list(example.evidence) or [pick.randrange(count)]
    first, last = max(0, middle[0] - pick.randint(0, 2)), min(count - 1, middle[-1] + pick.randint(0, 2))
    left, right = example.sentences[first][0], example.sentences[last][1]
    return replace(
        example,
        text=example.text[left:right],
        sentences=tuple((a - left, b - left) for a, b in example.sentences[first : last + 1]),
        answers=tuple((a - left, b - left) for a, b in example.answers if left <= a and b <= right),
        evidence=tuple(n - first for n in example.evidence if first <= n <= last),
    )


def _of_like_length(rows: Sequence[Kind], lengths: Sequence[int], size: int) -> list[list[Kind]]:
    batches = []
    for at in range(0, len(rows), SORTED * size):
        order = sorted(range(at, min(at + SORTED * size, len(rows))), key=lengths.__getitem__)
        batches += [[rows[n] for n in order[i : i + size]] for i in range(0, len(order), size)]
    return batches


def _claim_batches(claims: Sequence[Claims]) -> list[list[Claims]]:
    """Batches of about `BATCH` claims, whole sets of similar length."""
    batches = []
    for at in range(0, len(claims), 512):
        batch: list[Claims] = []
        for row in sorted(claims[at : at + 512], key=lambda row: len(row.pairs[0][2])):
            batch.append(row)
            if sum(len(row.pairs) for row in batch) >= BATCH:
                batches.append(batch)
                batch = []
        batches += [batch] if batch else []
    return batches
