"""Bring an index up to date with files and addresses, or with another embedding model.

Two steps, so that a stop at any moment loses nothing: first the missing vectors are computed and stored under
their content's key, batch by batch; then one transaction puts all articles in place and makes a new version.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.addresses import is_address
from index.article import article_id
from index.changes import Changes
from index.chunking import TITLE_TOKENS, chunk_article
from index.embedding import Embedder, Passage, Vectors
from index.fields import NO_COLUMNS, Columns
from index.passages import content_key, passage_of
from index.reading import other_formats
from index.report import Progress, ProgressCallback, UpdateReport
from index.sources import find_sources
from index.staging import Staging
from index.store import Store

PASSAGES_PER_COMMIT = 256
"""Passages embedded between two commits, some seconds of work; a kill costs at most those of two commits."""


def update(
    store: Store,
    load_embedder: Callable[[], Embedder],
    places: Sequence[Path | str],
    *,
    columns: Columns = NO_COLUMNS,
    prune: bool = False,
    progress: ProgressCallback,
) -> UpdateReport:
    """Index the files and addresses that `places` name; see `find_sources`, also for `columns`.

    With `prune`, articles whose file lay under one of the paths and is gone are removed; what is at addresses stays.
    The embedder is loaded only if there is something to embed: finding that nothing changed takes no model. A file or
    row that fails is reported, leaves what was indexed of it alone, and is tried again next time.
    """
    paths = [Path(place) for place in places if not is_address(place)]
    report = UpdateReport(passed_over=other_formats(paths, ignored=store.folder))
    staging = store.staging()
    sources = find_sources(places, columns)
    done = 0

    def tick(articles: int) -> None:
        progress(Progress("reading", done, len(sources), articles))

    changes = Changes(store, staging, report, tick=tick)
    for done, source in enumerate(sources):
        progress(Progress("reading", done, len(sources), changes.articles))
        changes.read(source)
    progress(Progress("reading", len(sources), len(sources), changes.articles))
    changes.settle(places, prune=prune)
    if staging.ids(uncut=True):
        report.embedded = embed_staged(store, staging, load_embedder(), progress)
    with store.transaction():
        _put_in_place(store, staging, changes)
    report.version = store.version
    return report


def rebuild(store: Store, embedder: Embedder, *, progress: ProgressCallback) -> UpdateReport:
    """Cut and embed every stored article anew, with whatever `embedder` is given, then swap.

    With the model that the index has, everything is embedded, even what has vectors. A rebuild that was stopped goes on
    where it was.
    """
    staging = store.staging()
    hashes = store.article_hashes()
    for article in store.articles():
        staging.add(article, hashes[article.uri][0])
    same = embedder.name == store.meta("embedder")
    report = UpdateReport(changed=sorted(hashes))
    report.embedded = embed_staged(store, staging, embedder, progress, again=same)
    with store.transaction():
        staging.replace_vectors()
        for revision in staging.revisions():
            store.put_revision(revision)
        store.set_meta("embedder", embedder.name)
        store.set_meta("dimension", str(embedder.dimension))
        store.next_version(f"rebuild with {embedder.name}")
    report.version = store.version
    return report


def _put_in_place(store: Store, staging: Staging, changes: Changes) -> None:
    changed = bool(changes.removed)
    for uri in changes.removed:
        store.remove_article(article_id(uri))
    for revision in staging.revisions():
        store.put_revision(revision)
        changed = True
    for file in changes.forgotten:
        store.forget_file(file)
    for file, fingerprint in changes.files.items():
        if fingerprint is None:
            store.read_again(file)
        else:
            store.put_file(file, fingerprint, changes.failures.get(file))
    if changed:
        store.next_version("update")


def embed_staged(
    store: Store, staging: Staging, embedder: Embedder, progress: ProgressCallback, *, again: bool = False
) -> int:
    """Cut the staged articles that have no chunks yet, then embed and store what has no vectors; how many that were.

    With `again` everything is embedded, and waits in the staging, because what it replaces is in use; but for what
    waits there since such work was stopped.
    """
    missing = _cut(store, staging, embedder, progress, again=again)
    total = len(missing)
    done = 0
    for articles, batch, vectors in _embedded(embedder, _batches(staging, missing)):
        progress(Progress("embedding", done, total, articles))
        arrays: dict[str, NDArray[np.float16]] = {
            key: array.astype(np.float16) for key, array in zip(batch, vectors, strict=True)
        }
        with store.transaction():
            (staging if again else store).put_vectors(arrays)
        done += len(batch)
    progress(Progress("embedding", total, total, len(staging.ids())))
    return total


def _cut(store: Store, staging: Staging, embedder: Embedder, progress: ProgressCallback, *, again: bool) -> set[str]:
    """Cut the staged articles into chunks; the keys of the vectors that are to be made."""
    missing: set[str] = set()
    ids = staging.ids(uncut=True)
    for done, name in enumerate(ids):
        progress(Progress("cutting", done, len(ids), done))
        article = staging.article(name)
        chunks = chunk_article(article, embedder.count_tokens, max_tokens=embedder.max_tokens - TITLE_TOKENS)
        keys = [content_key(passage_of(article, chunk), embedder.name) for chunk in chunks]
        staging.put_chunks(name, chunks, keys)
        missing |= (staging if again else store).missing_vectors(keys)
    progress(Progress("cutting", len(ids), len(ids), len(ids)))
    return missing


def _embedded(
    embedder: Embedder, batches: Iterator[tuple[int, dict[str, Passage]]]
) -> Iterator[tuple[int, dict[str, Passage], list[Vectors]]]:
    """The batches with their vectors: while the caller stores those of one, the next is being embedded."""
    pool = ThreadPoolExecutor(max_workers=1)
    waiting: deque[tuple[int, dict[str, Passage], Future[list[Vectors]]]] = deque()
    try:
        for articles, batch in batches:
            waiting.append((articles, batch, pool.submit(embedder.embed_passages, list(batch.values()))))
            if len(waiting) > 1:
                articles, batch, future = waiting.popleft()
                yield articles, batch, future.result()
        for articles, batch, future in waiting:
            yield articles, batch, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(staging: Staging, missing: set[str]) -> Iterator[tuple[int, dict[str, Passage]]]:
    """The passages whose keys are missing, each once, in batches; with the number of articles before each batch."""
    batch: dict[str, Passage] = {}
    left = set(missing)
    for articles, name in enumerate(staging.ids() if missing else ()):
        article = staging.article(name)
        for chunk, key in staging.chunks(name):
            if key in left:
                left.discard(key)
                batch[key] = passage_of(article, chunk)
                if len(batch) == PASSAGES_PER_COMMIT:
                    yield articles, batch
                    batch = {}
    if batch:
        yield articles, batch
