"""Compares sources with the index: articles are added, changed, unchanged, moved, gone or failed.

Nothing is written to the index here; articles that are to be written wait in the `Staging`.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from index.article import article_id
from index.errors import UnreadableFile
from index.formats.documents.document import Remark, Skipped, kind_of
from index.sources.sources import Source, content_of, has_columns
from index.storage.read_files import RowFailures
from index.storage.staging import Staging
from index.storage.store import Store
from index.updates.report import Move, Partly, UpdateReport
from index.urls import is_address

TICK = 100
"""Number of articles of one source between two progress reports."""


class Changes:
    """Collects the differences source by source; `settle` then distinguishes moved articles from gone ones."""

    def __init__(
        self,
        store: Store,
        staging: Staging,
        report: UpdateReport,
        *,
        tick: Callable[[int], None] = lambda _: None,
        staged: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`tick` is called with the number of articles read so far, `staged` with the id of each staged article."""
        self._store = store
        self._tick = tick
        self._staged = staged
        self._staging = staging
        self._report = report
        self._known_files = store.files.fingerprints()
        self._mapped = {name: known for name, known in sorted(self._known_files.items()) if has_columns(known)}
        self._known_failures = store.files.failures()
        self._known = store.articles.hashes()
        self._of_file: dict[str, list[str]] = defaultdict(list)
        for uri, (file, _) in sorted(self._known.items()):
            self._of_file[file].append(uri)
        self._present: set[str] = set()
        self._added: dict[str, str] = {}
        self._vanished: list[str] = []
        self._partly: list[Partly] = []
        self.removed: list[str] = []
        """Uris of the articles to be removed from the index."""
        self.files: dict[str, str | None] = {}
        """Fingerprints to be stored by source name; None if the source is to be read again next time."""
        self.forgotten: list[str] = []
        """Names of the sources that no longer exist."""
        self.failures: dict[str, RowFailures] = {}
        """Failures to be stored with the fingerprints."""
        self.articles = 0
        """Number of articles read so far."""

    def read(self, source: Source) -> None:
        """Sorts one source's articles into added, changed and unchanged, and those no longer in it into vanished."""
        file = source.name
        self._present.add(file)
        owned = self._of_file.get(file, [])
        before = ""
        try:
            source, before = self._remembered(source)
            if self._known_files.get(file) == before:
                self.articles += len(owned)
                self._say_again(file, owned)
                return
            found, failures = self._read_changed(source)
            if source.fingerprint() != before:
                changed = UnreadableFile(file, "changed while it was read; update again when it is whole")
                found, failures = {}, [failure for failure in failures if failure.uri == file] or [changed]
                self._staging.drop_file(file)
        except OSError as error:
            found, failures = {}, [UnreadableFile.of_system(file, error)]
            self._staging.drop_file(file)
        for uri, sha256 in found.items():
            self._sort(uri, sha256)
        self._report.partly += [one for one in self._partly if one.uri in found]
        self._partly.clear()
        if failures:
            self._report.failed += failures
            self._note_failures(file, before, found, failures)
            return
        self.files[file] = before
        self._vanished += [uri for uri in owned if uri not in found]

    def _remembered(self, source: Source) -> tuple[Source, str]:
        """Returns the source with the columns known from before, and its fingerprint; a new file may be a renamed one.

        Otherwise a renamed table with unusual columns would have to be mapped again, and until then `prune` would
        treat its articles as gone.
        """
        known = self._known_files.get(source.name)
        if known is not None:
            source = source.remembering(known)
            return source, source.fingerprint()
        before = source.fingerprint()
        for earlier in self._tables_like(source.name, before):
            renamed = source.remembering(earlier)
            if renamed is not source and renamed.fits():
                return renamed, renamed.fingerprint()
        return source, before

    def _tables_like(self, file: str, fingerprint: str) -> Iterator[str]:
        """Yields fingerprints with columns: of the same content first, then of vanished tables in the same format."""
        yield from (known for known in self._mapped.values() if content_of(known) == content_of(fingerprint))
        kind = kind_of(file)
        yield from (known for name, known in self._mapped.items() if kind_of(name) == kind and _is_gone(name))

    def settle(self, places: Sequence[Path | str], *, prune: bool) -> None:
        """Finds moved articles after the last source; the others that are gone are removed with `prune`, else kept.

        A file is gone if it was under `places` and no longer exists; an address never is. Articles that are missing
        from an existing source are removed in any case.
        """
        roots = [os.path.abspath(place) for place in places if not is_address(place)]  # as in `find_files`
        files = [f for f in sorted({*self._of_file, *self._known_files} - self._present) if _is_gone_under(f, roots)]
        gone = [uri for file in files for uri in self._of_file.get(file, ())]
        moved = self._find_moves(gone)
        self._vanished = [uri for uri in self._vanished if uri not in moved]
        gone = [uri for uri in gone if uri not in moved]
        if prune:
            self.forgotten += files
        else:
            self._report.gone += gone
        self._report.removed += sorted(self._vanished + (gone if prune else []))
        self.removed = [*self._report.removed, *moved]

    def _say_again(self, file: str, owned: Sequence[str]) -> None:
        """Reports a file that has not changed: its articles as unchanged, its failed rows as failed again."""
        failures = self._known_failures.get(file, RowFailures([], []))
        kept = set(failures.kept)
        self._report.unchanged += [uri for uri in owned if uri not in kept]
        self._report.failed += [UnreadableFile(uri, reason, table=file) for uri, reason in failures.rows]

    def _note_failures(
        self, file: str, fingerprint: str, found: Mapping[str, str], failures: Sequence[UnreadableFile]
    ) -> None:
        """Has the file read again next time, unless only rows of it failed.

        Their failures are stored with the fingerprint, and are valid as long as the file is unchanged. Otherwise
        thousands of good rows would be read and cleaned again in every update because of a bad one.
        """
        if file in self._known_files:
            self.files[file] = None
        if found and all(failure.table == file for failure in failures):
            self.files[file] = fingerprint
            rows = [(failure.uri, failure.reason) for failure in failures]
            self.failures[file] = RowFailures(rows, [uri for uri in self._of_file.get(file, ()) if uri not in found])

    def _read_changed(self, source: Source) -> tuple[dict[str, str], list[UnreadableFile]]:
        """Stages a source's new and changed articles; returns all its articles' hashes by uri, and the failures."""
        found: dict[str, str] = {}
        failures: list[UnreadableFile] = []
        for outcome in source.drafts():
            if isinstance(outcome, UnreadableFile):
                failures.append(outcome)
                continue
            if isinstance(outcome, Remark):
                self._report.remarks.append(outcome.text)
                continue
            if isinstance(outcome, Skipped):
                self._report.passed_over[outcome.kind] = self._report.passed_over.get(outcome.kind, 0) + outcome.count
                continue
            article = outcome.article()
            self.articles += 1
            if self.articles % TICK == 0:
                self._tick(self.articles)
            self._report.left_out += outcome.left_out()
            if missing := outcome.missing():
                self._partly.append(Partly(article.uri, missing))
            found[article.uri] = article.sha256
            if self._known.get(article.uri, ("", ""))[1] != found[article.uri]:
                self._staging.add(article, source.name)
                self._staged(article.id)
        return found, failures

    def _sort(self, uri: str, sha256: str) -> None:
        known = self._known.get(uri)
        if known is None:
            self._report.added.append(uri)
            self._added[uri] = sha256
        else:
            (self._report.unchanged if known[1] == sha256 else self._report.changed).append(uri)

    def _find_moves(self, gone: Sequence[str]) -> set[str]:
        """Pairs added articles with vanished ones of the same content, whatever their file; returns the old uris."""
        wanted = set(self._added.values())
        candidates: dict[str, list[str]] = defaultdict(list)
        went = {*self._vanished, *gone}
        for uri, (file, sha256) in sorted(self._known.items(), reverse=True):
            if sha256 in wanted and (uri in went or (file not in self._present and _is_gone(file))):
                candidates[sha256].append(uri)
        moves = [Move(candidates[sha].pop(), uri) for uri, sha in sorted(self._added.items()) if candidates[sha]]
        new = {move.new for move in moves}
        self._report.added = [uri for uri in self._report.added if uri not in new]
        for move in moves:
            old = self._store.revision(article_id(move.old))
            assert old is not None, f"{move.old} was listed by the database"
            self._staging.copy_chunks(article_id(move.new), old)
            file = self._known[move.old][0]
            if file not in self._present:
                self.forgotten.append(file)
        self._report.moved += moves
        return {move.old for move in moves}


def _is_gone_under(file: str, roots: Sequence[str]) -> bool:
    return any(Path(file).is_relative_to(root) for root in roots) and _is_gone(file)


def _is_gone(file: str) -> bool:
    """Returns whether the file does not exist; one that is merely inaccessible, or an address, is not gone."""
    if not os.path.isabs(file):  # an address
        return False
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
