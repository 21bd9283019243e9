"""Does the evidence support what was written? One verdict for each sentence, with the spans that support it best.

Trust by construction first: what stands in an article word for word is a quotation. Everything else is judged by the
trained network (`rag.reader`), and must bring no number and no name of its own (`guards`). The network was trained on
contrast sets, and its thresholds fitted on others (`scripts/train/verifier.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.sentences import Span
from rag import wording
from rag.answer import Evidence, Level
from rag.grounding import guards
from rag.reader.reader import Reads

FILE = Path(__file__).with_name("verifier.json")

JUDGED = 3
"""Sentences of the evidence, those that share most with the claim, that it is judged against."""

MARKED = 0.15
"""What a marker of the model's counts for, as a share of the claim's words."""

NEAR = 0.4
"""Share of the words of a sentence that is not shown from which on its clipping stands in for it."""

SHORT_WORDS = 6
"""Up to so many words are an answer to the question; more are a sentence that must hold by itself."""

YES_OR_NO = ("yes", "no,", "no ")
"""How a sentence begins that says nothing without its question."""

SIMPLER = 0.3
"""Log odds by which two sentences together must be better than one to be cited together."""


@dataclass(frozen=True, slots=True)
class Model:
    """How the network's log odds are read. `scale` and `bias` make them a probability (Platt scaling).

    From `supported` on a claim counts as supported; below `contradicted` it is not shown. Both are probabilities.
    """

    scale: float
    bias: float
    supported: float
    contradicted: float

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        """Read what `scripts/train/verifier.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    def probability(self, log_odds: float) -> float:
        """Probability in (0, 1) that the claim is supported."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.scale * log_odds + self.bias))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one written sentence rests on: its level, the probability that it is supported, and the spans.

    `level` is None for a sentence that must not be shown: it contradicts its clipping, or brings numbers or names of
    its own. Then the spans are what stands nearest; none if nothing is near.
    """

    level: Level | None
    probability: float
    spans: tuple[tuple[Evidence, Span], ...]

    @property
    def clipping(self) -> str:
        """The text of the spans."""
        return " ".join(item.hit.article.text[a:b] for item, (a, b) in self.spans)


Spans = tuple[tuple[Evidence, Span], ...]


class Verifier:
    """Judges sentences. Without a network nothing but quotations is supported."""

    def __init__(self, network: Reads | None, model: Model | None = None) -> None:
        self._network = network
        self._model = model or Model.load()

    def passes(self, claim: str, question: str, clipping: str) -> tuple[bool, float]:
        """Whether a claim counts as supported by a clipping, and the probability that it is; see `verdict`."""
        if guards.own_facts(claim, clipping, f"{clipping} {question}"):
            return False, 0.0
        probability = self._probabilities(claim, question, [clipping])[0]
        return probability >= self._model.supported, probability

    def verdict(self, claim: str, question: str, evidence: Sequence[Evidence], marked: Sequence[int]) -> Verdict | None:
        """The verdict on a sentence that was written to answer the question; None if there is nothing to cite.

        `marked` are the markers that the writer put. Spans of the evidence are what may be cited.
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
        return Verdict(level, found[best], groups[best])

    def _probabilities(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        if self._network is None:
            return [self._model.contradicted] * len(clippings)
        return [self._model.probability(odds) for odds in self._network.judge(claim, question, clippings)]


def _nearest(claim: str, evidence: Sequence[Evidence], marked: Sequence[int]) -> list[tuple[Evidence, Span]]:
    """The citable sentences that share most words with the claim, the nearest first."""
    citable = [(item, span) for item in evidence for span in item.spans]
    return sorted(citable, key=lambda one: -_shared(claim, *one) - MARKED * (one[0].marker in marked))[:JUDGED]


def _shared(claim: str, item: Evidence, span: Span) -> float:
    """Share of the claim's words of meaning that stand in the span."""
    said = wording.stems(claim)
    return len(said & wording.stems(item.hit.article.text[span[0] : span[1]])) / max(1, len(said))


def _groups(near: Sequence[tuple[Evidence, Span]]) -> list[Spans]:
    """What a claim is judged against: each sentence, each with the one before it, and the two nearest together."""
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
    """Where a claim's names may come from: the passages with their titles, and the question."""
    return " ".join([question, *(f"{item.hit.article.title}. {item.hit.text}" for item, _ in spans)])


def _is_quoted(claim: str, item: Evidence, span: Span) -> bool:
    """Whether the claim is the whole sentence, but for white space and marks at its ends."""
    return _bare(claim) == _bare(item.hit.article.text[span[0] : span[1]])


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(" .!?\"'“”‘’").casefold()


def _odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
