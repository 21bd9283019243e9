"""Updates an index from files and addresses, or rebuilds it with another embedding model.

Two steps, so that an interruption at any moment loses nothing: first the missing vectors are computed and stored under
their content key (`embed`); then one transaction writes all articles and makes a new version.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from index.article import article_id
from index.cleaning.metadata import NO_COLUMNS, Columns
from index.embedding.embedder import Embedder
from index.formats.registry import other_formats
from index.sources.sources import find_sources
from index.storage.staging import Staging
from index.storage.store import Store
from index.updates.changes import Changes
from index.updates.embed import Pipeline, embed_staged
from index.updates.report import Progress, ProgressCallback, UpdateReport
from index.urls import is_address


def update(
    store: Store,
    load_embedder: Callable[[], Embedder],
    places: Sequence[Path | str],
    *,
    columns: Columns = NO_COLUMNS,
    prune: bool = False,
    progress: ProgressCallback,
) -> UpdateReport:
    """Indexes the files and addresses that `places` name; see `find_sources`, also for `columns`.

    With `prune`, articles are removed whose file was under one of the paths and no longer exists; those of addresses
    stay. The embedder is loaded only if there is something to embed: finding that nothing changed needs no model. A
    file or row that fails is reported, its articles stay as they were indexed, and it is tried again next time.
    """
    paths = [Path(place) for place in places if not is_address(place)]
    report = UpdateReport(passed_over=other_formats(paths, ignored=store.folder))
    staging = store.staging()
    own = os.path.abspath(store.folder)
    # JSON that lies directly in the folder of the index is its own.
    sources = [
        source
        for source in find_sources(places, columns)
        if os.path.dirname(source.name) != own or not source.name.endswith(".json")
    ]
    done = 0

    def tick(articles: int) -> None:
        progress(Progress("reading", done, len(sources), articles))

    with Pipeline(store, staging, load_embedder) as pipeline:
        changes = Changes(store, staging, report, tick=tick, staged=pipeline.take)
        for done, source in enumerate(sources):
            progress(Progress("reading", done, len(sources), changes.articles))
            changes.read(source)
        progress(Progress("reading", len(sources), len(sources), changes.articles))
        changes.settle(places, prune=prune)
        report.embedded = pipeline.finish(progress)
    with store.transaction():
        _put_in_place(store, staging, changes)
    report.version = store.meta.version
    return report


def rebuild(store: Store, embedder: Embedder, *, progress: ProgressCallback) -> UpdateReport:
    """Splits and embeds every stored article again with `embedder`, then replaces the old content at once.

    With the model that the index already has, everything is embedded, even what has vectors. An interrupted rebuild
    continues where it was.
    """
    staging = store.staging()
    hashes = store.articles.hashes()
    for article in store.articles.all():
        staging.add(article, hashes[article.uri][0])
    same = embedder.name == store.meta.embedder
    report = UpdateReport(changed=sorted(hashes))
    report.embedded = embed_staged(store, staging, embedder, progress, again=same)
    with store.transaction():
        staging.replace_vectors()
        for revision in staging.revisions():
            store.put_revision(revision)
        store.meta.put("embedder", embedder.name)
        store.meta.put("dimension", embedder.dimension)
        store.next_version(f"rebuild with {embedder.name}")
    report.version = store.meta.version
    return report


def _put_in_place(store: Store, staging: Staging, changes: Changes) -> None:
    changed = bool(changes.removed)
    for uri in changes.removed:
        store.remove_article(article_id(uri))
    for revision in staging.revisions():
        store.put_revision(revision)
        changed = True
    for file in changes.forgotten:
        store.files.forget(file)
    for file, fingerprint in changes.files.items():
        if fingerprint is None:
            store.files.read_again(file)
        else:
            store.files.put(file, fingerprint, changes.failures.get(file))
    if changed:
        store.next_version("update")
