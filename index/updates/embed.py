"""Splits staged articles into passages and embeds those without vectors, in threads, while others are still read.

Vectors are stored under their content key as soon as they are computed, so an interruption loses only what is in
progress. Articles and passages wait in the staging, on disk, so an archive may be larger than the memory.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from index.embedding.chunking import TITLE_TOKENS, chunk_article
from index.embedding.embedder import Embedder, Vectors
from index.embedding.passages import content_key, passage_of
from index.storage.staging import Staging
from index.storage.store import Store
from index.updates.report import Progress, ProgressCallback

PASSAGES_PER_COMMIT = 128
"""Passages embedded between two commits: one or two seconds of work for one thread."""

ON_THE_WAY = 2 * (os.cpu_count() or 1)
"""Maximum number of batches in progress: for each core, one being embedded and one waiting. A kill loses these."""

ARTICLES_AHEAD = 128
"""Staged articles that are split together. If there are fewer, they wait for `finish`: reading them takes little time,
and articles that turn out to be only moved need no model."""

SWITCH_SECONDS = 0.0005
"""How long a thread that holds the interpreter lock may keep the embedding threads waiting; Python's own 0.005 s is as
long as several of their operations."""


class Pipeline:
    """Embeds articles while others are read. A context manager, which stops the threads at the end."""

    def __init__(
        self, store: Store, staging: Staging, load_embedder: Callable[[], Embedder], *, again: bool = False
    ) -> None:
        """`load_embedder` is called only if there is an article to split.

        With `again`, all passages are embedded, even those with vectors, except for those that an interrupted run has
        embedded. The new vectors wait in the staging, because those that they replace are in use.
        """
        self._store = store
        self._staging = staging
        self._load_embedder = load_embedder
        self._again = again
        self._uncut: list[str] = []
        self._running: deque[tuple[list[str], Future[list[Vectors]]]] = deque()
        self._articles = 0  # split so far
        self._wanted = self._begun = self._stored = 0  # numbers of passages
        self._embedder: Embedder | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._switch = sys.getswitchinterval()

    def __enter__(self) -> Pipeline:
        sys.setswitchinterval(SWITCH_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        sys.setswitchinterval(self._switch)

    def take(self, article_id: str) -> None:
        """Called when an article has been staged: queues it, and starts work when enough are queued."""
        self._uncut.append(article_id)
        if len(self._uncut) < ARTICLES_AHEAD:
            return
        for name in self._staging.uncut(self._uncut):  # without those of a file that changed while it was read
            self._cut(name)
        self._uncut = []
        while self._running and self._running[0][1].done():
            self._store_oldest()
        self._begin(least=PASSAGES_PER_COMMIT)

    def finish(self, progress: ProgressCallback) -> int:
        """Splits and embeds the rest; returns the number of passages that were embedded in all."""
        ids = self._staging.ids(uncut=True)
        for done, name in enumerate(ids):
            progress(Progress("cutting", done, len(ids), done))
            self._cut(name)
        if ids:
            progress(Progress("cutting", len(ids), len(ids), len(ids)))
        before, total = self._stored, self._wanted - self._stored
        self._begin()
        while self._running:
            done = self._stored - before
            progress(Progress("embedding", done, total, self._articles * done // self._wanted))
            self._store_oldest()
            self._begin()
        if total or ids:
            progress(Progress("embedding", total, total, self._articles * total // max(1, self._wanted)))
        return self._stored

    def _cut(self, name: str) -> None:
        """Splits a staged article into chunks, and queues those without vectors."""
        embedder = self._ready()
        article = self._staging.article(name)
        chunks = chunk_article(article, embedder.count_tokens, max_tokens=embedder.max_tokens - TITLE_TOKENS)
        passages = [passage_of(article, chunk) for chunk in chunks]
        keys = [content_key(passage, embedder.name) for passage in passages]
        self._staging.put_chunks(name, chunks, keys)
        self._articles += 1
        missing = self._staging.missing_vectors(keys) if self._again else self._store.vectors.missing(keys)
        self._wanted += self._staging.want({k: p for k, p in zip(keys, passages, strict=True) if k in missing})

    def _begin(self, least: int = 1) -> None:
        """Submits batches of at least `least` passages to the threads, up to the maximum in progress."""
        while self._wanted - self._begun >= least:
            embedder, threads = self._ready(), self._started()
            if len(self._running) >= ON_THE_WAY:
                return
            batch = self._staging.wanted(self._begun, PASSAGES_PER_COMMIT)
            self._begun += len(batch)
            self._running.append((list(batch), threads.submit(embedder.embed_passages, list(batch.values()))))

    def _store_oldest(self) -> None:
        keys, future = self._running[0]
        vectors = future.result()
        arrays: dict[str, NDArray[np.float16]] = {
            key: array.astype(np.float16) for key, array in zip(keys, vectors, strict=True)
        }
        with self._store.transaction():
            (self._staging.put_vectors if self._again else self._store.vectors.put)(arrays)
        self._running.popleft()
        self._stored += len(keys)

    def _ready(self) -> Embedder:
        self._embedder = self._embedder or self._load_embedder()
        return self._embedder

    def _started(self) -> ThreadPoolExecutor:
        self._threads = self._threads or self._ready().threads()
        return self._threads


def embed_staged(
    store: Store, staging: Staging, embedder: Embedder, progress: ProgressCallback, *, again: bool = False
) -> int:
    """Splits the staged articles without chunks, embeds and stores passages without vectors; returns their number.

    With `again`, all passages are embedded, except for those that an interrupted run has embedded; see `Pipeline`.
    """
    with Pipeline(store, staging, lambda: embedder, again=again) as pipeline:
        return pipeline.finish(progress)
