"""Hits, evidence and a relevance model made by hand, for tests that need no index or no fitted weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from index import Article, Chunk, Hit
from index.sentences import Span, paragraph_spans, sentence_spans
from rag.answer import Evidence
from rag.relevance import FEATURES, Model


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


def span_of(hit: Hit, part: str) -> Span:
    """Where `part` stands in the article's text."""
    start = hit.article.text.index(part)
    return start, start + len(part)


RELEVANCE = Model("hash@1", -4.0, dict.fromkeys(FEATURES, 0.0) | {"coverage": 6.0, "cosine": 1.0}, 0.3)
"""A relevance model for the HashEmbedder: a sentence that holds most of the question's words is relevant."""
