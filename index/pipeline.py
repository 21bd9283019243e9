"""Cut staged articles into passages and embed what has no vectors, in threads, while others are still being read.

What is embedded is stored at once under its content's key, so a stop loses only what is on its way. Articles and
passages wait in the staging, on disk, so an archive may be larger than the memory.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from index.chunking import TITLE_TOKENS, chunk_article
from index.embedding import Embedder, Vectors
from index.passages import content_key, passage_of
from index.report import Progress, ProgressCallback
from index.staging import Staging
from index.store import Store

PASSAGES_PER_COMMIT = 128
"""Passages embedded between two commits, a second or two of one thread's work."""

ON_THE_WAY = 2 * (os.cpu_count() or 1)
"""Such batches, for each core one being embedded and one waiting. A kill costs at most these."""

ARTICLES_AHEAD = 128
"""Staged articles that are cut together. Fewer wait for `finish`: with so few, reading is soon over, and articles that
turn out to be only moved need no model."""

SWITCH_SECONDS = 0.0005
"""How long a thread that holds the interpreter may make the embedding threads wait; Python's own 0.005 s is as long as
several of their operations."""


class Pipeline:
    """Embeds as articles come. Use it as a context: leaving it stops the threads."""

    def __init__(
        self, store: Store, staging: Staging, load_embedder: Callable[[], Embedder], *, again: bool = False
    ) -> None:
        """`load_embedder` is called only if there is something to cut.

        With `again` everything is embedded but for what such work left that was stopped, and waits in the staging,
        because what it replaces is in use.
        """
        self._store = store
        self._staging = staging
        self._load_embedder = load_embedder
        self._again = again
        self._uncut: list[str] = []
        self._running: deque[tuple[list[str], Future[list[Vectors]]]] = deque()
        self._articles = 0  # cut so far
        self._wanted = self._begun = self._stored = 0  # passages
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
        """An article has been staged."""
        self._uncut.append(article_id)
        if len(self._uncut) < ARTICLES_AHEAD:
            return
        for name in self._staging.uncut(self._uncut):  # a file that changed while it was read took its articles back
            self._cut(name)
        self._uncut = []
        while self._running and self._running[0][1].done():
            self._store_oldest()
        self._begin(least=PASSAGES_PER_COMMIT)

    def finish(self, progress: ProgressCallback) -> int:
        """Cut and embed the rest; how many passages were embedded in all."""
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
        """Cut a staged article into chunks, and queue those that have no vectors."""
        embedder = self._ready()
        article = self._staging.article(name)
        chunks = chunk_article(article, embedder.count_tokens, max_tokens=embedder.max_tokens - TITLE_TOKENS)
        passages = [passage_of(article, chunk) for chunk in chunks]
        keys = [content_key(passage, embedder.name) for passage in passages]
        self._staging.put_chunks(name, chunks, keys)
        self._articles += 1
        missing = (self._staging if self._again else self._store).missing_vectors(keys)
        self._wanted += self._staging.want({k: p for k, p in zip(keys, passages, strict=True) if k in missing})

    def _begin(self, least: int = 1) -> None:
        """Hand batches of at least so many passages to the threads, until they have enough."""
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
            (self._staging if self._again else self._store).put_vectors(arrays)
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
    """Cut the staged articles that have no chunks yet, then embed and store what has no vectors; how many that were.

    With `again` everything is embedded but for what such work left that was stopped; see `Pipeline`.
    """
    with Pipeline(store, staging, lambda: embedder, again=again) as pipeline:
        return pipeline.finish(progress)
