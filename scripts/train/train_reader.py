#!/usr/bin/env python3
"""Train the reading network on what examples.py, people_examples.py, reading_examples.py and support_examples.py made.

    scripts/train/train_reader.py EXAMPLES OUT --base MPNET [--rate 6e-5]
    scripts/train/train_reader.py EXAMPLES OUT --onwards OUT/full.safetensors [--shares SHARES.json --rate 4e-5]

The encoder begins as the lower layers of all-mpnet-base-v2 (MPNET is its folder) or as what an earlier run wrote. Heads
(rag/reader/network.py) learn the first and last word of the answer, sentences that hold it, sentences that address a
machine, whether the passage holds the answer, whether a clipping supports a claim, and of questions their kind and
whether they lean on earlier ones. An epoch takes each kind of example in its share (epoch.py).

OUT/full.safetensors can be trained onwards, OUT/reader.safetensors is packed for the product. Prints the loss as it
goes, and figures on what is held out after each quarter of the steps.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import typer
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, softplus
from transformers import AutoModel

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from epoch import SHARES, Asked, Batch, Claims, Material, leaning, load_claims
from examples import Example, load_examples

from index.embedding.embedder import MINILM
from rag.reader.network import (
    LAYERS,
    MASK,
    PAD,
    START,
    STOP,
    Encoded,
    PairEncoder,
    ReaderNetwork,
    claim_mask,
    padded,
    sentence_places,
)

SEED = 7
MASKED = 0.05
"""Share of the tokens hidden from the network: against learning by heart, and free (dropout halves the speed)."""

FROZEN = 2
"""Layers at the bottom that stay as they are, with the embedding tables: a fifth less work, and they change least."""

LEARNING_RATE = 6e-5
HEADS_RATE = 8.0
"""The heads, which begin at random, learn so many times as fast."""

WARM_UP = 0.06
HOLDS_WEIGHT = 0.5
EVIDENCE_WEIGHT = 1.0
ADDRESSED_WEIGHT = 0.5
RANKING_WEIGHT = 0.5
"""Of a claim that is supported standing above one that is not, on the same clipping."""

SMOOTHED = 0.05
"""Of the probability of a question's kind goes to the other kinds: people label some questions either way."""

EVALUATIONS = 4
EVALUATED = 400
"""Questions and claims held out that are looked at as training goes."""


def main(
    examples: Path,
    out: Path,
    base: Path | None = None,
    onwards: Path | None = None,
    rate: float = LEARNING_RATE,
    shares: Path | None = None,
    seed: int = SEED,
    steps: int | None = None,
) -> None:
    """Begin with the lower layers of the model in --base, or go on from the weights in --onwards.

    --rate is the highest learning rate; --shares a JSON object with other shares of the kinds of example; another
    --seed sees the examples in another order; --steps stops after so many.
    """
    if (base is None) == (onwards is None):
        raise typer.BadParameter("give either --base or --onwards")
    torch.manual_seed(seed)
    random.seed(seed)
    pick = random.Random(seed)
    material = Material.load(examples)
    held = load_examples(examples / "heldout.jsonl"), load_claims(examples / "support_heldout.jsonl"), leaning()[1]
    encoder, network = PairEncoder(MINILM.locate().parent), ReaderNetwork()
    if base:
        _begin(network, base)
    else:
        network.restore(onwards)
    _prepare(network)
    out.mkdir(parents=True, exist_ok=True)
    batches = material.batches(json.loads(shares.read_text()) if shares else SHARES, pick)
    optimiser = Master(network, len(batches), rate)
    losses: dict[str, list[float]] = {"Example": [], "Claims": [], "Asked": []}
    began = time.time()
    for step, batch in enumerate(batches, 1):
        network.train()
        loss = _loss(network, batch, encoder)
        loss.backward()
        optimiser.step()
        losses[type(batch[0]).__name__].append(loss.item())
        if step % 25 == 0:
            means = "  ".join(f"{name} {np.mean(values[-60:]):.3f}" for name, values in losses.items() if values)
            print(f"step {step}/{len(batches)}  {means}  {(time.time() - began) / step:.1f} s a step", flush=True)
        if step == steps:
            break
        if step % max(1, len(batches) // EVALUATIONS) == 0 or step == len(batches):
            network.save(out / "full.safetensors", packed=False)
            print(f"step {step}: {json.dumps(evaluate(network, encoder, *held))}", flush=True)
    network.save(out / "full.safetensors", packed=False)
    network.save(out / "reader.safetensors", packed=True)


def _begin(network: ReaderNetwork, folder: Path) -> None:
    """The lower layers of the model in `folder`."""
    whole = AutoModel.from_pretrained(str(folder), local_files_only=True, add_pooling_layer=False)
    whole.encoder.layer = whole.encoder.layer[:LAYERS]
    network.encoder.load_state_dict(whole.state_dict())


def _prepare(network: ReaderNetwork) -> None:
    """Compute in bfloat16 without dropout and with plain attention: the fastest on two cores."""
    network.to(torch.bfloat16)
    network.encoder.set_attn_implementation("eager")
    for part in (network.encoder.embeddings, *network.encoder.encoder.layer[:FROZEN]):
        part.requires_grad_(requires_grad=False)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


class Master:
    """AdamW on float32 copies of the weights, because steps get lost in bfloat16."""

    def __init__(self, network: ReaderNetwork, steps: int, rate: float) -> None:
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        self._trained = [p for _, p in named]
        self._copies = [torch.nn.Parameter(p.detach().float()) for p in self._trained]
        of_encoder = [name.startswith("encoder.") for name, _ in named]
        groups = [
            {"params": [c for c, inside in zip(self._copies, of_encoder, strict=True) if inside], "lr": rate},
            {
                "params": [c for c, inside in zip(self._copies, of_encoder, strict=True) if not inside],
                "lr": rate * HEADS_RATE,
            },
        ]
        self._optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, lambda step: _slope(step / steps))

    def step(self) -> None:
        """Take one step along the gradients, and clear them. A head that the batch did not use stays as it is."""
        for weight, copy in zip(self._trained, self._copies, strict=True):
            copy.grad = weight.grad.float() if weight.grad is not None else None
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self._copies, 1.0)
        self._optimiser.step()
        self._schedule.step()
        with torch.no_grad():
            for weight, copy in zip(self._trained, self._copies, strict=True):
                weight.copy_(copy)


def evaluate(
    network: ReaderNetwork, encoder: PairEncoder, examples: list[Example], claims: list[Claims], turns: list[Asked]
) -> dict[str, float]:
    """Areas under the curve: passages with the answer against those of each kind without, supported against
    unsupported claims, and questions that lean on earlier ones against others.
    """
    chosen = random.Random(1).sample(examples, min(EVALUATED, len(examples)))
    judged_sets = random.Random(1).sample(claims, min(EVALUATED // 4, len(claims)))
    network.eval()
    with torch.inference_mode():
        rows = [encoder.encode(e.question, [(e.title, e.text)])[0] for e in chosen]
        holds = np.array([float(network(*padded([row])).holds[0]) for row in rows])
        scores = [float(judged(network, encoder, [pair])) for row in judged_sets for pair in row.pairs]
        leans = [float(_sorted(network, encoder, [turn])[1]) for turn in turns]
    kinds = np.array([e.kind for e in chosen])
    figures = {}
    for kind in sorted(set(kinds) - {"gold"}):
        both = (kinds == "gold") | (kinds == kind)
        figures[f"auc_holds_{kind}"] = float(roc_auc_score(kinds[both] == "gold", holds[both]))
    figures["auc_claims"] = float(roc_auc_score([pair[3] for row in judged_sets for pair in row.pairs], scores))
    figures["auc_leaning"] = float(roc_auc_score([turn.leans for turn in turns], leans))
    return {name: round(value, 3) for name, value in figures.items()}


def _sorted(network: ReaderNetwork, encoder: PairEncoder, asked: Sequence[Asked]) -> tuple[Tensor, Tensor]:
    return network.sort(*padded([encoder.encode_question(row.question, row.earlier) for row in asked]))


def judged(network: ReaderNetwork, encoder: PairEncoder, pairs: Sequence[tuple[str, str, str, bool]]) -> Tensor:
    """Log odds (pairs,) that the clippings support the claims."""
    rows = [encoder.encode_claim(claim, question, [clipping])[0] for claim, question, clipping, _ in pairs]
    return network.judge(*padded(rows), claim_mask(rows))


def _loss(network: ReaderNetwork, batch: Batch, encoder: PairEncoder) -> Tensor:
    if isinstance(batch[0], Example):
        return _reading_loss(network, batch, encoder)
    return (_claim_loss if isinstance(batch[0], Claims) else _question_loss)(network, batch, encoder)


def _question_loss(network: ReaderNetwork, asked: list[Asked], encoder: PairEncoder) -> Tensor:
    """Cross-entropy of the kinds, and of what leans on earlier questions."""
    kinds, leans = _sorted(network, encoder, asked)
    turns = torch.tensor([bool(row.earlier) for row in asked])
    truth = torch.tensor([float(row.leans) for row in asked])
    labels = torch.tensor([row.label for row in asked])
    loss = torch.zeros(())
    if turns.any():
        loss = loss + binary_cross_entropy_with_logits(leans[turns], truth[turns]) * turns.float().mean()
    if not turns.all():
        of_kinds = cross_entropy(kinds[~turns], labels[~turns], label_smoothing=SMOOTHED)
        loss = loss + of_kinds * (~turns).float().mean()
    return loss


def _reading_loss(network: ReaderNetwork, examples: list[Example], encoder: PairEncoder) -> Tensor:
    batch = [(encoder.encode(e.question, [(e.title, e.text)])[0], e) for e in examples]
    ids, mask = padded([row for row, _ in batch])
    start, end, evidence, addressed, holds = network(_masked(ids), mask)
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


def _claim_loss(network: ReaderNetwork, claims: list[Claims], encoder: PairEncoder) -> Tensor:
    """Cross-entropy of the claims, and of the order of those on one clipping."""
    pairs = [pair for row in claims for pair in row.pairs]
    rows = [encoder.encode_claim(claim, question, [clipping])[0] for claim, question, clipping, _ in pairs]
    ids, mask = padded(rows)
    scores = network.judge(_masked(ids), mask, claim_mask(rows))
    truth = torch.tensor([float(supported) for *_, supported in pairs])
    loss = binary_cross_entropy_with_logits(scores, truth)
    sets = torch.tensor([n for n, row in enumerate(claims) for _ in row.pairs])
    ranked = (sets[:, None] == sets[None]) & (truth[:, None] > truth[None])
    if not ranked.any():
        return loss
    above = scores[:, None] - scores[None]
    return loss + RANKING_WEIGHT * softplus(-above[ranked]).mean()


def _masked(ids: Tensor) -> Tensor:
    special = (ids == PAD) | (ids == START) | (ids == STOP)
    return ids.masked_fill((torch.rand(ids.shape) < MASKED) & ~special, MASK)


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
    typer.run(main)
