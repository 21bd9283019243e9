#!/usr/bin/env python3
"""Average the weights of readers that were trained onwards from each other, and print how well the average reads.

    scripts/train/average.py EXAMPLES OUT WEIGHTS WEIGHTS [...]

Weights that share their beginning lie in one basin, and their mean reads better than each (Wortsman et al. 2022, "Model
soups", arXiv 2203.05482, section 3); it costs nothing when it is used. The figures are those of train_reader.py, on
the held-out articles: of each of the readers, then of the average.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "scripts" / "train")]

from examples import load_examples  # noqa: E402
from train_reader import evaluate  # noqa: E402

from index.embedding import MINILM  # noqa: E402
from rag.reading_network import PairEncoder, ReaderNetwork  # noqa: E402


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("examples", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("weights", type=Path, nargs="+")
    options = arguments.parse_args()
    average(options.weights, options.out)
    held, base = load_examples(options.examples / "heldout.jsonl"), MINILM.locate().parent
    for path in (*options.weights, options.out):
        network = ReaderNetwork(base)
        network.restore(path, MINILM.sha256)
        print(f"{path}: {json.dumps(evaluate(network, PairEncoder(base), held))}", flush=True)


def average(readers: list[Path], out: Path) -> None:
    """Write the mean of the readers' weights. ValueError if one was trained on another base."""
    base = MINILM.locate().parent
    network = ReaderNetwork(base)
    for path in readers:
        network.restore(path, MINILM.sha256)
    parts = [load_file(path) for path in readers]
    means = {name: torch.stack([part[name].float() for part in parts]).mean(0) for name in parts[0]}
    network.load_state_dict(means, strict=False)
    network.save(out, MINILM.sha256)


if __name__ == "__main__":
    main()
