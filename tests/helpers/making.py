"""Hits, evidence and scores made by hand, for tests that need no index or no fitted weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from index import Article, Chunk, Hit
from index.language.sentences import Span, paragraph_spans, sentence_spans
from rag.answer import Evidence
from rag.retrieval import answerable, scoring
from rag.retrieval.evidence import Candidate
from rag.retrieval.finding import Scores


def make_hit(
    text: str, *, title: str = "Title", score: float = 0.5, cosines: Sequence[float] | None = None, **facts: Any
) -> Hit:
    """A hit on an article that is one chunk; `cosines` are of its sentences with the question, 0.5 each by default."""
    article = Article(uri=facts.pop("uri", "/articles/one.txt"), title=title, text=text, **facts)
    spans = tuple(span for start, end in paragraph_spans(text) for span in sentence_spans(text, start, end))
    own = tuple(cosines) if cosines is not None else (0.5,) * len(spans)
    assert len(own) == len(spans), f"{len(own)} cosines for {len(spans)} sentences"
    chunk = Chunk(article.id, 0, spans[0][0], spans[-1][1], spans)
    return Hit(chunk, article, score, dense=0.5, sentence=max(own), lexical=0.5, sentence_cosines=own)


def make_evidence(*texts: str) -> list[Evidence]:
    """Evidence with markers from 1, one article for each text, every sentence shown."""
    hits = [make_hit(text, title=f"Title {n}", uri=f"/articles/{n}.txt") for n, text in enumerate(texts, 1)]
    return [Evidence(n, hit, hit.chunk.sentences) for n, hit in enumerate(hits, 1)]


def make_candidates(hit: Hit, *, likeliest: float = 0.9, vectors: Sequence[Sequence[float]] = ()) -> list[Candidate]:
    """The sentences of a hit in their order, each a little less likely than the one before; `vectors` are theirs."""
    made = [np.array(vector, np.float32) for vector in vectors] or [None] * len(hit.chunk.sentences)
    return [
        Candidate(hit, span, likeliest - n / 100, vector=vector)
        for n, (span, vector) in enumerate(zip(hit.chunk.sentences, made, strict=True))
    ]


def span_of(hit: Hit, part: str) -> Span:
    """Where `part` stands in the article's text."""
    start = hit.article.text.index(part)
    return start, start + len(part)


SENTENCES = scoring.Model("hash@1", -4.0, {"coverage": 6.0, "cosine": 1.0}, {})
"""A score for the HashEmbedder: a sentence that holds most of the question's words is likely to belong to the answer."""

SCORES = Scores(
    passages=SENTENCES,
    evidence=SENTENCES,
    answerable=answerable.Model("hash@1", {"first_odds": 1.0}, {"bias": -3.0, "context": 8.0}, 0.3),
)
"""Scores for the HashEmbedder: a fact is there if one sentence is likely, a topic if a passage holds its words."""
