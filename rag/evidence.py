"""Choose what to show: from hits to numbered Evidence, best first.

Each sentence of each hit gets the probability that it holds the answer (`relevance`); the best ones, grouped by the
passage they stand in, become the evidence. A sentence in the middle of a quotation is shown from where the quotation
is introduced, so that the reader sees who speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index import Hit
from index.sentences import Span
from rag.answer import Evidence
from rag.demands import about_demands, demands
from rag.reader import Reading, Reads
from rag.relevance import Asked, FrequencyLookup, Model, features

MAX_QUOTE_SENTENCES = 4
"""How far back the beginning of a quotation is looked for."""

NO_REPORT = 1e-3
"""Probability of a sentence that asks or demands something of its reader: below every threshold, behind all others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a hit, with the probability in (0, 1) that it holds the answer.

    `answer` is the span, in the article's text, that the reader takes for the answer, if it has read the passage.
    """

    hit: Hit
    span: Span
    probability: float
    answer: Span | None = None

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.article.text[self.span[0] : self.span[1]]

    @property
    def answer_text(self) -> str:
        """What the reader takes for the answer; empty if it has not read."""
        return self.hit.article.text[self.answer[0] : self.answer[1]] if self.answer else ""


def rank_sentences(
    question: str,
    hits: Sequence[Hit],
    model: Model,
    frequencies: FrequencyLookup,
    *,
    focus: str | None = None,
    reader: Reads | None = None,
) -> list[Candidate]:
    """All sentences of the hits, the likeliest first; equal ones in the order of the hits.

    `focus` is the question as typed, when it leans on earlier ones. With a `reader`, `model` must be fitted for it.
    A sentence that wants something of its reader comes last, unless the question is about such (`rag.demands`).
    """
    asked = Asked(question, frequencies, focus)
    repeated = None if about_demands(question) else question
    readings: Sequence[Reading | None] = reader.read(question, hits) if reader else [None] * len(hits)
    found = [
        candidate
        for hit, reading in zip(hits, readings, strict=True)
        for candidate in _judged(asked, hit, model, reading, repeated=repeated)
    ]
    return sorted(found, key=lambda candidate: -candidate.probability)


def _judged(asked: Asked, hit: Hit, model: Model, reading: Reading | None, *, repeated: str | None) -> list[Candidate]:
    spans = hit.chunk.sentences
    answers = [pointed.span for pointed in reading.sentences] if reading else [None] * len(spans)
    sentences = [hit.article.text[a:b] for a, b in spans]
    wanting = [False] * len(spans) if repeated is None else demands(sentences, repeated)
    rows = features(asked, hit, reading)
    return [
        Candidate(hit, span, NO_REPORT if wants else model.probability(row), answer)
        for span, row, answer, wants in zip(spans, rows, answers, wanting, strict=True)
    ]


def choose_evidence(candidates: Sequence[Candidate], *, sentences: int) -> tuple[Evidence, ...]:
    """Evidence of the best `sentences` candidates, and after it of the passages that hold none of them.

    A passage that holds none shows its own best sentence; markers count from 1 in the order of each passage's best.
    """
    hits = list(dict.fromkeys(id(c.hit) for c in candidates))
    spans: dict[int, list[Span]] = {key: [] for key in hits}
    by_id = {id(c.hit): c.hit for c in candidates}
    for position, candidate in enumerate(candidates):
        own = spans[id(candidate.hit)]
        if position < sentences or not own:
            own.append(with_speaker(candidate.hit, candidate.span))
    return tuple(Evidence(n, by_id[key], _merge(spans[key])) for n, key in enumerate(hits, 1))


def clippings(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> list[tuple[Evidence, Span]]:
    """What a model reads of these candidates: each sentence with the evidence it belongs to, in the same order."""
    by_hit = {id(item.hit): item for item in evidence}
    return list(dict.fromkeys((by_hit[id(c.hit)], with_speaker(c.hit, c.span)) for c in candidates))


def with_speaker(hit: Hit, span: Span) -> Span:
    """The span, reaching back to where the quotation it stands in begins, if that is near."""
    text, sentences = hit.article.text, hit.chunk.sentences
    position = next((i for i, s in enumerate(sentences) if s == span), 0)
    for start, _ in reversed(sentences[max(0, position - MAX_QUOTE_SENTENCES) : position]):
        before = text[start : span[0]]
        if before.rfind("“") > before.rfind("”"):
            return (start, span[1])
    return span


def _merge(spans: Sequence[Span]) -> tuple[Span, ...]:
    """In the order of the text, without those that lie within another."""
    kept: list[Span] = []
    for start, end in sorted(set(spans), key=lambda s: (s[0], -s[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)
