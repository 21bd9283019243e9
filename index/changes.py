"""What the files hold against what the index holds: every article is added, changed, unchanged, moved, gone or failed.

Nothing is written to the index here; what is to be written waits in the `Staging`.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from index.article import Article, article_id
from index.errors import UnreadableFile
from index.reading import stream_file
from index.report import Move, UpdateReport
from index.staging import Staging
from index.store import RowFailures, Store

READER_VERSION = "1"
"""Part of every file's recorded hash: raise it when reading or cleaning changes, and files are read again."""

TICK = 100
"""Articles of one file between two signs of progress."""


class Changes:
    """Collects the differences file by file; `settle` then tells what moved from what is gone."""

    def __init__(
        self, store: Store, staging: Staging, report: UpdateReport, *, tick: Callable[[int], None] = lambda _: None
    ) -> None:
        """While a long file is read, `tick` is told the number of articles every now and then."""
        self._store = store
        self._tick = tick
        self._staging = staging
        self._report = report
        self._known_files = store.file_hashes()
        self._known_failures = store.file_failures()
        self._known = store.article_hashes()
        self._of_file: dict[str, list[str]] = defaultdict(list)
        for uri, (file, _) in sorted(self._known.items()):
            self._of_file[file].append(uri)
        self._present: set[str] = set()
        self._added: dict[str, str] = {}
        self._vanished: list[str] = []
        self.removed: list[str] = []
        """Uris to be taken out of the index."""
        self.files: dict[str, str | None] = {}
        """Hashes to be remembered by file; None to be forgotten, so that the file is read again next time."""
        self.failures: dict[str, RowFailures] = {}
        """Failures to be remembered with them."""
        self.articles = 0
        """Articles read so far."""

    def read(self, path: Path) -> None:
        """Sort one file's articles into added, changed and unchanged, and those gone from it into vanished."""
        file = str(path)
        self._present.add(file)
        owned = self._of_file.get(file, [])
        before = ""
        try:
            before = _fingerprint(path)
            if self._known_files.get(file) == before:
                self.articles += len(owned)
                self._say_again(file, owned)
                return
            found, failures = self._read_changed(path)
            if _fingerprint(path) != before:
                found, failures = {}, [UnreadableFile(file, "changed while it was read; update again")]
                self._staging.drop_file(file)
        except OSError as error:
            found, failures = {}, [UnreadableFile(file, f"cannot be read: {error.strerror}")]
            self._staging.drop_file(file)
        for uri, sha256 in found.items():
            self._sort(uri, sha256)
        if failures:
            self._report.failed += failures
            self._note_failures(file, before, found, failures)
            return
        self.files[file] = before
        self._vanished += [uri for uri in owned if uri not in found]

    def settle(self, paths: Sequence[Path], *, prune: bool) -> None:
        """After the last file: tell what moved; the rest of what is gone is removed with `prune`, and kept without.

        A file is gone if it lay under `paths` and is not there any more. What a file that is there holds no longer
        is removed in any case.
        """
        roots = [os.path.abspath(path) for path in paths]  # as in `find_files`
        files = [f for f in sorted({*self._of_file, *self._known_files} - self._present) if _is_gone_under(f, roots)]
        gone = [uri for file in files for uri in self._of_file.get(file, ())]
        moved = self._find_moves(gone)
        self._vanished = [uri for uri in self._vanished if uri not in moved]
        gone = [uri for uri in gone if uri not in moved]
        if prune:
            self.files |= dict.fromkeys(files)
        else:
            self._report.gone += gone
        self._report.removed += sorted(self._vanished + (gone if prune else []))
        self.removed = [*self._report.removed, *moved]

    def _say_again(self, file: str, owned: Sequence[str]) -> None:
        """Report a file that has not changed: its rows that failed fail again."""
        failures = self._known_failures.get(file, RowFailures([], []))
        kept = set(failures.kept)
        self._report.unchanged += [uri for uri in owned if uri not in kept]
        self._report.failed += [UnreadableFile(uri, reason) for uri, reason in failures.rows]

    def _note_failures(
        self, file: str, fingerprint: str, found: Mapping[str, str], failures: Sequence[UnreadableFile]
    ) -> None:
        """Have the file read again next time; but rows that fail do so as long as the file is the same.

        Else thousands of good rows would be read and cleaned anew each time for one bad one.
        """
        if file in self._known_files:
            self.files[file] = None
        if found and all(failure.uri.startswith(f"{file}:") for failure in failures):
            self.files[file] = fingerprint
            rows = [(failure.uri, failure.reason) for failure in failures]
            self.failures[file] = RowFailures(rows, [uri for uri in self._of_file.get(file, ()) if uri not in found])

    def _read_changed(self, path: Path) -> tuple[dict[str, str], list[UnreadableFile]]:
        """Stage what is new in a file; all its articles' hashes by uri, and what failed of it."""
        found: dict[str, str] = {}
        failures: list[UnreadableFile] = []
        for outcome in stream_file(path):
            if isinstance(outcome, Article):
                self.articles += 1
                if self.articles % TICK == 0:
                    self._tick(self.articles)
                found[outcome.uri] = outcome.sha256
                if self._known.get(outcome.uri, ("", ""))[1] != found[outcome.uri]:
                    self._staging.add(outcome, str(path))
            else:
                failures.append(outcome)
        return found, failures

    def _sort(self, uri: str, sha256: str) -> None:
        known = self._known.get(uri)
        if known is None:
            self._report.added.append(uri)
            self._added[uri] = sha256
        else:
            (self._report.unchanged if known[1] == sha256 else self._report.changed).append(uri)

    def _find_moves(self, gone: Sequence[str]) -> set[str]:
        """Pair what was added with what went and said the same, wherever that was; the old uris of all pairs."""
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
                self.files[file] = None
        self._report.moved += moves
        return {move.old for move in moves}


def _is_gone_under(file: str, roots: Sequence[str]) -> bool:
    return any(Path(file).is_relative_to(root) for root in roots) and _is_gone(file)


def _is_gone(file: str) -> bool:
    """Whether there is no such file; one that merely cannot be reached, or is none, is not gone."""
    if "://" in file:
        return False
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return f"{READER_VERSION}:{hashlib.file_digest(file, 'sha256').hexdigest()}"
