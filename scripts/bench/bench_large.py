"""Search, filters, rollback and verify on an index of a size for which there are no articles at hand.

Articles are put together from sentences of a real index, drawn at random, with the vectors that the sentences have
there: words, lengths and vectors are real ones, and nothing has to be embedded. Questions are real headlines, embedded
by the real model.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from bench_index import peak_mb, seconds, timed, write
from numpy.typing import NDArray

from index import Filters, Index
from index.embedding.embedder import Embedder, Passage, Vectors
from index.storage.store import Store

QUESTIONS = 200
SENTENCES = range(3, 22)
"""In an article; Reuters has 8 on average."""
FIRST, DAYS = date(2020, 1, 1), 1000
LATE = FIRST + timedelta(days=900)
"""A filter that lets a tenth through."""


def measure(folder: Path, passages: int) -> dict[str, Any]:
    """Every figure, by name."""
    real = Index.open(folder)
    known = dict(_sentences(real))
    titles = [article.title for article in real.articles() if article.title]
    embedder = Recalled(real.embedder, known)
    real.close()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        archive, added = place / "archive.jsonl", place / "added.jsonl"
        rows = _articles(list(known), titles, passages)
        write(archive, rows[:-10])
        write(added, rows[-10:])
        index = Index.create(place / "index", embedder=embedder)
        build = seconds(lambda: index.update([archive]))
        built_peak = peak_mb()
        index.close()
        start = time.perf_counter()
        index = Index.open(place / "index", embedder=embedder)
        index.warm()
        figures = {"reopen_s": round(time.perf_counter() - start, 2)}
        status = index.status()
        questions = random.Random(1).sample(titles, QUESTIONS)
        every, busy = timed(questions, lambda question: index.search(question, top_k=10))
        late, _ = timed(questions, lambda question: index.search(question, top_k=10, filters=Filters(after=LATE)))
        figures |= {
            "articles": status.articles,
            "passages": status.chunks,
            "vectors": status.chunks + status.sentences,
            "disk_mb": status.megabytes,
            "build_without_embedding_s": round(build, 1),
            "build_peak_mb": built_peak,
            "search_p50_ms": round(1000 * statistics.median(every), 1),
            "search_p95_ms": round(1000 * statistics.quantiles(every, n=20)[-1], 1),
            "search_p50_cpu_ms": round(1000 * statistics.median(busy), 1),
            "filtered_p50_ms": round(1000 * statistics.median(late), 1),
            "add_10_s": round(seconds(lambda: index.update([archive, added])), 2),
            "unchanged_update_s": round(seconds(lambda: index.update([archive, added])), 2),
            "rollback_s": round(seconds(index.rollback), 2),
            "verify_s": round(seconds(index.verify), 1),
            "peak_mb": peak_mb(),
        }
        index.close()
    return figures


class Recalled:
    """An `Embedder` that knows the vectors of sentences by heart, and embeds questions with the real model."""

    def __init__(self, real: Embedder, known: dict[str, NDArray[np.float16]]) -> None:
        self._real = real
        self._known = known
        self.name, self.dimension, self.max_tokens = real.name, real.dimension, real.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the real model."""
        return self._real.count_tokens(texts)

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """Of a sentence that was cut otherwise, any vector."""
        return [self._recall(passage) for passage in passages]

    def embed_question(self, question: str) -> Vectors:
        """As the real model."""
        return self._real.embed_question(question)

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


WORDS_A_PASSAGE = 85
"""As chunks of Reuters are, roughly."""
