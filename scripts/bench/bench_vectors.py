"""Recall and speed of the vector search at several sizes, against comparing every vector.

The vectors are those of a real index, and beyond those copies of them, each moved by noise of half its own length and
scaled to length 1 again: as dense around real sentences as real ones. The questions are headlines of the index.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench_index import timed
from numpy.typing import NDArray

from index import Index
from index.search.vectors import VectorIndex
from index.storage.store import Store

QUESTIONS = 100
SIZES = (100_000, 200_000, 500_000, 1_000_000)
NOISE = 0.5
PER_CHUNK = 5
"""Rows taken for a chunk and its sentences."""


def measure(folder: Path, up_to: int) -> dict[str, dict[str, float]]:
    """For each size: recall@10 and recall@300 of vectors' owners, and milliseconds a question."""
    index = Index.open(folder)
    questions = _questions(index)
    store = Store.open(index.folder)
    dimension = index.embedder.dimension
    real = np.concatenate(list(store.vectors.get(dimension)))
    store.close()
    return {str(size): _measure(_enlarged(real, size), questions) for size in SIZES if size <= up_to}


def _questions(index: Index) -> list[NDArray[np.float32]]:
    titles = [article.title for article in index.articles() if article.title]
    return [index.embedder.embed_question(t) for t in random.Random(0).sample(titles, min(QUESTIONS, len(titles)))]


def _enlarged(real: NDArray[np.float16], size: int) -> NDArray[np.float16]:
    chance = np.random.default_rng(0)
    out = np.empty((size, real.shape[1]), np.float16)
    out[: len(real)] = real[:size]
    for start in range(len(real), size, 50_000):
        stop = min(size, start + 50_000)
        copies = real[chance.integers(len(real), size=stop - start)].astype(np.float32)
        copies += chance.standard_normal(copies.shape, np.float32) * NOISE / np.sqrt(copies.shape[1])
        out[start:stop] = copies / np.linalg.norm(copies, axis=1, keepdims=True)
    return out


def _measure(vectors: NDArray[np.float16], questions: list[NDArray[np.float32]]) -> dict[str, float]:
    ids = np.arange(len(vectors) // PER_CHUNK, dtype=np.int64)
    counts = np.full(len(ids), PER_CHUNK, np.int64)
    groups = vectors[: len(ids) * PER_CHUNK].reshape(len(ids), PER_CHUNK, -1)
    with tempfile.TemporaryDirectory() as scratch:  # as an index is used: the vectors stay in their file
        path = Path(scratch) / "vectors.faiss"
        VectorIndex.from_vectors(groups, ids, counts, vectors.shape[1]).save(path)
        return _compared(VectorIndex.load(path, ids, counts), ids, questions)


def _compared(built: VectorIndex, ids: NDArray[np.int64], questions: list[NDArray[np.float32]]) -> dict[str, float]:
    figures: dict[str, Any] = {}
    for rows in (10, 300):
        found, times, busy = _searched(built, questions, rows, None)
        exact, exact_times, _ = _searched(built, questions, rows, ids)
        shares = [len(set(a) & set(b)) / len(b) for a, b in zip(found, exact, strict=True)]
        figures[f"recall@{rows}"] = round(statistics.mean(shares), 4)
        figures[f"p50_ms@{rows}"] = round(1000 * statistics.median(times), 2)
        figures[f"p50_cpu_ms@{rows}"] = round(1000 * statistics.median(busy), 2)
        figures[f"exact_p50_ms@{rows}"] = round(1000 * statistics.median(exact_times), 2)
    return figures


def _searched(
    built: VectorIndex, questions: list[NDArray[np.float32]], rows: int, allowed: NDArray[np.int64] | None
) -> tuple[list[list[int]], list[float], list[float]]:
    """Chunks found for each question, and its seconds, by the clock and of the processor.

    Naming every chunk as allowed makes it exact.
    """
    found: list[list[int]] = []
    times, busy = timed(questions, lambda q: found.append(built.nearest_chunks(q, rows=rows, allowed=allowed)))
    return found, times, busy
