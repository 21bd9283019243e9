#!/usr/bin/env python3
"""Weigh two runs of train_reader.py, of which the second went on from the first, against each other.

    scripts/train/average.py FIRST/full.safetensors SECOND/full.safetensors SHARE OUT

Each weight becomes (1 - SHARE) of the first and SHARE of the second. OUT/reader.safetensors is packed for the product.
What the second run was shown more of, the first one does not lean to (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models", arXiv 2109.01903, section 3).
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rag.reader.network import ReaderNetwork


def main(first: Path, second: Path, share: float, out: Path) -> None:
    """Weigh the weights of two runs against each other."""
    one, other = load_file(first), load_file(second)
    mixed = {n: ((1 - share) * w.float() + share * other[n].float()).to(w.dtype) for n, w in one.items()}
    out.mkdir(parents=True, exist_ok=True)
    save_file(mixed, out / "full.safetensors")
    network = ReaderNetwork()
    network.restore(out / "full.safetensors")
    network.save(out / "reader.safetensors", packed=True)


if __name__ == "__main__":
    typer.run(main)
