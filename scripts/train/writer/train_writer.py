#!/usr/bin/env python3
"""Train the writer (rag/llm/writer.gguf): an adapter for the embedded language model, on what writer_examples.py made.

    scripts/train/writer/train_writer.py EXAMPLES.jsonl OUT.gguf [--epochs 1]

The loss counts the answer's tokens alone, and logits are computed for those only. Prompts are laid out and tokenised by
llama.cpp, as when the writer is used.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import typer
from torch.nn.functional import cross_entropy

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import lora
from common import load_rows

from rag.llm.generation import SMOLLM2, LlamaGenerator, Message

SEED = 13
RANK = 16
ALPHA = 32.0
LEARNING_RATE = 6e-4
WARM_UP = 0.05
BATCH = 16
LONGEST = 420
"""Tokens of a prompt with its answer; the few longer ones are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids; those from `answer` on are the answer, the end of the turn included."""

    ids: list[int]
    answer: int


def main(examples: Path, out: Path, epochs: int = 1, steps: int | None = None) -> None:
    """Train the writer; --steps stops after so many, to try things out."""
    torch.manual_seed(SEED)
    pick = random.Random(SEED)
    base = SMOLLM2.locate()
    rows = tokenised(examples, LlamaGenerator(base, name="base"))
    model = lora.load_base(base)
    adapters = lora.adapt(model, RANK, ALPHA)
    weights = [w for adapted in adapters.values() for w in (adapted.a, adapted.b)]
    optimiser = torch.optim.AdamW(weights, lr=LEARNING_RATE, weight_decay=0.0, fused=True)
    batches = [batch for _ in range(epochs) for batch in _batches(rows, pick)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step / len(batches)))
    began, seen, losses = time.time(), 0, []
    for step, batch in enumerate(batches[:steps], 1):
        loss = _loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        seen += sum(len(row.ids) for row in batch)
        if step % 20 == 0:
            rate = seen / (time.time() - began)
            print(f"step {step}/{len(batches)}  loss {np.mean(losses[-20:]):.3f}  {rate:.0f} tokens/s", flush=True)
        if step % 100 == 0 or step == len(batches):
            lora.save(out, adapters, ALPHA, model, SMOLLM2.sha256)


def tokenised(path: Path, generator: LlamaGenerator) -> list[Row]:
    """The examples of a file as the model will see them."""
    rows = []
    for example in load_rows(path):
        prompt = generator.tokens([Message("system", example["system"]), Message("user", example["user"])])
        rows.append(Row([*prompt, *generator.answer_tokens(example["answer"])], len(prompt)))
    return [row for row in rows if len(row.ids) <= LONGEST]


def _batches(rows: list[Row], pick: random.Random) -> Iterator[list[Row]]:
    """Batches of rows of similar length, in random order."""
    shuffled = pick.sample(rows, len(rows))
    for at in range(0, len(shuffled), 40 * BATCH):
        part = sorted(shuffled[at : at + 40 * BATCH], key=lambda row: len(row.ids))
        batches = [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
        pick.shuffle(batches)
        yield from batches


def _loss(model: torch.nn.Module, batch: list[Row]) -> torch.Tensor:
    """Mean over the answers' tokens. Rows are filled up at their ends, which nothing before them can see."""
    width = max(len(row.ids) for row in batch)
    ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in batch])
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    places = [(n, at) for n, row in enumerate(batch) for at in range(row.answer, len(row.ids))]
    before = torch.stack([hidden[n, at - 1] for n, at in places])
    wanted = torch.tensor([batch[n].ids[at] for n, at in places])
    return cross_entropy(model.lm_head(before).float(), wanted)


def _slope(done: float) -> float:
    return min(1.0, done / WARM_UP) * (1 - done)


if __name__ == "__main__":
    typer.run(main)
