#!/usr/bin/env python3
"""Prove that an adapter's file says to llama.cpp what was trained in PyTorch.

    scripts/train/writer/check_writer.py rag/llm/writer.gguf EXAMPLES.jsonl

Compares the next token's logits after 50 prompts between llama.cpp (base weights as float32, with the adapter's file)
and PyTorch (the same base, the adapter read back from that file), and against the same file with its query and key
rows left in PyTorch's order: the mistake that is easily made. Ends with one JSON line; exit status 1 if they differ.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
import tempfile
from pathlib import Path

import llama_cpp
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "train"), str(ROOT / "scripts" / "train" / "writer")]

import lora  # noqa: E402
from train_writer import ALPHA, RANK, tokenised  # noqa: E402

from rag.llm.generation import SMOLLM2, LlamaGenerator  # noqa: E402
from rag.llm.llama_file import listening  # noqa: E402

PROMPTS = 50
NEAR = 0.02
"""Largest mean difference of logits that rounding (float16 in llama.cpp's cache) explains."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("adapter", type=Path)
    arguments.add_argument("examples", type=Path)
    options = arguments.parse_args()
    base = SMOLLM2.locate()
    rows = tokenised(options.examples, LlamaGenerator(base, name="base"))[:PROMPTS]
    model = lora.load_base(base, torch.float32)
    adapters = lora.adapt(model, RANK, ALPHA)
    lora.restore(options.adapter, adapters, model)
    with tempfile.TemporaryDirectory() as scratch:
        plain, wrong = Path(scratch) / "f32.gguf", Path(scratch) / "wrong.gguf"
        _as_float32(base, plain)
        lora.save(wrong, adapters, ALPHA, model, SMOLLM2.sha256, in_order=False)
        right = [_llama_logits(plain, options.adapter, rows), _torch_logits(model, rows)]
        unpermuted = _llama_logits(plain, wrong, rows)
    figures = {
        "prompts": len(rows),
        "mean_difference": _difference(*right),
        "same_next_token": float(np.mean(right[0].argmax(1) == right[1].argmax(1))),
        "mean_difference_unpermuted": _difference(unpermuted, right[1]),
    }
    print(json.dumps({name: round(value, 5) for name, value in figures.items()}))
    return int(figures["mean_difference"] > NEAR)


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


def _as_float32(path: Path, target: Path) -> None:
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = 0
    wanted.allow_requantize = True
    with listening():
        if llama_cpp.llama_model_quantize(os.fsencode(path), os.fsencode(target), ctypes.byref(wanted)):
            raise SystemExit("llama.cpp could not turn the base into float32")


def _llama_logits(base: Path, adapter: Path, rows: list) -> np.ndarray:
    with listening():
        llama = llama_cpp.Llama(str(base), n_ctx=1024, lora_path=str(adapter), verbose=False)
        found = []
        for row in rows:
            llama.reset()
            llama.eval(row.ids[: row.answer])
            found.append(np.array(llama_cpp.llama_get_logits_ith(llama._ctx.ctx, -1)[: llama.n_vocab()]))
        llama.close()
    return np.array(found)


def _torch_logits(model: torch.nn.Module, rows: list) -> np.ndarray:
    with torch.inference_mode():
        return np.array([model(torch.tensor([row.ids[: row.answer]])).logits[0, -1].numpy() for row in rows])


if __name__ == "__main__":
    sys.exit(main())
