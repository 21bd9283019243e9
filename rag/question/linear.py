"""A small trained classifier: one row of weights a label, on features that cost next to nothing.

Bishop 2006, "Pattern Recognition and Machine Learning", section 4.3.4: softmax of a linear map. The weights are trained
by `scripts/train/classifiers.py`, lie beside the module that uses them, and name the embedding model that they need.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """Weights (labels, features) and bias (labels,); `embedder` names the model whose vectors are among the features.

    `threshold` in (0, 1) is the probability from which on the last of two labels holds; unused for more than two.
    """

    labels: tuple[str, ...]
    weights: Vector
    bias: Vector
    embedder: str
    threshold: float = 0.5

    @classmethod
    def load(cls, path: Path) -> LinearClassifier:
        """Read what `scripts/train/classifiers.py` wrote."""
        with safe_open(path, "np") as file:
            metadata = file.metadata()
            weights, bias = (file.get_tensor(name).astype(np.float32) for name in ("weights", "bias"))
        return cls(
            tuple(json.loads(metadata["labels"])), weights, bias, metadata["embedder"], float(metadata["threshold"])
        )

    def probabilities(self, features: Vector) -> Vector:
        """Probability of each label, (labels,), for features (features,)."""
        scores = self.weights @ features + self.bias
        raised: Vector = np.exp(scores - scores.max()).astype(np.float32)
        shares: Vector = raised / raised.sum()
        return shares

    def label(self, features: Vector) -> str:
        """The likeliest label."""
        return self.labels[int(self.probabilities(features).argmax())]

    def holds(self, features: Vector) -> bool:
        """Of two labels, whether the last is at least as likely as the threshold."""
        return float(self.probabilities(features)[-1]) >= self.threshold
