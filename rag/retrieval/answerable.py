"""Whether the articles hold the answer: a fitted probability, from what was found for the question.

Logistic regression on the best values that any sentence or passage reached, in one way for kinds that ask for whatever
is known and in another for those that ask for a fact. It was fitted by `scripts/train/evidence.py` on questions that
people asked, among them near misses: the topic is there, the fact is not. A question whose probability is below the
threshold is not answered.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag.question.kinds import Kind

FILE = Path(__file__).with_name("answerable.json")

UNREAD_FILE = Path(__file__).with_name("answerable_unread.json")
"""The same for when there is no reader."""

HIGHEST = ("says", "held", "evidence", "cosine", "coverage", "context", "score", "dense")
"""Features (`scoring`) whose highest value among all sentences is a signal."""

LEADING = ("says", "held", "evidence", "cosine", "coverage", "context", "beside")
"""Features whose values for each of the two likeliest sentences are signals, as are the log odds of these."""

SIGNALS = (
    *HIGHEST,
    *(f"{place}_{name}" for place in ("first", "second") for name in ("odds", *LEADING)),
    "three",
    "expected",
    "unknown",
    "number",
    "numberless",
    "words",
)
"""`three`: mean log odds of the three likeliest sentences. `expected`: sum of all probabilities. `unknown`: share
of the question's words, weighted by rarity, that stand in no article. `number`: probability that a number or a date is
asked for. `numberless`: the same where no likely sentence gives one, else 0. `words`: of the question, in tens."""

TOPIC = ("cosine", "dense", "context", "coverage", "unknown", "score", "held")
"""The signals that tell whether an article is about the topic at all."""

BROAD = (Kind.OVERVIEW, Kind.SUMMARY, Kind.TIMELINE, Kind.LATEST)
"""Kinds that ask for whatever is known of a topic; the others ask for something that may not be there."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted probability: `narrow` and `broad` are the weights of the two groups of kinds, each with a "bias".

    `topic` are those of a probability of its own: that any article is about the topic; the smaller of the two counts.
    The `threshold` holds for all: the bias of each was set so.
    """

    embedder: str
    narrow: dict[str, float]
    broad: dict[str, float]
    threshold: float
    topic: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        """Read what `scripts/train/evidence.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    @property
    def fingerprint(self) -> str:
        """Name of this very fit: what was calibrated for it counts for no other."""
        fit = json.dumps([self.embedder, self.narrow, self.broad, self.topic], sort_keys=True)
        return hashlib.sha256(fit.encode()).hexdigest()[:16]

    def probability(self, signals: Mapping[str, float], kind: Kind) -> float:
        """Probability in (0, 1) that the articles hold the answer."""
        answer = _probability(self.broad if kind in BROAD else self.narrow, signals)
        return min(answer, self.covered(signals))

    def covered(self, signals: Mapping[str, float]) -> float:
        """Probability in (0, 1) that an article is about the topic; nearly 1 where that was not fitted."""
        return _probability(self.topic or {"bias": 30.0}, signals)


def _probability(weights: Mapping[str, float], signals: Mapping[str, float]) -> float:
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * signals.get(name, 0.0) for name in SIGNALS)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
