"""The data that one version is searched with, its vector index and its inverted index, and their files.

They are derived from the database, whenever they are missing or belong to another version.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.search.bm25 import Bm25
from index.search.postings import Postings
from index.search.vectors import VectorIndex
from index.storage.database.file_stamp import Stamp, same_file, stamp
from index.storage.store import Store


class Earlier(NamedTuple):
    """The vector index and the inverted index of the previous version; None where not available."""

    vectors: VectorIndex | None
    postings: Postings | None


BeforeUpdate = Callable[[], Earlier]
"""Returns the data of the version before an update."""


def no_earlier() -> Earlier:
    """The `BeforeUpdate` with which everything is derived from the database alone."""
    return Earlier(None, None)


@dataclass(slots=True)
class Searchable:
    """One version's vector index and inverted index, and the languages of its articles (ISO 639-1).

    `stamps` are those of the files of the indexes when they were opened.
    """

    snapshot: str
    vectors: VectorIndex
    postings: Postings
    bm25: Bm25
    languages: frozenset[str]
    stamps: dict[Path, Stamp]
    spoilt: bool = False

    def drop_if_spoilt(self) -> bool:
        """Returns whether one of the files has been overwritten or truncated, now or before; deletes such a file.

        The files are read on demand, so a changed one gives wrong numbers, and reading beyond the end of a truncated
        one ends the process. A file that was deleted, or replaced by another, can still be read through the open one.
        """
        for path, then in self.stamps.items():
            now = stamp(path)
            if now != then and same_file(now, then):
                self.spoilt = True
                with suppress(OSError):
                    path.unlink()
        return self.spoilt


class Derived:
    """Caches the search data of the version that was requested last."""

    def __init__(self) -> None:
        self._last: Searchable | None = None
        self._tidy = True

    def load(self, store: Store, before: BeforeUpdate = no_earlier) -> Searchable:
        """Returns the search data of the version that the current transaction of `store` sees.

        `before` returns those of the previous version, so that only changes are read from the database.
        """
        snapshot = store.meta.snapshot
        if self._last is None or self._last.drop_if_spoilt() or self._last.snapshot != snapshot:
            chunk_ids, counts = store.vectors.counts()
            making = _Making(store, chunk_ids, before, tidy=self._tidy)
            vectors, postings = making.vectors(counts), making.postings()
            bm25, languages = Bm25(chunk_ids, postings), store.articles.languages()
            self._last = Searchable(snapshot, vectors, postings, bm25, languages, making.stamps)
        return self._last

    def prepare(self, store: Store, before: BeforeUpdate) -> None:
        """Builds the search data of the version that a transaction of `store` is about to make, beside the current.

        So the new version can be searched at once. What cannot be built now is built when it is needed.
        """
        self._tidy = False
        with suppress(MemoryError, RuntimeError):
            self.load(store, before)

    def follow(self, store: Store, prepared: Derived, before: BeforeUpdate) -> None:
        """Adopts `prepared` if it is of the version that `store` sees, and deletes the files of other versions."""
        last = prepared._last
        if last is not None and last.snapshot == store.meta.snapshot and len(last.stamps) == len(_KINDS):
            self._last = last
            for kind in _KINDS:
                _remove_others(store.folder, kind, last.snapshot)
        self.load(store, before)

    def before_update(self, store: Store) -> BeforeUpdate:
        """Returns a function that, after an update, returns the present version's data; only then it reads files."""
        snapshot = store.meta.snapshot
        if (last := self._last) is not None and last.snapshot == snapshot:
            return lambda: no_earlier() if last.drop_if_spoilt() else Earlier(last.vectors, last.postings)
        chunk_ids, counts = store.vectors.counts()
        return lambda: Earlier(
            _saved(vector_file(store.folder, snapshot), lambda path: VectorIndex.load(path, chunk_ids, counts)),
            _saved(word_file(store.folder, snapshot), lambda path: Postings.load(path, chunk_ids)),
        )


def vector_file(folder: Path, snapshot: str) -> Path:
    """Returns the path of the vector file of a version."""
    return folder / f"vectors-{snapshot}.faiss"


def word_file(folder: Path, snapshot: str) -> Path:
    """Returns the path of the word file of a version; files without the "2" have unstemmed words (format 1)."""
    return folder / f"words-{snapshot}.2.safetensors"


Made = TypeVar("Made", VectorIndex, Postings)


class _Making:
    """Builds what is missing of one version, from the previous version if it is available.

    With `tidy`, the files of other versions are deleted first, to free disk space.
    """

    def __init__(self, store: Store, chunk_ids: NDArray[np.int64], before: BeforeUpdate, *, tidy: bool) -> None:
        self._tidy = tidy
        self._store = store
        self._chunk_ids = chunk_ids
        self._before = before
        self._earlier: Earlier | None = None
        self.stamps: dict[Path, Stamp] = {}

    def vectors(self, counts: NDArray[np.int64]) -> VectorIndex:
        dimension = self._store.meta.dimension

        def make() -> VectorIndex:
            earlier = self._of_before().vectors
            if earlier is not None and earlier.dimension == dimension:
                return earlier.updated(self._chunk_ids, counts, lambda ids: self._store.vectors.get(dimension, ids))
            return VectorIndex.from_vectors(self._store.vectors.get(dimension), self._chunk_ids, counts, dimension)

        path = vector_file(self._store.folder, self._store.meta.snapshot)
        return self._had(path, lambda path: VectorIndex.load(path, self._chunk_ids, counts), make)

    def postings(self) -> Postings:
        def make() -> Postings:
            earlier = self._of_before().postings
            if earlier is not None:
                return earlier.updated(self._chunk_ids, self._store.chunks.passages)
            return Postings.from_passages(self._chunk_ids, self._store.chunks.passages)

        path = word_file(self._store.folder, self._store.meta.snapshot)
        return self._had(path, lambda path: Postings.load(path, self._chunk_ids), make)

    def _of_before(self) -> Earlier:
        if self._earlier is None:
            self._earlier = self._before()
        return self._earlier

    def _had(self, path: Path, load: Callable[[Path], Made], make: Callable[[], Made]) -> Made:
        saved = self._opened(path, load)
        if saved is not None:
            return saved
        made = make()
        try:
            if self._tidy:
                _remove_others(path.parent, path.name.partition("-")[0], self._store.meta.snapshot)
            made.save(path)
        except (OSError, RuntimeError, MemoryError):  # FAISS raises RuntimeError on a full disk
            pass  # the index can be searched all the same, only opening it takes longer
        return self._opened(path, load) or made  # preferably the file, which takes no memory

    def _opened(self, path: Path, load: Callable[[Path], Made]) -> Made | None:
        found = stamp(path)
        saved = _saved(path, load)
        if saved is not None and found is not None:
            self.stamps[path] = found
        return saved


_KINDS = ("vectors", "words")


def _remove_others(folder: Path, kind: str, snapshot: str) -> None:
    """Deletes the files of a kind that belong to other versions, and incomplete temporary ones."""
    for file in folder.glob(f"{kind}-*"):
        if not file.name.startswith(f"{kind}-{snapshot}.") or file.suffix == ".tmp":
            with suppress(OSError):  # the file may be open (Windows), or the disk fail: the next update retries
                file.unlink(missing_ok=True)


def _saved(path: Path, load: Callable[[Path], Made]) -> Made | None:
    """Loads a file; None if it cannot be read now. A damaged file is deleted: it can be derived again."""
    if path.is_file():
        with suppress(OSError, MemoryError):  # neither means damage; deleting the file may raise the first
            try:
                return load(path)
            except (RuntimeError, ValueError):
                path.unlink(missing_ok=True)
    return None
