"""Rank chunks for a question: the weighted sum of three scores.

    dense      cosine of the question with the whole chunk
    sentence   cosine of the question with the chunk's best sentence (late chunking)
    lexical    BM25 of title and text, divided by the best of this question

A weighted sum of normalised scores beats rank fusion here (answer@1 0.82 against 0.71, docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.chunking import Chunk, Place
from index.collapse import AlsoIn, Stories
from index.derived import Searchable
from index.filters import Filters
from index.store import Store
from index.vectors import VectorIndex
from index.wordforms import variants


@dataclass(frozen=True, slots=True)
class Weights:
    """Share of each score in the sum; what they add up to does not matter."""

    dense: float = 0.2
    sentence: float = 1.0
    lexical: float = 0.6
    title: float = 1.0
    """Weight of a title's words against the text's within BM25."""


CANDIDATE_VECTORS = 300
CANDIDATE_CHUNKS = 100
"""How many vectors, and how many BM25 chunks, are looked at before the exact sum is made."""

_WORD = re.compile(r"\w+")

STOPWORDS = frozenset(
    (
        "a about after all also am an and any are as at be because been before being between both "
        "but by can could did do does doing done during each few for from had has have having he "
        "her here hers him his how i if in into is it its itself just me more most my no nor not "
        "of off on once only or other our out over own same she should so some such than that the "
        "their them then there these they this those through to too under until up us very was we "
        "were what when where which while who whom whose why will with would you your s t"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question.

    `score` is in [0, 1], higher is better, and comparable between questions. The parts it came from: `dense` and
    `sentence` are cosines in [-1, 1], `lexical` in [0, 1] is relative to this question's best BM25 score.
    `sentence_cosines` are parallel to `chunk.sentences`. `also_in` are other articles that hold the passage, too: the
    same story under other headlines, which counts once.
    """

    chunk: Chunk
    article: Article
    score: float
    dense: float
    sentence: float
    lexical: float
    sentence_cosines: tuple[float, ...]
    also_in: tuple[AlsoIn, ...] = ()

    @property
    def text(self) -> str:
        """The chunk's text."""
        return self.article.text[self.chunk.start : self.chunk.end]


def question_terms(question: str) -> list[str]:
    """Words of the question that carry meaning, lower case, each once; all its words if none does."""
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    return [word for word in words if word not in STOPWORDS] or words


def search(
    store: Store,
    derived: Searchable,
    question: str,
    question_vector: NDArray[np.float32],
    *,
    top_k: int,
    filters: Filters,
    weights: Weights,
    is_word: IsWord,
) -> list[Hit]:
    """The `top_k` best chunks, best first; inside a read transaction of `store` that `derived` belongs to.

    What no passage holds and is no word is taken for misspelt (`spelling`). As many as there are: where a story fills
    the candidates with its copies, or `top_k` is large, more are looked at.
    """
    words = question_terms(question)[:MAX_TERMS]
    terms = [form for word in words for form in variants(word)] + list(spelling(store, words, is_word).values())
    allowed = store.allowed_chunks(filters)
    exist = len(derived.vectors.chunk_ids) if allowed is None else len(allowed)
    widening = 1
    while True:
        lexical = derived.bm25.best(
            terms, limit=CANDIDATE_CHUNKS * widening, title_weight=weights.title, allowed=allowed
        )
        nearest = derived.vectors.nearest_chunks(question_vector, rows=CANDIDATE_VECTORS * widening, allowed=allowed)
        found = store.places(list(dict.fromkeys([*nearest, *lexical])))
        stories = Stories(store, filters, found)
        places, lexical = _collapsed(stories, found, lexical)
        if len(places) >= top_k or len(nearest) >= exist:
            break
        widening *= WIDENING
    scored = _best(derived.vectors, question_vector, places, lexical, weights, top_k)
    return _hits(store, scored, places, stories)


WIDENING = 8
"""How many times more candidates are looked at when there were too few."""


def _collapsed(
    stories: Stories, found: Mapping[int, Place], lexical: Mapping[int, float]
) -> tuple[dict[int, Place], dict[int, float]]:
    """The candidates without those that another stands for, and the lexical scores of what is left."""
    places: dict[int, Place] = {}
    scores: dict[int, float] = {}
    for own_id, own in found.items():
        row_id, place = stories.counterpart(own_id, own)
        places[row_id] = place
        if own_id in lexical:
            scores[row_id] = max(scores.get(row_id, 0.0), lexical[own_id])
    return dict(sorted(places.items())), {row_id: lexical.get(row_id, score) for row_id, score in scores.items()}


MAX_TERMS = 64
"""Distinct words of a question that BM25 looks at; more make it slow, not better."""


MAX_CORRECTED = 2
"""Words of a question that are taken for misspelt at most: each costs 5 ms over 12,000 passages."""

_SPELLED = re.compile(r"[a-z]{5,20}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


IsWord = Callable[[str], bool]
"""Whether something is a word of the language, whether or not the articles hold it."""


def spelling(store: Store, words: Sequence[str], is_word: IsWord) -> dict[str, str]:
    """Words that no passage holds and that are none of the language, each with the word that was probably meant.

    That is the most frequent word of the passages that is one slip of a finger away.
    """
    spelled = [word for word in words if _SPELLED.fullmatch(word)]
    strange = [word for word in _strange(store, spelled) if not is_word(word)]
    found = {word: _nearest(store, word) for word in strange[:MAX_CORRECTED]}
    return {word: meant for word, meant in found.items() if meant}


def _strange(store: Store, words: Sequence[str]) -> list[str]:
    """Those of the words that no passage holds in any form."""
    known = set(store.known([form for word in words for form in variants(word)]))
    return [word for word in words if known.isdisjoint(variants(word))]


def _nearest(store: Store, word: str) -> str | None:
    near = store.known(sorted(_one_slip_away(word)))
    frequencies = dict(zip(near, store.document_frequency(near), strict=True))
    by_frequency = sorted(near, key=frequencies.__getitem__, reverse=True)
    return next((word for word in by_frequency if _stands(store, word)), None)


LOOKED_THROUGH = 20
"""Chunks that are looked through for a form of a word."""


def _stands(store: Store, word: str) -> bool:
    """Whether the word stands in a chunk in this very form, not only with the same stem."""
    form = re.compile(rf"\b{word}\b", re.IGNORECASE)
    return any(form.search(f"{title} {text}") for title, text in store.passages(store.holding(word, LOOKED_THROUGH)))


def _one_slip_away(word: str) -> set[str]:
    """Words with one letter more, one less, another one, or two neighbours exchanged."""
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    more = {f"{a}{letter}{b}" for a, b in cuts for letter in _LETTERS}
    other = {f"{a}{letter}{b[1:]}" for a, b in cuts if b for letter in _LETTERS}
    return more | other | {a + b[1:] for a, b in cuts} | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}


class _Scored(NamedTuple):
    """A candidate with its scores; `sentences` are the cosines of its sentences."""

    row_id: int
    score: float
    dense: float
    sentences: tuple[float, ...]
    lexical: float


def _best(
    vectors: VectorIndex,
    question: NDArray[np.float32],
    places: Mapping[int, Place],
    lexical: Mapping[int, float],
    weights: Weights,
    top_k: int,
) -> list[_Scored]:
    """The `top_k` best of the candidates, best first."""
    if not places:
        return []
    row_ids = list(places)
    best_lexical = max(lexical.values(), default=0.0) or 1.0
    words = np.array([lexical.get(row_id, 0.0) / best_lexical for row_id in row_ids])
    cosines, edges = vectors.cosines(question, row_ids)
    inner = np.stack([edges[:-1] + 1, edges[1:]], axis=1).ravel()[:-1]  # each chunk's sentences, and what is between
    dense = cosines[edges[:-1]].astype(np.float64)
    sentence = np.maximum.reduceat(cosines, inner)[::2].astype(np.float64)
    total = weights.dense * dense + weights.sentence * sentence + weights.lexical * words
    scores = np.clip(total / (weights.dense + weights.sentence + weights.lexical), 0.0, 1.0).tolist()
    order = sorted(range(len(row_ids)), key=lambda n: (-scores[n], places[row_ids[n]][:2]))
    return [
        _Scored(
            row_ids[n],
            scores[n],
            float(dense[n]),
            tuple(cosines[edges[n] + 1 : edges[n + 1]].tolist()),
            float(words[n]),
        )
        for n in order[:top_k]
    ]


def whole_article(
    store: Store, derived: Searchable, article_id: str, question_vector: NDArray[np.float32]
) -> list[Hit]:
    """All chunks of one article in their order, scored for the question by their vectors alone."""
    places = store.places_in([article_id])
    scored = _best(derived.vectors, question_vector, places, {}, Weights(), len(places))
    hits = _hits(store, scored, places, Stories(store, Filters(), places))
    return sorted(hits, key=lambda hit: hit.chunk.ordinal)


def sentence_vectors(store: Store, dimension: int, hits: Sequence[Hit]) -> list[NDArray[np.float32]]:
    """For each hit the unit vectors of its sentences, (sentences, dimension). KeyError for a chunk that is gone."""
    ids = {(p.article_id, p.ordinal): n for n, p in store.places_in([hit.article.id for hit in hits]).items()}
    wanted = [ids[hit.chunk.article_id, hit.chunk.ordinal] for hit in hits]
    order = sorted(set(wanted))
    found = dict(zip(order, store.vectors(dimension, np.array(order, np.int64)), strict=True))
    return [found[n][1:].astype(np.float32) for n in wanted]


def _hits(store: Store, scored: Sequence[_Scored], places: Mapping[int, Place], stories: Stories) -> list[Hit]:
    chunks = store.chunks([s.row_id for s in scored])
    wanted = list(dict.fromkeys(chunk.article_id for chunk in chunks.values()))
    articles = {article.id: article for article in store.articles(wanted)}
    return [
        Hit(
            chunk=chunks[s.row_id],
            article=articles[chunks[s.row_id].article_id],
            score=s.score,
            dense=s.dense,
            sentence=max(s.sentences),
            lexical=s.lexical,
            sentence_cosines=s.sentences,
            also_in=stories.also_in(places[s.row_id]),
        )
        for s in scored
    ]
