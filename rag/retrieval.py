"""From a question to the passages for its evidence: take apart, search, rank again, spread.

The index proposes passages; here a second look orders them by how likely one of their sentences holds the answer
(`relevance`), prefers those of the period that the question names, and, where a question asks for several things,
gives each its share of the places, from different articles first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest

from index import Filters, Hit, Index
from index.sentences import Span
from rag.evidence import Candidate, rank_sentences
from rag.parts import parts
from rag.period import Period, period
from rag.relevance import Model

CANDIDATES = 20
"""Passages that the index proposes for each part of a question, at least."""

SCORE_WEIGHT = 5.0
"""Weight of the index's score against the log odds of the best sentence; 0 to 10 do equally well (decisions.md)."""

PERIOD_BONUS = 1.0
"""Added to the log odds of a passage whose article appeared in the period asked about: enough to settle near ties."""


def retrieve(
    index: Index,
    question: str,
    model: Model,
    *,
    top_k: int,
    filters: Filters = Filters(),  # noqa: B008 (frozen)
    focus: str | None = None,
    today: date | None = None,
) -> list[Hit]:
    """The `top_k` best passages for a stand-alone question, best first.

    `focus` is the question as typed, when it leans on earlier ones; "last week" counts from `today`, the real one if
    None.
    """
    asked = parts(question)
    day = today or date.today()
    ranked = [_ranked(index, part, model, max(CANDIDATES, top_k), filters, period(part, day), focus) for part in asked]
    return ranked[0][:top_k] if len(ranked) == 1 else _interleaved(ranked, top_k)


def rank_for_parts(
    index: Index, question: str, hits: Sequence[Hit], model: Model, *, focus: str | None = None
) -> list[Candidate]:
    """The sentences of the hits, the likeliest first; where a question has several parts, the best of each in turn."""
    asked = parts(question)
    ranked = [
        rank_sentences(part, hits, model, index.document_frequencies, focus=focus if len(asked) == 1 else None)
        for part in asked
    ]
    chosen: dict[tuple[int, Span], Candidate] = {}
    for candidate in (candidate for turn in zip(*ranked, strict=True) for candidate in turn):
        chosen.setdefault((id(candidate.hit), candidate.span), candidate)
    return list(chosen.values())


def _ranked(
    index: Index, question: str, model: Model, count: int, filters: Filters, wanted: Period | None, focus: str | None
) -> list[Hit]:
    hits = index.search(question, top_k=count, filters=filters)
    best: dict[int, float] = {}
    for candidate in rank_sentences(question, hits, model, index.document_frequencies, focus=focus):
        best.setdefault(id(candidate.hit), candidate.probability)

    def merit(hit: Hit) -> float:
        probability = best[id(hit)]
        bonus = PERIOD_BONUS if wanted and wanted.holds(hit.article.published) else 0.0
        return SCORE_WEIGHT * hit.score + math.log(probability / (1 - probability)) + bonus

    return sorted(hits, key=merit, reverse=True)


def _interleaved(ranked: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """Best of each part in turn, no passage twice; within a part a new article before more of one already there."""
    rounds = zip_longest(*(_spread(hits) for hits in ranked))
    chosen: dict[tuple[str, int], Hit] = {}
    for hit in (hit for turn in rounds for hit in turn if hit is not None):
        chosen.setdefault((hit.chunk.article_id, hit.chunk.ordinal), hit)
    return list(chosen.values())[:top_k]


def _spread(hits: Sequence[Hit]) -> Iterator[Hit]:
    """The first passage of every article, then the others, each in order."""
    seen: set[str] = set()
    rest: list[Hit] = []
    for hit in hits:
        if hit.chunk.article_id in seen:
            rest.append(hit)
        else:
            seen.add(hit.chunk.article_id)
            yield hit
    yield from rest
