#!/usr/bin/env python3
"""Train the reader (rag/reader.safetensors) on what examples.py and people_examples.py made.

    scripts/train/train_reader.py EXAMPLES OUT [--epochs 3] [--onwards WEIGHTS --rate 1e-4 --seed 8]

All of the encoder but its embedding tables is trained, with heads (rag/reading_network.py) for the first and last word
of the answer, for sentences that hold it, for sentences that address a machine, and for whether the passage holds the
answer. An epoch takes each kind of example in its share; half of the passages are cut down to a few sentences around
the answer (cheaper, and the answer is not always where it was).
Prints the loss as it goes and, after each epoch, figures on the held-out articles.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "scripts" / "train")]

from examples import Example, holding, load_examples  # noqa: E402

from index.embedding import MINILM  # noqa: E402
from rag.reading_network import Encoded, PairEncoder, ReaderNetwork, padded, sentence_places  # noqa: E402

SEED = 7
SHARES = {
    "gold": 0.2,
    "retrieved": 0.05,
    "removed": 0.08,
    "swapped": 0.08,
    "exchanged": 0.05,
    "altered": 0.2,
    "unanswerable": 0.5,
    "asked": 4.0,
    "near miss": 2.0,
    "beside": 1.5,
}
"""How much of each kind an epoch takes: 2.0 is each twice."""

CROPPED = 0.5
"""Share of the passages with an answer in few words, or none, that are cut down to a few sentences."""

MASKED = 0.05
"""Share of the tokens hidden from the network: against learning by heart, and free (dropout halves the speed)."""

LEARNING_RATE = 1.5e-4
WARM_UP = 0.06
BATCH = 32
HOLDS_WEIGHT = 0.5
EVIDENCE_WEIGHT = 1.0
ADDRESSED_WEIGHT = 0.5

INJECTED = 0.35
"""Share of the examples into which sentences are put that address a machine, or that are like those and do not."""

ADDRESSED = Path(__file__).parent / "data" / "addressed.jsonl"
KEPT_OUT = 5
"""Every fifth of those sentences is kept out of training, to be measured on."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("examples", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--epochs", type=int, default=3)
    arguments.add_argument("--onwards", type=Path, metavar="WEIGHTS", help="go on from what an earlier run wrote")
    arguments.add_argument("--rate", type=float, default=LEARNING_RATE, help="highest learning rate")
    arguments.add_argument("--seed", type=int, default=SEED, help="another seed sees the examples in another order")
    arguments.add_argument("--steps", type=int, help="stop after so many, to try things out")
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    pick = random.Random(options.seed)
    train, held = (load_examples(options.examples / f"{name}.jsonl") for name in ("train", "heldout"))
    base = MINILM.locate().parent
    people = options.examples / "people.jsonl"
    train += load_examples(people) if people.exists() else []
    encoder, network = PairEncoder(base), ReaderNetwork(base)
    if options.onwards:
        network.restore(options.onwards, MINILM.sha256)
    _prepare(network)
    strangers = Strangers(pick)
    epochs = [[strangers.put_into(e) for e in _epoch(train, pick)] for _ in range(options.epochs)]
    steps = sum(-(-len(epoch) // BATCH) for epoch in epochs)
    optimiser = Master(network, steps, options.rate)
    step, began, losses = 0, time.time(), []
    for number, epoch in enumerate(epochs, 1):
        network.train()
        for batch in _batches(epoch, encoder, pick):
            loss = _loss(network, batch, encoder)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            step += 1
            if step % 50 == 0:
                rate = step * BATCH / (time.time() - began)
                print(f"step {step}/{steps}  loss {np.mean(losses[-50:]):.3f}  {rate:.1f} examples/s", flush=True)
            if step == options.steps:
                return
        network.save(options.out, MINILM.sha256)
        print(f"epoch {number}: {json.dumps(evaluate(network, encoder, held))}", flush=True)


def _prepare(network: ReaderNetwork) -> None:
    """Compute in bfloat16 without dropout and with plain attention: the fastest on two cores (26 examples/s to 12)."""
    network.to(torch.bfloat16)
    network.encoder.set_attn_implementation("eager")
    network.encoder.embeddings.requires_grad_(requires_grad=False)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


class Master:
    """AdamW on float32 copies of the weights, because steps get lost in bfloat16."""

    def __init__(self, network: ReaderNetwork, steps: int, rate: float) -> None:
        self._trained = [p for p in network.parameters() if p.requires_grad]
        self._copies = [torch.nn.Parameter(p.detach().float()) for p in self._trained]
        self._optimiser = torch.optim.AdamW(self._copies, lr=rate, weight_decay=0.01, fused=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, lambda step: _slope(step / steps))

    def step(self) -> None:
        """Take one step along the gradients, and clear them."""
        for weight, copy in zip(self._trained, self._copies, strict=True):
            copy.grad = weight.grad.float() if weight.grad is not None else None
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self._copies, 1.0)
        self._optimiser.step()
        self._schedule.step()
        with torch.no_grad():
            for weight, copy in zip(self._trained, self._copies, strict=True):
                weight.copy_(copy)


def evaluate(network: ReaderNetwork, encoder: PairEncoder, examples: list[Example]) -> dict[str, float]:
    """Share of gold passages whose best span touches the answer; areas under the curve, gold against each kind."""
    chosen = random.Random(1).sample(examples, min(2000, len(examples)))
    network.eval()
    right, margins, holds = [], [], []
    with torch.inference_mode():
        for example in chosen:
            row = encoder.encode(example.question, [(example.title, example.text)])[0]
            start, end, _, _, held = network(*padded([row], encoder.pad))
            (a, b), margin = best_span(start[0], end[0], row)
            right.append(any(a < y and x < b for x, y in example.answers))
            margins.append(margin)
            holds.append(float(held[0]))
    kinds = np.array([e.kind for e in chosen])
    figures = {"gold_touched": float(np.mean(np.array(right)[kinds == "gold"]))}
    for kind in sorted(set(kinds) - {"gold"}):
        both = (kinds == "gold") | (kinds == kind)
        for name, scores in (("span", margins), ("holds", holds)):
            figures[f"auc_{name}_{kind}"] = float(roc_auc_score(kinds[both] == "gold", np.array(scores)[both]))
    return {name: round(value, 3) for name, value in figures.items()}


def best_span(start: Tensor, end: Tensor, row: Encoded, longest: int = 20) -> tuple[tuple[int, int], float]:
    """The likeliest span of the passage (characters), and how far its score is above that of "no answer"."""
    last = row.first + len(row.offsets)
    sums = start[row.first : last, None] + end[None, row.first : last]
    length = len(row.offsets)
    allowed = torch.ones(length, length).triu().tril(longest - 1).bool()
    flat = int(sums.masked_fill(~allowed, -1e9).argmax())
    a, b = divmod(flat, length)
    return (row.offsets[a][0], row.offsets[b][1]), float(sums[a, b] - start[0] - end[0])


def _epoch(examples: list[Example], pick: random.Random) -> list[Example]:
    chosen = []
    for kind, share in SHARES.items():
        of_kind = [e for e in examples if e.kind == kind]
        chosen += of_kind * int(share) + pick.sample(of_kind, round(share % 1 * len(of_kind)))
    pick.shuffle(chosen)
    return [_cropped(e, pick) if pick.random() < CROPPED and e.kind != "asked" else e for e in chosen]


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


def _batches(
    examples: list[Example], encoder: PairEncoder, pick: random.Random
) -> Iterator[list[tuple[Encoded, Example]]]:
    """Batches of rows of similar length, in random order."""
    for at in range(0, len(examples), 64 * BATCH):
        part = examples[at : at + 64 * BATCH]
        rows = [(encoder.encode(e.question, [(e.title, e.text)])[0], e) for e in part]
        rows.sort(key=lambda row: len(row[0].ids))
        batches = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
        pick.shuffle(batches)
        yield from batches


def _loss(network: ReaderNetwork, batch: list[tuple[Encoded, Example]], encoder: PairEncoder) -> Tensor:
    ids, types, mask = padded([row for row, _ in batch], encoder.pad)
    special = (ids == encoder.pad) | (ids == encoder.start) | (ids == encoder.stop)
    ids = ids.masked_fill((torch.rand(ids.shape) < MASKED) & ~special, encoder.mask)
    start, end, evidence, addressed, holds = network(ids, types, mask)
    truth = torch.tensor([float(bool(example.evidence)) for _, example in batch])
    held = binary_cross_entropy_with_logits(holds, truth)
    sentences = torch.stack([_sentence_loss(evidence[n], r, e, e.evidence) for n, (r, e) in enumerate(batch)]).mean()
    strangers = torch.stack([_sentence_loss(addressed[n], r, e, e.addressed) for n, (r, e) in enumerate(batch)]).mean()
    pointed = [n for n, (_, example) in enumerate(batch) if example.answers or not example.evidence]
    loss = HOLDS_WEIGHT * held + EVIDENCE_WEIGHT * sentences + ADDRESSED_WEIGHT * strangers
    if not pointed:
        return loss
    hidden = ~mask[pointed].bool()
    left, right = zip(*(_target(*batch[n]) for n in pointed), strict=True)
    span = cross_entropy(start[pointed].masked_fill(hidden, -1e9), torch.tensor(left)) + cross_entropy(
        end[pointed].masked_fill(hidden, -1e9), torch.tensor(right)
    )
    return loss + span / 2 * len(pointed) / len(batch)


def _sentence_loss(logits: Tensor, row: Encoded, example: Example, true: tuple[int, ...]) -> Tensor:
    """Binary cross-entropy of the sentences' mean logits; those that are true and those that are not weigh the same."""
    places = sentence_places(row, example.sentences)
    means = torch.stack([logits[first:last].mean() for first, last in places])
    truth = torch.zeros(len(places))
    truth[list(true)] = 1.0
    held = truth.sum()
    weights = truth / held.clamp(min=1) + (1 - truth) / (len(places) - held).clamp(min=1)
    return (binary_cross_entropy_with_logits(means, truth, reduction="none") * weights).sum() / 2


def _target(row: Encoded, example: Example) -> tuple[int, int]:
    """Token positions of the first and last token of an accepted answer; 0 and 0 for none."""
    if not example.answers:
        return 0, 0
    a, b = random.choice(example.answers)
    inside = [i for i, (x, y) in enumerate(row.offsets) if x < b and a < y]
    return row.first + inside[0], row.first + inside[-1]


def _slope(done: float) -> float:
    return min(1.0, done / WARM_UP) * (1 - done)


if __name__ == "__main__":
    main()
