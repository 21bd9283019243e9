#!/usr/bin/env python3
"""Fit how the verifier's log odds are read (rag/grounding/verifier.json), on claims kept out of training.

    scripts/train/verifier.py EXAMPLES

EXAMPLES/support_heldout.jsonl is every tenth contrast set (support_examples.py). The log odds become a probability
(Platt 1999, "Probabilistic outputs for support vector machines"); `supported` is the threshold that three in a hundred
unsupported claims pass, `contradicted` the one that one in ten supported claims falls below. Guards count: a claim
with numbers or names of its own passes never.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from common import load_rows

from rag.grounding import guards, verifier
from rag.reader.reader import Reader

PASSED = 0.03
"""Share of the unsupported claims that may count as supported; of pairs by other people twice as many do."""

LOST = 0.10
"""Share of the supported claims that may be taken for contradicted."""


def main(examples: Path) -> None:
    """Fit how the verifier's log odds are read."""
    pairs = [pair for row in load_rows(examples / "support_heldout.jsonl") for pair in row["pairs"]]
    reader = Reader()
    odds = np.array([reader.judge(claim, question, [clipping])[0] for claim, question, clipping, _ in pairs])
    truth = np.array([supported for *_, supported in pairs])
    own = np.array([bool(guards.own_facts(c, text, f"{text} {question}")) for c, question, text, _ in pairs])
    platt = LogisticRegression(C=1e6).fit(odds[:, None], truth)
    scale, bias = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    found = np.where(own, 0.0, 1 / (1 + np.exp(-(scale * odds + bias))))
    model = {
        "scale": round(scale, 4),
        "bias": round(bias, 4),
        "supported": round(float(np.quantile(found[~truth], 1 - PASSED)), 4),
        "contradicted": round(float(np.quantile(found[truth & ~own], LOST)), 4),
    }
    passed = found >= model["supported"]
    shares = {"auc": roc_auc_score(truth, found), "supported passed": passed[truth].mean()}
    shares |= {"unsupported passed": passed[~truth].mean(), "unsupported with own facts": own[~truth].mean()}
    print(json.dumps({"pairs": len(pairs)} | {name: round(float(share), 3) for name, share in shares.items()}))
    fitted = {"fitted_on": f"{len(pairs)} claims of contrast sets kept out of training"}
    verifier.FILE.write_text(json.dumps(model | fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
