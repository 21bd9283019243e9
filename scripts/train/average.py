#!/usr/bin/env python3
"""Weigh two runs of train_reader.py, of which the second went on from the first, against each other.

    scripts/train/average.py FIRST/full.safetensors SECOND/full.safetensors SHARE OUT

Each weight becomes (1 - SHARE) of the first and SHARE of the second. OUT/reader.safetensors is packed for the product.
What the second run was shown more of, the first one does not lean to (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models", arXiv 2109.01903, section 3).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rag.reader.network import ReaderNetwork  # noqa: E402


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("first", type=Path)
    arguments.add_argument("second", type=Path)
    arguments.add_argument("share", type=float)
    arguments.add_argument("out", type=Path)
    options = arguments.parse_args()
    first, second = load_file(options.first), load_file(options.second)
    mixed = {
        name: ((1 - options.share) * value.float() + options.share * second[name].float()).to(value.dtype)
        for name, value in first.items()
    }
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(mixed, options.out / "full.safetensors")
    network = ReaderNetwork()
    network.restore(options.out / "full.safetensors")
    network.save(options.out / "reader.safetensors", packed=True)


if __name__ == "__main__":
    main()
