"""Regenerates damaged derived data: chunks, vectors and full text, from the articles' text.

The vector and word files are derived again anyway, because a repair makes a new version. Damaged text cannot be
regenerated: such articles stay as they are, are reported, and are read again from their files by the next update.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.embedding.embedder import Embedder
from index.storage.integrity import Damage, DamagedText
from index.storage.store import Store
from index.updates.embed import embed_staged
from index.updates.report import ProgressCallback


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Uris of the articles that were regenerated, and of those that must be read again because their text is damaged.

    `embedded` is the number of passages embedded.
    """

    mended: list[str]
    read_again: list[str]
    embedded: int
    version: int


def repair(store: Store, load_embedder: Callable[[], Embedder], *, progress: ProgressCallback) -> RepairReport:
    """Repairs what can be repaired. The embedder is loaded only if there is something to embed."""
    with store.transaction():
        damage = store.damage()
        if damage.texts:  # metadata that cannot be parsed must be deleted before the articles are read
            _renew_full_text(store)
            _distrust(store, damage.texts)
    staging = store.staging()
    hashes = store.articles.hashes()
    for article in store.articles.get(damage.articles):
        staging.add(article, hashes[article.uri][0])
    mended = sorted(staging.article(name).uri for name in staging.ids())
    embedded = embed_staged(store, staging, load_embedder(), progress, again=True) if mended else 0
    with store.transaction():
        _renew_full_text(store)  # first, because FTS5 can only delete what is in it
        staging.replace_vectors()
        for revision in staging.revisions():
            store.put_revision(revision)
        _distrust(store, damage.texts)  # again, because `put_revision` has just stored a hash
        _drop_lost(store, damage)
        store.next_version("repair")
    return RepairReport(mended, [text.uri for text in damage.texts], embedded, store.meta.version)


def _renew_full_text(store: Store) -> None:
    store.chunks.delete_orphans()
    store.full_text.rebuild()


def _distrust(store: Store, damaged: Sequence[DamagedText]) -> None:
    """Has the next update read these articles again."""
    for text in damaged:
        store.files.read_again(text.file)
        if text.misnamed:
            store.remove_article(text.id)
        store.articles.distrust(text.id)


def _drop_lost(store: Store, damage: Damage) -> None:
    """Deletes damaged vectors that only earlier versions used, and versions that cannot be returned to."""
    for path in damage.files:
        store.files.read_again(path)
    store.vectors.delete_without_chunk(damage.keys)
    store.versions.drop_lost(store.meta.version + 1, damage.spoilt)
