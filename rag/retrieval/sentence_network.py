"""Scores how likely a sentence belongs to the answer of a question, by a small neural network on its features.

The network also sees how the sentence compares with the others that were found for the same question, which a weighted
sum of features (`scoring.Model`) cannot use: for one question 0.5 is a high cosine, for another one a low one. It was
trained by `scripts/train/evidence.py` on people's questions whose answering sentences are known, for one embedding
model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.question.kinds import FORMS, Kind
from rag.retrieval.scoring import EVIDENCE_FILE, FEATURES, Table

RELATIVE = ("cosine", "says", "held", "evidence", "beside", "coverage", "context", "score", "dense", "central")
"""Features that are compared with those of the other sentences."""

FARTHEST = 6.0
"""Standard deviations from the mean of the training questions, to which inputs are cut."""

_COMPARED = [FEATURES.index(name) for name in RELATIVE]
_KINDS = list(FORMS)


@dataclass(frozen=True, slots=True, eq=False)
class SentenceNetwork:
    """One hidden layer of tanh units beside a direct connection from inputs to output.

    `mean` and `scale` standardise the inputs; `hidden` is (units, inputs), `hidden_bias` and `out` are (units,), and
    `direct` is (inputs,).
    """

    embedder: str
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    hidden: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float64]
    direct: NDArray[np.float64]
    bias: float

    @classmethod
    def load(cls, path: Path = EVIDENCE_FILE) -> SentenceNetwork:
        """Reads a file that `scripts/train/evidence.py` wrote."""
        written = json.loads(path.read_text())
        arrays: dict[str, Any] = {name: np.array(value) for name, value in written.items() if isinstance(value, list)}
        return cls(**{**written, **arrays})

    def log_odds(self, table: Table, kind: Kind) -> NDArray[np.float64]:
        """Returns, for each row of features of one question, the log odds that the sentence belongs to the answer."""
        if not len(table):
            return np.zeros(0)
        x = np.clip((inputs(table, kind) - self.mean) / self.scale, -FARTHEST, FARTHEST)
        found: NDArray[np.float64] = np.tanh(x @ self.hidden.T + self.hidden_bias) @ self.out + x @ self.direct
        return found + self.bias


def inputs(table: Table, kind: Kind) -> NDArray[np.float64]:
    """Returns what the network reads for each sentence of one question, shape (sentences, inputs).

    Its features; how far those in `RELATIVE` are below the question's highest, and how many standard deviations above
    its mean; and 1 for the kind of the question, 0 for the others.
    """
    compared = table[:, _COMPARED]
    below = compared.max(0) - compared
    above = (compared - compared.mean(0)) / (compared.std(0) + 1e-6)
    kinds = np.tile([float(kind is one) for one in _KINDS], (len(table), 1))
    return np.hstack([table, below, above, kinds])
