"""Returns to an earlier version by making a new one of it: nothing is lost, and the rollback can be undone."""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import CannotRun, WrongUse
from index.storage.revisions import Revision
from index.storage.store import Store
from index.storage.versions import KEEP_VERSIONS, Version
from index.updates.report import UpdateReport


def rollback(store: Store, number: int | None = None) -> UpdateReport:
    """Restores the articles of version `number`, or without a number of the version before the current one.

    Files whose articles change are read again by the next update. Raises CannotRun if no earlier version is kept,
    WrongUse if this one is not.
    """
    with store.transaction():
        target = _target(store, number)
        report = UpdateReport()
        for then, now in _differing(store, target):
            _put_back(store, then, now)
            _report(report, then, now)
        store.meta.put("embedder", target.embedder)
        store.meta.put("dimension", target.dimension)
        store.next_version(f"rollback to version {target.number}")
    return _sorted(report, store.meta.version)


def preview(store: Store, number: int) -> UpdateReport:
    """Returns the report of a rollback to version `number` without doing it. Raises CannotRun and WrongUse like it."""
    report = UpdateReport()
    for then, now in _differing(store, _target(store, number)):
        _report(report, then, now)
    return _sorted(report, store.meta.version)


_Change = tuple[Revision | None, Revision | None]


def _differing(store: Store, target: Version) -> Iterator[_Change]:
    """Yields the articles that are not as they were in version `target`: as they were then, and as they are now."""
    for article_id, version in store.versions.touched_since(target.number):
        then, now = store.versions.noted(version, article_id), store.revision(article_id)
        if then != now:
            yield then, now


def _put_back(store: Store, then: Revision | None, now: Revision | None) -> None:
    for revision in (then, now):
        if revision is not None:
            store.files.read_again(revision.article["file"])
    if then is not None:
        store.put_revision(then)
    elif now is not None:
        store.remove_article(now.article["id"])


def _report(report: UpdateReport, then: Revision | None, now: Revision | None) -> None:
    if then is not None:
        (report.added if now is None else report.changed).append(then.article["uri"])
    elif now is not None:
        report.removed.append(now.article["uri"])


def _sorted(report: UpdateReport, version: int) -> UpdateReport:
    for uris in (report.added, report.changed, report.removed):
        uris.sort()
    report.version = version
    return report


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
