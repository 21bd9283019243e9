"""From a question to the passages for its evidence: take apart, search, rank again, spread.

The index proposes passages; here a second look orders them by how likely one of their sentences holds the answer
(`relevance`), prefers those of the period that the question names, and, where a question asks for several things,
gives each its share of the places and several articles before much of one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

from index import Filters, Hit, Index
from index.sentences import Span
from rag import wording
from rag.demands import repeats
from rag.evidence import NO_REPORT, Candidate, rank_sentences
from rag.parts import parts
from rag.period import Period, period
from rag.reader import Reads
from rag.relevance import Model

CANDIDATES = 20
"""Passages that the index proposes for each part of a question, at least."""

SCORE_WEIGHT = 5.0
"""Weight of the index's score against the log odds of the best sentence; 0 to 10 do equally well (decisions.md)."""

PERIOD_BONUS = 2.0
"""Added to the log odds of a passage whose article appeared in the period asked about: enough to settle near ties."""

SAME_ARTICLE = 2
"""Places that a passage gives way for each better one of its article, where a question has several parts."""

WIDER = 5
"""How many times more passages are looked at where most of them are stuffed with the question or say the same."""

SAME_WORDS = 0.8
"""Share of the words of two sentences that both have, from which on they say the same."""

# Numbers, names and compounds whole: "1,907", "O’Hara", "run-off".
_WORD = re.compile(r"[^\W_]+(?:(?:(?<=\d)[.,](?=\d)|['’.-](?=[^\W_]))[^\W_]+)*")


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
    typed = plain(focus) if focus else None
    ranked = [
        _ranked(index, plain(part), model, max(CANDIDATES, top_k), filters, period(part, day), typed) for part in asked
    ]
    return ranked[0][:top_k] if len(ranked) == 1 else _interleaved(ranked, top_k)


def rank_for_parts(
    index: Index,
    question: str,
    hits: Sequence[Hit],
    model: Model,
    *,
    focus: str | None = None,
    reader: Reads | None = None,
) -> list[Candidate]:
    """The sentences of the hits, the likeliest first; where a question has several parts, the best of each in turn.

    With a `reader`, `model` must be the one fitted for it.
    """
    asked = parts(question)
    typed = plain(focus) if focus and len(asked) == 1 else None
    ranked = [
        rank_sentences(plain(part), hits, model, index.document_frequencies, focus=typed, reader=reader)
        for part in asked
    ]
    chosen: dict[tuple[int, Span], Candidate] = {}
    for candidate in (candidate for turn in zip(*ranked, strict=True) for candidate in turn):
        chosen.setdefault((id(candidate.hit), candidate.span), candidate)
    return list(chosen.values())


def plain(question: str) -> str:
    """The question's words in lower case, so that capitals and marks change nothing; as it is if it has no words."""
    words = _WORD.findall(question.lower())
    return f"{' '.join(words)}?" if words else question


def _ranked(
    index: Index, question: str, model: Model, count: int, filters: Filters, wanted: Period | None, focus: str | None
) -> list[Hit]:
    ranked, pushed = _second_look(index, question, model, count, filters, wanted, focus)
    if len(pushed) > len(ranked):
        ranked, pushed = _second_look(index, question, model, WIDER * count, filters, wanted, focus)
    return (ranked + pushed)[:count]


def _second_look(
    index: Index, question: str, model: Model, count: int, filters: Filters, wanted: Period | None, focus: str | None
) -> tuple[list[Hit], list[Hit]]:
    """The passages in order, and those that must stand behind them: see `_pushed`."""
    hits = index.search(question, top_k=count, filters=filters)
    best: dict[int, Candidate] = {}
    asking: Counter[int] = Counter()
    for candidate in rank_sentences(question, hits, model, index.document_frequencies, focus=focus):
        best.setdefault(id(candidate.hit), candidate)
        asking[id(candidate.hit)] += candidate.probability == NO_REPORT and repeats(candidate.text, question)

    def merit(hit: Hit) -> float:
        probability = best[id(hit)].probability
        bonus = PERIOD_BONUS if wanted and wanted.holds(hit.article.published) else 0.0
        return SCORE_WEIGHT * hit.score + math.log(probability / (1 - probability)) + bonus

    ranked = sorted(hits, key=merit, reverse=True)
    pushed = _pushed([best[id(hit)].text for hit in ranked], [asking[id(hit)] > 1 for hit in ranked])
    return (
        [hit for hit, back in zip(ranked, pushed, strict=True) if not back],
        [hit for hit, back in zip(ranked, pushed, strict=True) if back],
    )


def _pushed(sentences: Sequence[str], stuffed: Sequence[bool]) -> list[bool]:
    """For each passage, with its best sentence, whether it only says what a better one's says, or repeats the question.

    So that one claim, put into many articles or many times into one, takes one place of the evidence.
    """
    said = [(wording.stems(text), wording.numbers(text), wording.names(text)) for text in sentences]
    return [full or any(_same(said[n], other) for other in said[:n]) for n, full in enumerate(stuffed)]


_Said = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Stems of a sentence's words, its numbers, and its names."""


def _same(one: _Said, other: _Said) -> bool:
    """Whether two sentences have nearly the same words, and the very same numbers and names."""
    return one[1:] == other[1:] and len(one[0] & other[0]) >= SAME_WORDS * len(one[0] | other[0])


def _interleaved(ranked: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """Best of each part in turn, no passage twice."""
    rounds = zip_longest(*(_spread(hits) for hits in ranked))
    chosen: dict[tuple[str, int], Hit] = {}
    for hit in (hit for turn in rounds for hit in turn if hit is not None):
        chosen.setdefault((hit.chunk.article_id, hit.chunk.ordinal), hit)
    return list(chosen.values())[:top_k]


def _spread(hits: Sequence[Hit]) -> list[Hit]:
    """The passages in order, but each gives way for the better ones of its article, so that others have a place."""
    before: Counter[str] = Counter()
    places: list[int] = []
    for place, hit in enumerate(hits):
        places.append(place + SAME_ARTICLE * before[hit.chunk.article_id])
        before[hit.chunk.article_id] += 1
    return [hits[n] for n in sorted(range(len(hits)), key=places.__getitem__)]
