"""Answerability: the probability that the articles contain the answer, estimated from the retrieved sentences.

Logistic regression on the highest feature values of all sentences and passages, with one set of weights for kinds of
questions that ask for anything known about a topic, and one for those that ask for a fact. It was fitted by
`scripts/train/evidence.py` on questions that people asked, including near misses, where the articles cover the topic
but lack the fact. A question whose probability is below the threshold is refused.
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
"""The model to use without a reader."""

HIGHEST = ("says", "held", "evidence", "cosine", "coverage", "context", "score", "dense")
"""Features (`scoring`) whose maximum over all sentences is a signal, that is, an input of the model."""

LEADING = ("says", "held", "evidence", "cosine", "coverage", "context", "beside")
"""Features whose values for the two likeliest sentences are signals, as are the log odds of these sentences."""

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
"""The inputs of the model. `three`: mean log odds of the three likeliest sentences. `expected`: sum of the
probabilities of all sentences. `unknown`: share of the question's words, weighted by rarity, that occur in no article.
`number`: probability that a number or a date is asked for. `numberless`: the same if no likely sentence has one, else
0. `words`: number of the question's words, divided by ten."""

TOPIC = ("cosine", "dense", "context", "coverage", "unknown", "score", "held")
"""The signals that indicate whether any article is about the topic."""

NEARLY_CERTAIN = 4.0
"""Log odds of a sentence to belong to the answer from which that is nearly certain."""

NOT_EXCLUDED = -0.5
"""Least `says` of a nearly certain sentence that is never refused: below, the reader is sure that it has no answer."""

BROAD = (Kind.OVERVIEW, Kind.SUMMARY, Kind.TIMELINE, Kind.LATEST)
"""Kinds that ask for anything known about a topic; the others ask for something specific that may be missing."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted model: `narrow` and `broad` are the weights for the two groups of kinds, each with a "bias".

    `topic` has the weights of a second probability: that any article is about the topic. The smaller of the two is
    used. One `threshold` applies to all of them, because each bias was adjusted to it.
    """

    embedder: str
    narrow: dict[str, float]
    broad: dict[str, float]
    threshold: float
    topic: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        """Reads a file that `scripts/train/evidence.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    @property
    def fingerprint(self) -> str:
        """A hash of the embedder's name and the weights: a calibrated threshold is valid only for the same model."""
        fit = json.dumps([self.embedder, self.narrow, self.broad, self.topic], sort_keys=True)
        return hashlib.sha256(fit.encode()).hexdigest()[:16]

    def probability(self, signals: Mapping[str, float], kind: Kind) -> float:
        """Returns the probability in (0, 1) that the articles contain the answer.

        It is not below the threshold if the likeliest sentence is nearly certain and the reader does not exclude it: in
        an archive of few articles nothing else speaks for that, and the fitted weights expect more.
        """
        answer = _probability(self.broad if kind in BROAD else self.narrow, signals)
        if signals.get("first_odds", 0.0) >= NEARLY_CERTAIN and signals.get("first_says", -1.0) >= NOT_EXCLUDED:
            answer = max(answer, self.threshold)
        return min(answer, self.covered(signals))

    def covered(self, signals: Mapping[str, float]) -> float:
        """Returns the probability in (0, 1) that an article is about the topic; nearly 1 if `topic` is empty."""
        return _probability(self.topic or {"bias": 30.0}, signals)


def _probability(weights: Mapping[str, float], signals: Mapping[str, float]) -> float:
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * signals.get(name, 0.0) for name in SIGNALS)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
