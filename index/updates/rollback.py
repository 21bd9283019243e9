"""Returns to an earlier version by making a new one of it: nothing is lost, and the rollback can be undone."""

from __future__ import annotations

from index.errors import CannotRun, WrongUse
from index.storage.store import Store
from index.storage.versions import KEEP_VERSIONS, Version
from index.updates.report import UpdateReport


def rollback(store: Store, number: int | None = None) -> UpdateReport:
    """Restores the articles of version `number`, or without a number of the version before the current one.

    Files whose articles change are read again by the next update. Raises CannotRun if no earlier version is kept,
    WrongUse if this one is not.
    """
    report = UpdateReport()
    with store.transaction():
        target = _target(store, number)
        for article_id, version in store.versions.touched_since(target.number):
            _put_back(store, article_id, version, report)
        store.meta.put("embedder", target.embedder)
        store.meta.put("dimension", target.dimension)
        store.next_version(f"rollback to version {target.number}")
    for uris in (report.added, report.changed, report.removed):
        uris.sort()
    report.version = store.meta.version
    return report


def _put_back(store: Store, article_id: str, version: int, report: UpdateReport) -> None:
    then = store.versions.noted(version, article_id)
    now = store.revision(article_id)
    if then == now:
        return
    for revision in (then, now):
        if revision is not None:
            store.files.read_again(revision.article["file"])
    if then is not None:
        store.put_revision(then)
        (report.added if now is None else report.changed).append(then.article["uri"])
    elif now is not None:
        store.remove_article(article_id)
        report.removed.append(now.article["uri"])


def _target(store: Store, number: int | None) -> Version:
    current = store.meta.version
    earlier = [version for version in store.versions.kept() if version.number < current]
    if not earlier:
        raise CannotRun(
            f"The index in {store.folder} has no earlier version to return to. "
            f"From now on the last {KEEP_VERSIONS} are kept."
        )
    wanted = earlier[0].number if number is None else number
    for version in earlier:
        if version.number == wanted:
            return version
    kept = ", ".join(str(version.number) for version in earlier)
    raise WrongUse(f"Version {wanted} is not kept. Return to one of: {kept} (the index is at {current}).")
