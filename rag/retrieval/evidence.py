"""The sentences that may answer a question, the likeliest first, and the numbered Evidence made of them.

Each sentence of each passage gets the probability that it belongs to the answer (`scoring`). A sentence in the middle
of a quotation is shown from where the quotation is introduced to where it ends, so that the reader sees who speaks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index import Hit
from index.sentences import Span
from rag import wording
from rag.answer import Evidence
from rag.question.question import Question
from rag.reader.reader import Reading, Reads
from rag.retrieval.answerable import HIGHEST, LEADING
from rag.retrieval.injection import set_aside
from rag.retrieval.scoring import FEATURES, FrequencyLookup, Model, QuestionWords, Table, feature_table

MAX_QUOTE_SENTENCES = 4
"""How far the beginning and the end of a quotation are looked for, in sentences."""

NOTHING = -9.0
"""Log odds of what was not found."""

LIKELIEST = 4
"""Sentences that are looked at for a number."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday", "tomorrow")
TIMES = frozenset(wording.MONTHS) | {wording.stem(day) for day in DAYS}
"""Stems of words that say when, without a number."""

NO_REPORT = 1e-3
"""Probability of a sentence that addresses a machine or repeats the question: behind all others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a hit, with the probability in (0, 1) that it belongs to the answer.

    `answer` is the span, in the article's text, that the reader takes for the answer in few words, and `says` how sure
    it is of it, in logits; None and 0 if it has not read. `vector` is the sentence's, a unit vector.
    """

    hit: Hit
    span: Span
    probability: float
    answer: Span | None = None
    says: float = 0.0
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.article.text[self.span[0] : self.span[1]]

    @property
    def log_odds(self) -> float:
        """Of the probability."""
        return math.log(self.probability / (1 - self.probability))

    @property
    def pointed(self) -> str:
        """What the reader takes for the answer, or the sentence if it has not read."""
        return self.answer_text or self.text

    @property
    def answer_text(self) -> str:
        """What the reader takes for the answer; empty if it has not read."""
        return self.hit.article.text[self.answer[0] : self.answer[1]] if self.answer else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question: sentences, the likeliest first, and the signals that `answerable` weighs.

    `missing_title` is a title that the question names and no article has; then nothing else was looked for.
    """

    candidates: tuple[Candidate, ...]
    signals: dict[str, float]
    missing_title: str = ""


def rank_sentences(
    question: Question,
    hits: Sequence[Hit],
    model: Model,
    frequencies: FrequencyLookup,
    *,
    reader: Reads | None = None,
    read: int = 0,
    vectors: Sequence[NDArray[np.float32]] | None = None,
) -> Found:
    """All sentences of the hits, the likeliest first; equal ones in the order of the hits.

    The `reader` reads the first `read` of the hits. `vectors` are those of the hits' sentences.
    """
    background = " ".join(question.leans_on)
    words = QuestionWords(question.plain, frequencies, background)
    # The question by itself: the passages are about what it leans on, and the earlier words would draw the reader away.
    readings = reader.read(question.plain, hits[:read]) if reader else []
    padded: list[Reading | None] = [*readings, *[None] * (len(hits) - len(readings))]
    table = feature_table(words, hits, padded, vectors)
    log_odds = model.log_odds(table, question.kind)
    probabilities = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    found: list[Candidate] = []
    for n, hit in enumerate(hits):
        some = probabilities[len(found) : len(found) + len(hit.chunk.sentences)].tolist()
        found += _candidates(question, hit, padded[n], None if vectors is None else vectors[n], some)
    ranked = tuple(sorted(found, key=lambda c: -c.probability))
    return Found(ranked, signals_of(question, table, log_odds, words.unknown, [c.pointed for c in ranked]))


def signals_of(
    question: Question, table: Table, log_odds: NDArray[np.float64], unknown: float, pointed: Sequence[str]
) -> dict[str, float]:
    """What `answerable` weighs: of the features of all sentences, their log odds, and what the likeliest point at."""
    numberless = not any(_gives_number(text) for text in pointed[:LIKELIEST])
    best = table.max(0) if len(table) else np.zeros(len(FEATURES))
    order = np.argsort(-log_odds, kind="stable")
    found = {name: float(best[FEATURES.index(name)]) for name in HIGHEST}
    for place, n in zip(("first", "second"), order, strict=False):
        found |= {f"{place}_{name}": float(table[n, FEATURES.index(name)]) for name in LEADING}
        found[f"{place}_odds"] = float(log_odds[n])
    return found | {
        "three": float(log_odds[order[:3]].mean()) if len(order) else NOTHING,
        "expected": float((1 / (1 + np.exp(-log_odds))).sum()),
        "unknown": unknown,
        "number": question.number,
        "numberless": question.number * numberless,
        "words": len(question.plain.split()) / 10,
    }


def _gives_number(text: str) -> bool:
    """Whether a text has a number, or the name of a month or a day."""
    return any(word.number or word.stem in TIMES for word in wording.words(text))


def _candidates(
    question: Question,
    hit: Hit,
    reading: Reading | None,
    vectors: NDArray[np.float32] | None,
    probabilities: Sequence[float],
) -> list[Candidate]:
    spans = hit.chunk.sentences
    aside = set_aside([hit.article.text[a:b] for a, b in spans], question.plain, reading)
    return [
        Candidate(
            hit,
            span,
            NO_REPORT if aside[n] else probabilities[n],
            reading.sentences[n].span if reading else None,
            reading.sentences[n].score if reading else 0.0,
            None if vectors is None else vectors[n],
        )
        for n, span in enumerate(spans)
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
            own.append(whole_quotation(candidate.hit, candidate.span))
    return tuple(Evidence(n, by_id[key], merged(spans[key])) for n, key in enumerate(hits, 1))


def clippings(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> list[tuple[Evidence, Span]]:
    """What a model reads of these candidates: each sentence with the evidence it belongs to, in the same order."""
    by_hit = {id(item.hit): item for item in evidence}
    return list(dict.fromkeys((by_hit[id(c.hit)], whole_quotation(c.hit, c.span)) for c in candidates))


def whole_quotation(hit: Hit, span: Span) -> Span:
    """The span, reaching back to where the quotation it stands in begins, and on to where it ends, if that is near."""
    text, sentences = hit.article.text, hit.chunk.sentences
    position = next((i for i, s in enumerate(sentences) if s == span), 0)
    start, end = span
    for a, _ in reversed(sentences[max(0, position - MAX_QUOTE_SENTENCES) : position]):
        if _opens(text, a, start):
            start = a
            break
    for _, b in sentences[position + 1 : position + 1 + MAX_QUOTE_SENTENCES]:
        if not _opens(text, start, end):
            break
        if not _opens(text, start, b):
            end = b
            break
    return start, end


def _opens(text: str, start: int, end: int) -> bool:
    """Whether a quotation begins in the span and does not end there.

    Straight marks are counted from the beginning of the paragraph: they do not say which of them open.
    """
    curly = text.rfind("“", start, end) > text.rfind("”", start, end)
    paragraph = text.rfind("\n", 0, end) + 1
    within = paragraph <= start and text.count('"', start, end) % 2 == 1
    return curly or (within and text.count('"', paragraph, end) % 2 == 1)


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """In the order of the text, those that overlap made one."""
    kept: list[Span] = []
    for start, end in sorted(set(spans)):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    assert all(a[1] <= b[0] for a, b in pairwise(kept))
    return tuple(kept)
