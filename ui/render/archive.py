"""Renders the archive as HTML: list of articles, progress and report of a change, versions. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from markupsafe import Markup

from index import Article
from index.plural import several
from index.storage.versions import Version
from index.updates.report import Progress, UpdateReport
from index.urls import is_address
from ui.archive.catalogue import AT_A_TIME, Page
from ui.render import evidence
from ui.render.markup import Highlights, found_spans, rendered

LISTED = 8
"""Number of files of one kind that a report shows; the rest is collapsed."""

_UNITS = {"reading": "file", "cutting": "article", "embedding": "passage"}


def articles(page: Page) -> Markup:
    """Returns one page of the list of articles."""
    last = page.start + len(page.lines)
    count = several(page.found, "article")
    part = f"{page.start + 1:,} to {last:,} of " if page.found != len(page.lines) else ""
    of = f", of {page.total:,} in the archive" if page.found < page.total else ""
    return rendered(
        "articles.html",
        page=page,
        count=f"{part}{count}{of}",
        newer=max(0, page.start - AT_A_TIME) if page.start else None,
        older=last if last < page.found else None,
    )


def article(shown: Article, words: str = "") -> Markup:
    """Returns one whole article, in which the `words` that were searched for are marked."""
    return rendered("opened.html", article=evidence.whole(shown, Highlights(found=found_spans(shown.text, words))))


def progress(said: Progress | None) -> Markup:
    """Returns the progress of a change; None stands for a change that reports none yet."""
    if said is None:
        return rendered("progress.html", text="waiting", total=0)
    text = f"{said.stage} {said.done:,} of {several(said.total, _UNITS[said.stage])}"
    return rendered("progress.html", text=text, label=text, total=max(said.total, 1), done=said.done)


def report(done: UpdateReport) -> Markup:
    """Returns what a change did, by file: first what failed and why."""
    kinds = {
        "failed": [(_name(failure.uri), f"failed: {failure.reason}") for failure in done.failed],
        "added": [(_name(uri), "added") for uri in done.added],
        "changed": [(_name(uri), "changed") for uri in done.changed],
        "unchanged": [(_name(uri), "unchanged") for uri in done.unchanged],
        "removed": [(_name(uri), "removed") for uri in done.removed],
        "moved": [(_name(move.new), f"moved, was {_name(move.old)}") for move in done.moved],
        "renamed": [
            (
                _name(move.old),
                f"is another article than the earlier {move.old}; both are kept, this one as {_name(move.new)}",
            )
            for move in done.renamed
        ],
    }
    counts = ", ".join(f"{len(rows)} {kind}" for kind, rows in kinds.items() if rows) or "nothing was to be done"
    return rendered("report.html", counts=counts, version=done.version, kinds=kinds, listed=LISTED)


def return_question(version: int, coming: UpdateReport) -> Markup:
    """Returns the question before an earlier version comes back: what would go, change, and come back."""
    kinds = {"go": coming.removed, "be as before": coming.changed, "come back": coming.added}
    rows = {what: [_name(uri) for uri in uris] for what, uris in kinds.items() if uris}
    return rendered("return_question.html", version=version, kinds=rows, listed=LISTED)


def versions(kept: Sequence[Version]) -> Markup:
    """Returns the versions of the archive, each earlier one with a button to return to it."""
    return rendered("versions.html", versions=kept)


def _name(uri: str) -> str:
    return uri if is_address(uri) else PurePosixPath(uri).name
