"""From a question to the passages for its evidence: search, rank again, spread over articles where several are wanted.

The index proposes passages; here a second look orders them by how likely one of their sentences belongs to the answer
(`scoring`), prefers those of the period that the question names, and lets no claim that was put into many articles, or
many times into one, take more than one place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from index import Filters, Hit, Index
from rag import wording
from rag.question.kinds import FORMS, Kind
from rag.question.period import Period
from rag.question.question import Question
from rag.retrieval.evidence import NO_REPORT, Candidate, rank_sentences
from rag.retrieval.injection import repeats
from rag.retrieval.scoring import Model

CANDIDATES = 20
"""Passages that the index proposes, at least."""

SCORE_WEIGHT = 5.0
"""Weight of the index's score against the log odds of the best sentence; 0 to 10 do equally well (decisions.md)."""

PERIOD_BONUS = 2.0
"""Added to the log odds of a passage whose article appeared in the period asked about: enough to settle near ties."""

SAME_ARTICLE = 2
"""Places that a passage gives way for each better one of its article, where several articles are wanted."""

WIDER = 5
"""How many times more passages are looked at where most of them are stuffed with the question or say the same."""

SAME_WORDS = 0.8
"""Share of the words of two sentences that both have, from which on they say the same."""

JOINING = frozenset("and or vs vs. versus against than with to compared".split())
"""Words between the sides of a comparison."""

# Numbers, names and compounds whole: "1,907", "O’Hara", "run-off".
_WORD = re.compile(r"[^\W_]+(?:(?:(?<=\d)[.,](?=\d)|['’.-](?=[^\W_]))[^\W_]+)*")


def find_passages(
    index: Index,
    question: Question,
    model: Model,
    *,
    top_k: int,
    filters: Filters = Filters(),  # noqa: B008 (frozen)
) -> list[Hit]:
    """The `top_k` best passages, best first. `model` is the score that goes without the reader."""
    wanted = max(CANDIDATES, top_k)
    texts = [plain(question.searched), *sides(question)]
    ranked = [_ranked(index, question, text, model, wanted, filters) for text in texts]
    if len(ranked) > 1:
        return _interleaved(ranked, top_k)
    several = question.kind in FORMS and FORMS[question.kind].points
    return (_spread(ranked[0]) if several else ranked[0])[:top_k]


def plain(question: str) -> str:
    """The question's words in lower case, so that capitals and marks change nothing; as it is if it has no words."""
    words = _WORD.findall(question.lower())
    return f"{' '.join(words)}?" if words else question


def sides(question: Question) -> list[str]:
    """The two halves of a comparison, to be searched for by themselves; none for other questions.

    It is cut at the joining word that stands nearest to the middle.
    """
    words = question.plain.split()
    places = [n for n, word in enumerate(words) if word.lower().strip(",;") in JOINING and 0 < n < len(words) - 1]
    if question.kind is not Kind.COMPARISON or not places:
        return []
    cut = min(places, key=lambda n: abs(2 * n + 1 - len(words)))
    return [plain(" ".join(_without_joining(half))) for half in (words[:cut], words[cut + 1 :])]


def _without_joining(words: Sequence[str]) -> Sequence[str]:
    """The words without joining ones at either end: "compared with" is two."""
    named = [n for n, word in enumerate(words) if word.lower().strip(",;") not in JOINING]
    return words[named[0] : named[-1] + 1] if named else words


def _ranked(index: Index, question: Question, text: str, model: Model, count: int, filters: Filters) -> list[Hit]:
    ranked, pushed = _second_look(index, question, text, model, count, filters)
    if len(pushed) > len(ranked):
        ranked, pushed = _second_look(index, question, text, model, WIDER * count, filters)
    return (ranked + pushed)[:count]


def _second_look(
    index: Index, question: Question, text: str, model: Model, count: int, filters: Filters
) -> tuple[list[Hit], list[Hit]]:
    """The passages in order, and those that must stand behind them: see `_pushed`."""
    hits = index.search(text, top_k=count, filters=filters)
    best: dict[int, Candidate] = {}
    asking: Counter[int] = Counter()
    for candidate in rank_sentences(question, hits, model, index.document_frequencies).candidates:
        best.setdefault(id(candidate.hit), candidate)
        asking[id(candidate.hit)] += candidate.probability == NO_REPORT and repeats(candidate.text, question.plain)
    ranked = sorted(hits, key=lambda hit: _merit(hit, best[id(hit)], question.period), reverse=True)
    pushed = _pushed([best[id(hit)].text for hit in ranked], [asking[id(hit)] > 1 for hit in ranked])
    return (
        [hit for hit, back in zip(ranked, pushed, strict=True) if not back],
        [hit for hit, back in zip(ranked, pushed, strict=True) if back],
    )


def _merit(hit: Hit, best: Candidate, period: Period | None) -> float:
    bonus = PERIOD_BONUS if period and period.holds(hit.article.published) else 0.0
    return SCORE_WEIGHT * hit.score + best.log_odds + bonus


def _pushed(sentences: Sequence[str], stuffed: Sequence[bool]) -> list[bool]:
    """For each passage, with its best sentence, whether it only says what a better one's says, or repeats the question.

    So that one claim, put into many articles or many times into one, takes one place of the evidence.
    """
    said = [(wording.stems(text), wording.numbers(text), wording.names(text)) for text in sentences]
    return [full or any(same_claim(said[n], other) for other in said[:n]) for n, full in enumerate(stuffed)]


Said = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Stems of a sentence's words, its numbers, and its names."""


def same_claim(one: Said, other: Said) -> bool:
    """Whether two sentences have nearly the same words, and the very same numbers and names."""
    return one[1:] == other[1:] and len(one[0] & other[0]) >= SAME_WORDS * len(one[0] | other[0])


def _interleaved(ranked: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """Best of each search in turn, no passage twice."""
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
