"""Judges whether the evidence supports a sentence: one verdict per sentence, with the spans that support it best.

A sentence that occurs in an article word for word is a quotation. Any other is judged by the trained network
(`rag.reader`), and must not contain numbers or names that the evidence lacks (`guards`). The network was trained on
contrast sets, and its thresholds were fitted on other contrast sets (`scripts/train/verifier.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.language.sentences import Span
from rag.answer import Evidence, Level
from rag.grounding import guards
from rag.reader.reader import Reads
from rag.text import terms

FILE = Path(__file__).with_name("verifier.json")

JUDGED = 3
"""The number of evidence sentences that a claim is judged against: those that share most words with it."""

MARKED = 0.15
"""Bonus for passages whose marker the model wrote, added to the share of the claim's words that a sentence has."""

NEAR = 0.4
"""Least share of a rejected sentence's words in the nearest evidence sentence, at which that is shown in its place."""

SHORT_WORDS = 6
"""Claims of up to so many words are judged together with the question; longer ones as independent statements."""

YES_OR_NO = ("yes", "no,", "no ")
"""Beginnings of sentences that have no meaning without the question, and so are judged together with it."""

SIMPLER = 0.3
"""Log odds by which two sentences together must support a claim better than one does, to be cited together."""


@dataclass(frozen=True, slots=True)
class Model:
    """Calibration of the network's log odds: `scale` and `bias` convert them to a probability (Platt scaling).

    A claim with at least the probability `supported` counts as supported; one below `contradicted` is not shown.
    """

    scale: float
    bias: float
    supported: float
    contradicted: float

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        """Reads a file that `scripts/train/verifier.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    def probability(self, log_odds: float) -> float:
        """Returns the probability in (0, 1) that the claim is supported."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.scale * log_odds + self.bias))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one sentence: its level, the probability that it is supported, and the spans that support it, the
    nearest first.

    `level` is None for a sentence that must not be shown, because it contradicts its clipping or contains numbers or
    names that the evidence lacks. Then `spans` has the most similar sentence, or is empty if none is similar enough.
    """

    level: Level | None
    probability: float
    spans: tuple[tuple[Evidence, Span], ...]

    @property
    def clipping(self) -> str:
        """The text of the spans, joined."""
        return " ".join(item.hit.article.text[a:b] for item, (a, b) in self.spans)


Spans = tuple[tuple[Evidence, Span], ...]


class Verifier:
    """Judges sentences. Without a network, only quotations count as supported."""

    def __init__(self, network: Reads | None, model: Model | None = None) -> None:
        self._network = network
        self._model = model or Model.load()

    def passes(self, claim: str, question: str, clipping: str) -> tuple[bool, float]:
        """Returns whether a claim counts as supported by a clipping, and the probability that it is; see `verdict`."""
        if guards.own_facts(claim, clipping, f"{clipping} {question}"):
            return False, 0.0
        probability = self._probabilities(claim, question, [clipping])[0]
        return probability >= self._model.supported, probability

    def verdict(self, claim: str, question: str, evidence: Sequence[Evidence], marked: Sequence[int]) -> Verdict | None:
        """Returns the verdict on a sentence that answers the question; None if the evidence has no spans to cite.

        `marked` are the numbers of the markers in the sentence.
        """
        near = _nearest(claim, evidence, marked)
        if not near:
            return None
        refused = Verdict(None, 0.0, (near[0],) if _shared(claim, *near[0]) >= NEAR else ())
        for item, span in near:
            if _is_quoted(claim, item, span):
                return Verdict(Level.QUOTED, 1.0, ((item, span),))
        short = len(claim.split()) <= SHORT_WORDS
        asked = question if short or claim.lower().startswith(YES_OR_NO) else ""
        stated = claim.rstrip(".") if short else claim
        groups = [
            spans for spans in _groups(near) if not guards.own_facts(claim, _text(spans), _context(spans, question))
        ]
        if not groups:
            return refused
        found = self._probabilities(stated, asked, [_text(spans) for spans in groups])
        best = max(range(len(groups)), key=lambda n: _odds(found[n]) - SIMPLER * (len(groups[n]) - 1))
        if found[best] < self._model.contradicted:
            return replace(refused, probability=found[best])
        level = Level.SUPPORTED if found[best] >= self._model.supported else Level.OWN_WORDS
        nearest_first = sorted(groups[best], key=lambda one: near.index(one) if one in near else len(near))
        return Verdict(level, found[best], tuple(nearest_first))

    def _probabilities(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        if self._network is None:
            return [self._model.contradicted] * len(clippings)
        return [self._model.probability(odds) for odds in self._network.judge(claim, question, clippings)]


def _nearest(claim: str, evidence: Sequence[Evidence], marked: Sequence[int]) -> list[tuple[Evidence, Span]]:
    """Returns the (at most three) spans of the evidence that share most words with the claim, the nearest first."""
    citable = [(item, span) for item in evidence for span in item.spans]
    return sorted(citable, key=lambda one: -_shared(claim, *one) - MARKED * (one[0].marker in marked))[:JUDGED]


def _shared(claim: str, item: Evidence, span: Span) -> float:
    """Returns the share of the claim's content words that occur in the span, in [0, 1]."""
    said = terms.stems(claim)
    return len(said & terms.stems(item.hit.article.text[span[0] : span[1]])) / max(1, len(said))


def _groups(near: Sequence[tuple[Evidence, Span]]) -> list[Spans]:
    """Returns the texts to judge a claim against: each span, each with the sentence before it, and the nearest two."""
    groups: list[Spans] = [((item, span),) for item, span in near]
    for item, span in near:
        before = [other for other in item.hit.chunk.sentences if other[1] <= span[0]]
        if before:
            groups.append(((item, before[-1]), (item, span)))
    groups += [tuple(near[:2])] if len(near) > 1 else []
    return list(dict.fromkeys(groups))


def _text(spans: Spans) -> str:
    return " ".join(" ".join(item.hit.article.text[a:b].split()) for item, (a, b) in spans)


def _context(spans: Spans, question: str) -> str:
    """Returns the text that a claim's names may come from: the passages with their titles, and the question."""
    return " ".join([question, *(f"{item.hit.article.title}. {item.hit.text}" for item, _ in spans)])


def _is_quoted(claim: str, item: Evidence, span: Span) -> bool:
    """Whether the claim equals the span, except for white space, case, and quotation and final marks at its ends."""
    return _bare(claim) == _bare(item.hit.article.text[span[0] : span[1]])


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(" .!?\"'“”‘’").casefold()


def _odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
