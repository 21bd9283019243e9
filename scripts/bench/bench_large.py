"""Search, filters, rollback and verify on an index of a size for which there are no articles at hand."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from bench_index import build, lay_out, search, update, versions
from common import report
from numpy.typing import NDArray

from index import Index
from index.embedding.embedder import Embedder, Passage, Vectors
from index.storage.store import Store

SENTENCES = range(3, 22)
"""In an article; Reuters has 8 on average."""
FIRST, DAYS = date(2020, 1, 1), 1000
WORDS_A_PASSAGE = 85
"""As chunks of Reuters are, roughly."""


def bench(index: Path, passages: int = 100_000) -> None:
    """The stages of `index`, in one process, on about so many passages.

    Articles are put together from sentences of a real index, drawn at random, with the vectors that the sentences have
    there: words, lengths and vectors are real ones, and nothing has to be embedded. Questions are real headlines,
    embedded by the real model.
    """
    real = Index.open(index)
    known = dict(_sentences(real))
    titles = [article.title for article in real.articles() if article.title]
    embedder = Recalled(real.embedder, known)
    real.close()
    with tempfile.TemporaryDirectory() as scratch:
        lay_out(Path(scratch), _articles(list(known), titles, passages))
        figures: dict[str, Any] = {}
        for stage in (build, search, update, versions):
            figures |= stage(Path(scratch), embedder)
    report(figures)


class Recalled:
    """An `Embedder` that knows the vectors of sentences by heart, and is the real model for all else."""

    def __init__(self, real: Embedder, known: dict[str, NDArray[np.float16]]) -> None:
        self._real, self._known = real, known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """Of a sentence that was cut otherwise, any vector."""
        return [self._recall(passage) for passage in passages]

    def threads(self) -> ThreadPoolExecutor:
        """One: there is nothing to compute."""
        return ThreadPoolExecutor(1)

    def _recall(self, passage: Passage) -> Vectors:
        anything = next(iter(self._known.values()))
        rows = [self._known.get(passage.text[start:end], anything) for start, end in passage.sentences]
        sentences = np.stack(rows).astype(np.float32)
        mean = sentences.mean(axis=0)
        return np.concatenate([mean[None] / np.linalg.norm(mean), sentences])


def _sentences(index: Index) -> Iterator[tuple[str, NDArray[np.float16]]]:
    """Every sentence of more than four words, with its vector."""
    store = Store.open(index.folder)
    texts = {article.id: article.text for article in store.articles.all()}
    ids, _ = store.vectors.counts()
    chunks = store.chunks.get(ids.tolist())
    for row_id, vectors in zip(ids.tolist(), store.vectors.get(index.embedder.dimension), strict=True):
        text = texts[chunks[row_id].article_id]
        for (start, end), vector in zip(chunks[row_id].sentences, vectors[1:], strict=True):
            if text.count(" ", start, end) > 4:
                yield text[start:end], vector
    store.close()


def _articles(sentences: list[str], titles: list[str], passages: int) -> list[dict[str, str]]:
    """Articles that make about so many passages."""
    chance = random.Random(0)
    rows: list[dict[str, str]] = []
    words = 0
    while words < passages * WORDS_A_PASSAGE:
        text = "\n\n".join(chance.sample(sentences, chance.choice(SENTENCES)))
        day = (FIRST + timedelta(days=chance.randrange(DAYS))).isoformat()
        rows.append({"id": str(len(rows)), "title": chance.choice(titles), "date": day, "text": text})
        words += len(text.split())
    return rows
