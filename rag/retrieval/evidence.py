"""Ranks the sentences of the retrieved passages by probability, and makes the numbered Evidence of them.

Each sentence gets the probability that it belongs to the answer (`scoring`). A sentence within a longer quotation is
extended from the sentence that introduces the quotation to its end, so that people see who is speaking.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index import Hit
from index.language.calendar_words import DAYS, MONTHS
from index.language.sentences import Span
from index.language.stems import stem
from rag.answer import Evidence
from rag.question.question import Question
from rag.reader.reader import Reading, Reads
from rag.retrieval.answerable import HIGHEST, LEADING
from rag.retrieval.injection import set_aside
from rag.retrieval.scoring import (
    FEATURES,
    FrequencyLookup,
    QuestionWords,
    ScoresSentences,
    Table,
    TokenCounter,
    Words,
    feature_table,
)
from rag.text import terms

MAX_QUOTE_SENTENCES = 4
"""Sentences before and after a sentence in which the beginning and the end of its quotation are searched for."""

NOTHING = -9.0
"""Value of the signal `three`, a mean of log odds, if no sentence was found."""

LIKELIEST = 4
"""The number of likeliest sentences that are searched for a number, for the signal `numberless`."""

TIMES = frozenset(MONTHS) | {stem(day) for day in DAYS}
"""Stems of words that give a time without a number."""

NO_REPORT = 1e-3
"""Probability assigned to a sentence that addresses a machine or repeats the question, so that it ranks last."""


SUBJECT_BONUS = 1.0
"""Added to the log odds of sentences in the articles that the earlier questions of a follow-up are about."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a hit, with the probability in (0, 1) that it belongs to the answer.

    `answer` is the span, in the article's text, that the reader marked as the short answer, and `says` is the score of
    that span in logits; None and 0 if the reader did not read the hit. `vector` is the sentence's unit vector.
    """

    hit: Hit
    span: Span
    probability: float
    answer: Span | None = None
    says: float = 0.0
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The text of the sentence."""
        return self.hit.article.text[self.span[0] : self.span[1]]

    @property
    def cosine(self) -> float:
        """The cosine of the sentence with what was searched for, in [-1, 1]."""
        return self.hit.sentence_cosines[self.hit.chunk.sentences.index(self.span)]

    @property
    def log_odds(self) -> float:
        """The log odds of the probability."""
        return math.log(self.probability / (1 - self.probability))

    @property
    def pointed(self) -> str:
        """The answer that the reader marked, or the sentence if the reader did not read the hit."""
        return self.answer_text or self.text

    @property
    def answer_text(self) -> str:
        """The answer that the reader marked; empty if the reader did not read the hit."""
        return self.hit.article.text[self.answer[0] : self.answer[1]] if self.answer else ""


@dataclass(frozen=True, slots=True)
class Found:
    """The result of retrieval: sentences, the likeliest first, and the signals, the inputs of `answerable`.

    `missing_title` is a title in the question that no article has; then the other fields are empty.
    """

    candidates: tuple[Candidate, ...]
    signals: dict[str, float]
    missing_title: str = ""


def rank_sentences(
    question: Question,
    hits: Sequence[Hit],
    model: ScoresSentences,
    frequencies: FrequencyLookup,
    *,
    reader: Reads | None = None,
    read: int = 0,
    vectors: Sequence[NDArray[np.float32]] | None = None,
    tokens: TokenCounter | None = None,
    subject: Collection[str] = (),
    words: Words | None = None,
) -> Found:
    """Returns all sentences of the hits, the likeliest first; equally likely ones in the order of the hits.

    The `reader` reads the first `read` of the hits. `vectors` are the sentence vectors of each hit. `tokens` tells
    common words of the question from rare ones. Sentences of the articles `subject`, the ids of those that earlier
    questions are about, get a bonus. `words` are the question's, if they are not English.
    """
    words = words or QuestionWords(question.plain, frequencies, question.earlier, tokens)
    # The reader gets the question alone: the passages are about the earlier ones anyway, which would distract it. Only
    # a question without a content word ("why?") is read together with what it leans on.
    asked = question.plain if terms.names_something(question.plain) else question.searched
    readings = reader.read(asked, hits[:read]) if reader else []
    padded: list[Reading | None] = [*readings, *[None] * (len(hits) - len(readings))]
    table = feature_table(words, hits, padded, vectors)
    log_odds = model.log_odds(table, question.kind)
    bonus = [SUBJECT_BONUS * (hit.article.id in subject) for hit in hits for _ in hit.chunk.sentences]
    probabilities = 1 / (1 + np.exp(-np.clip(log_odds + np.array(bonus), -30, 30)))
    found: list[Candidate] = []
    for n, hit in enumerate(hits):
        some = probabilities[len(found) : len(found) + len(hit.chunk.sentences)].tolist()
        found += _candidates(question, hit, padded[n], None if vectors is None else vectors[n], some)
    ranked = tuple(sorted(found, key=lambda c: -c.probability))
    return Found(ranked, signals_of(question, table, log_odds, words.unknown, [c.pointed for c in ranked]))


def signals_of(
    question: Question, table: Table, log_odds: NDArray[np.float64], unknown: float, pointed: Sequence[str]
) -> dict[str, float]:
    """Returns the inputs of `answerable`, computed from the features and log odds of all sentences.

    `pointed` are the marked answers, or else the texts, of all sentences, the likeliest first.
    """
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
    """Whether a text contains a number, or the name of a month or a day."""
    return any(word.number or word.stem in TIMES for word in terms.words(text))


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


def choose_evidence(
    candidates: Sequence[Candidate], *, sentences: int, first: Sequence[Candidate] = ()
) -> tuple[Evidence, ...]:
    """Returns Evidence for every passage, with those of the best `sentences` candidates that are in it.

    A passage without any of them has its own best sentence. Markers count from 1: the passages of the candidates
    `first`, in that order, then the others in the order of their best sentences.
    """
    hits = list(dict.fromkeys(id(c.hit) for c in (*first, *candidates)))
    spans: dict[int, list[Span]] = {key: [] for key in hits}
    by_id = {id(c.hit): c.hit for c in candidates}
    for position, candidate in enumerate(candidates):
        own = spans[id(candidate.hit)]
        if position < sentences or not own:
            own.append(whole_quotation(candidate.hit, candidate.span))
    return tuple(Evidence(n, by_id[key], merged(spans[key])) for n, key in enumerate(hits, 1))


def clippings(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> list[tuple[Evidence, Span]]:
    """Returns the candidates' spans, extended to whole quotations, with the evidence they belong to, in this order."""
    by_hit = {id(item.hit): item for item in evidence}
    return list(dict.fromkeys((by_hit[id(c.hit)], whole_quotation(c.hit, c.span)) for c in candidates))


def whole_quotation(hit: Hit, span: Span) -> Span:
    """Extends the span to the beginning and the end of the quotation that it is part of, if these are near."""
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

    Straight quotation marks are counted from the beginning of the paragraph, because their form does not show whether
    they open or close.
    """
    curly = text.rfind("“", start, end) > text.rfind("”", start, end)
    paragraph = text.rfind("\n", 0, end) + 1
    within = paragraph <= start and text.count('"', start, end) % 2 == 1
    return curly or (within and text.count('"', paragraph, end) % 2 == 1)


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Returns the spans in the order of the text, with overlapping ones merged."""
    kept: list[Span] = []
    for start, end in sorted(set(spans)):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    assert all(a[1] <= b[0] for a, b in pairwise(kept))
    return tuple(kept)
