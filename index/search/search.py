"""Ranks chunks for a question by the weighted sum of three scores.

    dense      cosine of the question with the whole chunk
    sentence   cosine of the question with the chunk's best sentence (late chunking)
    lexical    BM25 of title and text, divided by the highest for this question

A weighted sum of normalised scores beats rank fusion here (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.embedding.chunking import Chunk, Place
from index.embedding.embedder import Embedder
from index.language.searchable import searchable
from index.language.word_forms import variants
from index.search.deduplicate import AlsoIn, Stories
from index.search.question_words import forms_of, question_terms, word_forms
from index.search.snapshot import Searchable
from index.search.vectors import VectorIndex
from index.storage.database.filters import Filters
from index.storage.store import Store


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of each score in the sum; only their ratios matter."""

    dense: float = 0.2
    sentence: float = 1.0
    lexical: float = 0.6
    title: float = 1.0
    """Weight of words in the title within BM25, relative to words in the text."""


CANDIDATE_VECTORS = 300
CANDIDATE_CHUNKS = 100
"""Numbers of vectors and of BM25 chunks that are retrieved before the exact sum is computed."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question.

    `score` is in [0, 1], higher is better, and comparable between questions. Its components: `dense` and `sentence` are
    cosines in [-1, 1]; `lexical`, in [0, 1], is relative to this question's best BM25 score. `sentence_cosines` are
    parallel to `chunk.sentences`. `also_in` are other articles that contain the passage: the same story under other
    headlines, which counts once.
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


def vocabulary(embedder: Embedder) -> IsWord:
    """Returns a test of whether a string is one token of the embedding model: common words are, typos are not."""
    return lambda word: embedder.count_tokens([word]) == [1]


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
    language: str = "en",
) -> list[Hit]:
    """Returns the `top_k` best chunks, best first; inside a read transaction of `store`, at the version of `derived`.

    A word of an English question that no passage contains and that is not in the language is taken for misspelt
    (`spelling`). Where copies of a story fill the candidates, or `top_k` is large, more candidates are retrieved, as
    long as there are any.
    """
    terms = _terms(store, derived, question, language, is_word)
    allowed = store.chunks.allowed(filters)
    exist = len(derived.vectors.chunk_ids) if allowed is None else len(allowed)
    widening = 1
    while True:
        lexical = derived.bm25.best(
            terms, limit=CANDIDATE_CHUNKS * widening, title_weight=weights.title, allowed=allowed
        )
        nearest = derived.vectors.nearest_chunks(question_vector, rows=CANDIDATE_VECTORS * widening, allowed=allowed)
        found = store.chunks.places(list(dict.fromkeys([*nearest, *lexical])))
        stories = Stories(store, filters, found)
        places, lexical = _collapsed(stories, found, lexical)
        if len(places) >= top_k or len(nearest) >= exist:
            break
        widening *= WIDENING
    scored = _best(derived.vectors, question_vector, places, lexical, weights, top_k)
    return _hits(store, scored, places, stories)


def _terms(store: Store, derived: Searchable, question: str, language: str, is_word: IsWord) -> list[str]:
    """Returns the words that BM25 looks for."""
    other = derived.languages - {"en"}
    if language != "en":
        return [form for forms in word_forms(question, language, other)[:MAX_TERMS] for form in forms]
    words = question_terms(question)[:MAX_TERMS]
    terms = [form for word in words for form in variants(word)] + list(spelling(store, words, is_word).values())
    more = dict.fromkeys(
        form for word in words for form in (*searchable(word, language).split(), *forms_of(word, language, other))
    )
    return terms + [form for form in more if form not in terms]


WIDENING = 8
"""Factor by which the number of candidates grows when there were too few."""


def _collapsed(
    stories: Stories, found: Mapping[int, Place], lexical: Mapping[int, float]
) -> tuple[dict[int, Place], dict[int, float]]:
    """Replaces candidates by their counterparts; returns the remaining ones and their lexical scores."""
    places: dict[int, Place] = {}
    scores: dict[int, float] = {}
    for own_id, own in found.items():
        row_id, place = stories.counterpart(own_id, own)
        places[row_id] = place
        if own_id in lexical:
            scores[row_id] = max(scores.get(row_id, 0.0), lexical[own_id])
    return dict(sorted(places.items())), {row_id: lexical.get(row_id, score) for row_id, score in scores.items()}


MAX_TERMS = 64
"""Maximum number of distinct words of a question for BM25; more make it slower, not better."""


MAX_CORRECTED = 2
"""Maximum number of words of a question that are taken for misspelt: each costs 5 ms over 12,000 passages."""

_SPELLED = re.compile(r"[a-z]{5,20}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


IsWord = Callable[[str], bool]
"""Returns whether a string is a word of the language, whether or not the articles contain it."""


def spelling(store: Store, words: Sequence[str], is_word: IsWord) -> dict[str, str]:
    """Returns words that no passage contains and that are not in the language, each with its probable correction.

    That is the most frequent word of the passages at an edit distance of one (transpositions included), or with other
    letters doubled: "tarrifs" for "tariffs".
    """
    spelled = [word for word in words if _SPELLED.fullmatch(word)]
    strange = [word for word in _strange(store, spelled) if not is_word(word)]
    found = {word: _nearest(store, word) for word in strange[:MAX_CORRECTED]}
    return {word: meant for word, meant in found.items() if meant}


def _strange(store: Store, words: Sequence[str]) -> list[str]:
    """Returns those of the words that no passage contains in any form."""
    known = set(store.full_text.known([form for word in words for form in variants(word)]))
    return [word for word in words if known.isdisjoint(variants(word))]


def _nearest(store: Store, word: str) -> str | None:
    near = store.full_text.known(sorted(_one_slip_away(word) | _doubled_otherwise(word)))
    frequencies = dict(zip(near, store.full_text.frequencies(near), strict=True))
    by_frequency = sorted(near, key=frequencies.__getitem__, reverse=True)
    return next((word for word in by_frequency if _stands(store, word)), None)


LOOKED_THROUGH = 20
"""Number of chunks in which an exact form of a word is looked for."""


def _stands(store: Store, word: str) -> bool:
    """Returns whether a chunk contains the word in this exact form, not only with the same stem."""
    form = re.compile(rf"\b{word}\b", re.IGNORECASE)
    found = store.chunks.passages(store.full_text.holding(word, LOOKED_THROUGH))
    return any(form.search(f"{title} {text}") for title, text, _ in found)


def _one_slip_away(word: str) -> set[str]:
    """Returns the strings with one letter inserted, deleted or substituted, or two neighbours transposed."""
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    more = {f"{a}{letter}{b}" for a, b in cuts for letter in _LETTERS}
    other = {f"{a}{letter}{b[1:]}" for a, b in cuts if b for letter in _LETTERS}
    return more | other | {a + b[1:] for a, b in cuts} | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}


def _doubled_otherwise(word: str) -> set[str]:
    """Returns the strings in which two letters are doubled that the word has once, or the reverse."""
    runs = [run[0] for run in re.finditer(r"(.)\1?", word)]
    changed = [run[0] if len(run) == 2 else run * 2 for run in runs]
    places = combinations(range(len(runs)), 2)
    return {"".join(changed[n] if n in pair else run for n, run in enumerate(runs)) for pair in places}


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
    """Scores the candidates and returns the `top_k` best, best first."""
    if not places:
        return []
    row_ids = list(places)
    best_lexical = max(lexical.values(), default=0.0) or 1.0
    words = np.array([lexical.get(row_id, 0.0) / best_lexical for row_id in row_ids])
    cosines, edges = vectors.cosines(question, row_ids)
    # The bounds of each chunk's sentences. `reduceat` reduces the gaps between them as well; [::2] drops those.
    inner = np.stack([edges[:-1] + 1, edges[1:]], axis=1).ravel()[:-1]
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
    """Returns all chunks of one article in order, scored for the question by their vectors alone."""
    places = store.chunks.places_in([article_id])
    scored = _best(derived.vectors, question_vector, places, {}, Weights(), len(places))
    hits = _hits(store, scored, places, Stories(store, Filters(), places))
    return sorted(hits, key=lambda hit: hit.chunk.ordinal)


def sentence_vectors(store: Store, dimension: int, hits: Sequence[Hit]) -> list[NDArray[np.float32]]:
    """Returns each hit's unit sentence vectors, (sentences, dimension). Raises KeyError if a chunk no longer exists."""
    ids = {(p.article_id, p.ordinal): n for n, p in store.chunks.places_in([hit.article.id for hit in hits]).items()}
    wanted = [ids[hit.chunk.article_id, hit.chunk.ordinal] for hit in hits]
    order = sorted(set(wanted))
    found = dict(zip(order, store.vectors.get(dimension, np.array(order, np.int64)), strict=True))
    return [found[n][1:].astype(np.float32) for n in wanted]


def _hits(store: Store, scored: Sequence[_Scored], places: Mapping[int, Place], stories: Stories) -> list[Hit]:
    chunks = store.chunks.get([s.row_id for s in scored])
    wanted = list(dict.fromkeys(chunk.article_id for chunk in chunks.values()))
    articles = {article.id: article for article in store.articles.get(wanted)}
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
