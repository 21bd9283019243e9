"""Retrieves passages for a question: search, reranking, and diversification over articles if several are wanted.

The passages that the index proposes are reranked by the probability that one of their sentences belongs to the answer
(`scoring`). Those from the period that the question names get a bonus, and a claim that was put into many articles, or
many times into one, gets only one place (deduplication).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from index import Filters, Hit, Index
from rag.question.kinds import FORMS, Kind
from rag.question.period import Period
from rag.question.question import ENGLISH, Question
from rag.retrieval import other_languages
from rag.retrieval.evidence import NO_REPORT, Candidate, rank_sentences
from rag.retrieval.injection import repeats
from rag.retrieval.scoring import Model
from rag.text import terms

CANDIDATES = 20
"""Least number of passages that the index is asked for."""

SCORE_WEIGHT = 5.0
"""Weight of the index's score relative to the best sentence's log odds; 0 to 10 work equally well (decisions.md)."""

PERIOD_BONUS = 2.0
"""Added to the log odds of a passage whose article appeared in the period asked about: enough to decide near ties."""

SAME_ARTICLE = 2
"""Places by which a passage moves down for each better one of its article, if several articles are wanted."""

WIDER = 5
"""Factor by which the search is widened if most passages are stuffed with the question or repeat another's claim."""

SAME_WORDS = 0.8
"""Least share of common words (Jaccard index) at which two sentences make the same claim."""

JOINING = frozenset("and or vs vs. versus against than with to compared".split())
"""Words that join the sides of a comparison."""

REQUESTED = terms.REQUESTS | frozenset("article articles piece story".split())
"""Words of a request for an article's summary that say nothing about the article."""

# Numbers, names and compounds whole: "1,907", "O’Hara", "run-off".
_WORD = re.compile(r"[^\W_]+(?:(?:(?<=\d)[.,](?=\d)|['’.-](?=[^\W_]))[^\W_]+)*")


def find_passages(
    index: Index,
    question: Question,
    model: Model,
    *,
    top_k: int,
    filters: Filters = Filters(),
) -> list[Hit]:
    """Returns the `top_k` best passages, best first. `model` is the scoring model without the reader's features.

    It is for English questions; see `other_languages`.
    """
    if question.language != ENGLISH:
        return other_languages.find_passages(index, question, top_k=top_k, filters=filters)
    wanted = max(CANDIDATES, top_k)
    texts = [plain(subject(question)), *sides(question)]
    ranked = [_ranked(index, question, text, model, wanted, filters) for text in texts]
    if len(ranked) > 1:
        return _interleaved(ranked, top_k)
    several = question.kind in FORMS and FORMS[question.kind].points
    return (_spread(ranked[0]) if several else ranked[0])[:top_k]


def subject(question: Question) -> str:
    """Returns the words to search for: the question with those that it depends on, in a request for the summary of an
    article without the words of the request.
    """
    if question.kind not in FORMS or not FORMS[question.kind].one_article:
        return question.searched
    words = question.searched.split()
    return " ".join(word for word in words if plain(word).rstrip("?") not in REQUESTED) or question.searched


def plain(question: str) -> str:
    """Returns the question's words in lower case, so that capitals and punctuation do not affect the search.

    A question without words is returned unchanged.
    """
    words = _WORD.findall(question.lower())
    return f"{' '.join(words)}?" if words else question


def sides(question: Question) -> list[str]:
    """Returns the two sides of a comparison, to be searched for separately; empty for other questions.

    The question is split at the joining word nearest to its middle.
    """
    words = question.plain.split()
    places = [n for n, word in enumerate(words) if word.lower().strip(",;") in JOINING and 0 < n < len(words) - 1]
    if question.kind is not Kind.COMPARISON or not places:
        return []
    cut = min(places, key=lambda n: abs(2 * n + 1 - len(words)))
    return [plain(" ".join(_without_joining(half))) for half in (words[:cut], words[cut + 1 :])]


def _without_joining(words: Sequence[str]) -> Sequence[str]:
    """Removes joining words from both ends, because there may be several in a row ("compared with")."""
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
    """Returns the reranked passages, and separately those to be placed after them; see `_pushed`."""
    hits = index.search(text, top_k=count, filters=filters)
    best: dict[int, Candidate] = {}
    asking: Counter[int] = Counter()
    tokens = index.embedder.count_tokens
    for candidate in rank_sentences(question, hits, model, index.document_frequencies, tokens=tokens).candidates:
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
    """Returns, for each passage, whether to move it to the end, so that a repeated claim takes one place only.

    That is so if its best sentence, given in `sentences`, makes the same claim as that of a better passage, or if
    `stuffed` is true: the passage repeats the question several times.
    """
    said = [(terms.stems(text), terms.numbers(text), terms.names(text)) for text in sentences]
    return [full or any(same_claim(said[n], other) for other in said[:n]) for n, full in enumerate(stuffed)]


Said = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""A sentence's stems, its numbers, and its names."""


def same_claim(one: Said, other: Said) -> bool:
    """Whether two sentences have nearly the same words, and exactly the same numbers and names."""
    return one[1:] == other[1:] and len(one[0] & other[0]) >= SAME_WORDS * len(one[0] | other[0])


def _interleaved(ranked: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """Merges the rankings by taking the best remaining passage of each in turn, without duplicates."""
    rounds = zip_longest(*(_spread(hits) for hits in ranked))
    chosen: dict[tuple[str, int], Hit] = {}
    for hit in (hit for turn in rounds for hit in turn if hit is not None):
        chosen.setdefault((hit.chunk.article_id, hit.chunk.ordinal), hit)
    return list(chosen.values())[:top_k]


def _spread(hits: Sequence[Hit]) -> list[Hit]:
    """Moves each passage down for the better ones of its article, so that more articles are among the first."""
    before: Counter[str] = Counter()
    places: list[int] = []
    for place, hit in enumerate(hits):
        places.append(place + SAME_ARTICLE * before[hit.chunk.article_id])
        before[hit.chunk.article_id] += 1
    return [hits[n] for n in sorted(range(len(hits)), key=places.__getitem__)]
