"""Answers to a list question from a list that an article prints: all its items, not only those in the best passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.language.sentences import Span
from rag.question.kinds import Form
from rag.retrieval.evidence import Candidate
from rag.text.printed_lists import printed_lists

AS_LIKELY = 0.3
"""Least probability of an item, as a share of the likeliest sentence's, that counts for its list."""

FEWEST_LIKELY = 2
"""The fewest such items of a list that answers the question."""


def listed(candidates: Sequence[Candidate], form: Form) -> list[Candidate]:
    """Returns the items of the printed list that most likely answers the question, in its order; empty if none does.

    `candidates` are sorted by probability, highest first; only lists of the first one's article are considered. Items
    that are known to be less likely than the form's `floor` are left out.
    """
    if not candidates:
        return []
    article = candidates[0].hit.article
    found = [candidate for candidate in candidates if candidate.hit.article.id == article.id]
    best: list[Candidate] = []
    weight = 0.0
    for items in printed_lists(article.text):
        known = [_probability(found, span) for span in items]
        likely = [p for p in known if p is not None and p >= AS_LIKELY * candidates[0].probability]
        if len(likely) >= FEWEST_LIKELY and sum(likely) > weight:
            weight = sum(likely)
            kept = [span for span, p in zip(items, known, strict=True) if p is None or p >= form.floor]
            best = [replace(candidates[0], span=span, answer=None) for span in kept]
    return best


def _probability(candidates: Sequence[Candidate], span: Span) -> float | None:
    """Returns the probability of the likeliest sentence that overlaps the span; None if no passage found has it."""
    found = [c.probability for c in candidates if c.span[0] < span[1] and span[0] < c.span[1]]
    return max(found, default=None)
