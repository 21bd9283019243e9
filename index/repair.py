"""Make everything that is derived anew where it is damaged: chunks, vectors and full text, from the articles' text.

The files of vectors and words follow by themselves, because a repair makes a new version. Text that is damaged cannot
be made from anything here: such articles stay as they are, are named, and are read again from their files by the next
update.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.embedding import Embedder
from index.pipeline import embed_staged
from index.report import ProgressCallback
from index.store import Store


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What was made anew, and what must be read again because its text is damaged: articles, by uri.

    `embedded` counts passages.
    """

    mended: list[str]
    read_again: list[str]
    embedded: int
    version: int


def repair(store: Store, load_embedder: Callable[[], Embedder], *, progress: ProgressCallback) -> RepairReport:
    """Mend what can be mended. The embedder is loaded only if there is something to embed."""
    with store.transaction():
        damage = store.damage()
        if damage.texts:  # what cannot be understood of them must go before they are read below
            store.renew_full_text()
            store.distrust(damage.texts)
    staging = store.staging()
    hashes = store.article_hashes()
    for article in store.articles(damage.articles):
        staging.add(article, hashes[article.uri][0])
    mended = sorted(staging.article(name).uri for name in staging.ids())
    embedded = embed_staged(store, staging, load_embedder(), progress, again=True) if mended else 0
    with store.transaction():
        store.renew_full_text()  # first, because what is taken out of it must be in it
        staging.replace_vectors()
        for revision in staging.revisions():
            store.put_revision(revision)
        store.distrust(damage.texts)  # again, because they were just given a hash
        store.drop_lost(damage)
        store.next_version("repair")
    return RepairReport(mended, [text.uri for text in damage.texts], embedded, store.version)
