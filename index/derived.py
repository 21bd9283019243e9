"""What is derived from one version and searched in: the files of its vectors and of its words.

The database has the truth; everything here is made from it when it is missing or belongs to another version.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Bm25
from index.postings import Postings
from index.stamps import Stamp, same_file, stamp
from index.store import Store
from index.vectors import VectorIndex


class Earlier(NamedTuple):
    """The vectors and words of the version before, as far as they can be had."""

    vectors: VectorIndex | None
    postings: Postings | None


BeforeUpdate = Callable[[], Earlier]
"""Gives those of the version before an update."""


def no_earlier() -> Earlier:
    """The `BeforeUpdate` of what is to be made from the database alone."""
    return Earlier(None, None)


@dataclass(slots=True)
class Searchable:
    """One version's vectors and words; `stamps` tell how their files were when they were opened."""

    snapshot: str
    vectors: VectorIndex
    postings: Postings
    bm25: Bm25
    stamps: dict[Path, Stamp]
    spoilt: bool = False

    def drop_if_spoilt(self) -> bool:
        """Whether somebody has written into one of the files, or cut it off, now or before; the file goes.

        They are read as they are looked at, so other numbers would be found in them, and reading where a file has no
        bytes any more ends the process. One that was removed, or whose name has gone to another, is still there to us.
        """
        for path, then in self.stamps.items():
            now = stamp(path)
            if now != then and same_file(now, then):
                self.spoilt = True
                with suppress(OSError):
                    path.unlink()
        return self.spoilt


class Derived:
    """Keeps what the version that was asked for last takes."""

    def __init__(self) -> None:
        self._last: Searchable | None = None
        self._tidy = True

    def load(self, store: Store, before: BeforeUpdate = no_earlier) -> Searchable:
        """Of the version that the current transaction of `store` sees.

        `before` gives what the version before took, so that only what has changed is taken from the database.
        """
        snapshot = store.snapshot
        if self._last is None or self._last.drop_if_spoilt() or self._last.snapshot != snapshot:
            chunk_ids, counts = store.vector_rows()
            making = _Making(store, chunk_ids, before, tidy=self._tidy)
            vectors, postings = making.vectors(counts), making.postings()
            self._last = Searchable(snapshot, vectors, postings, Bm25(chunk_ids, postings), making.stamps)
        return self._last

    def prepare(self, store: Store, before: BeforeUpdate) -> None:
        """Make what the version takes that a transaction of `store` is about to bring, beside that of today.

        So the new version is searched as soon as it is there. What cannot be made now is made when it is asked for.
        """
        self._tidy = False
        with suppress(MemoryError, RuntimeError):
            self.load(store, before)

    def follow(self, store: Store, prepared: Derived, before: BeforeUpdate) -> None:
        """Go on with what was prepared, if it is of the version that `store` sees; the files of others go."""
        last = prepared._last
        if last is not None and last.snapshot == store.snapshot and len(last.stamps) == len(_KINDS):
            self._last = last
            for kind in _KINDS:
                _remove_others(store.folder, kind, last.snapshot)
        self.load(store, before)

    def before_update(self, store: Store) -> BeforeUpdate:
        """What gives today's version's when the next one is there; files are read only then."""
        snapshot = store.snapshot
        if (last := self._last) is not None and last.snapshot == snapshot:
            return lambda: no_earlier() if last.drop_if_spoilt() else Earlier(last.vectors, last.postings)
        chunk_ids, counts = store.vector_rows()
        return lambda: Earlier(
            _saved(vector_file(store.folder, snapshot), lambda path: VectorIndex.load(path, chunk_ids, counts)),
            _saved(word_file(store.folder, snapshot), lambda path: Postings.load(path, chunk_ids)),
        )


def vector_file(folder: Path, snapshot: str) -> Path:
    """Where the vectors of a version lie."""
    return folder / f"vectors-{snapshot}.faiss"


def word_file(folder: Path, snapshot: str) -> Path:
    """Where the words of a version lie."""
    return folder / f"words-{snapshot}.safetensors"


Made = TypeVar("Made", VectorIndex, Postings)


class _Making:
    """Makes what is missing of one version, from the version before where there is one.

    With `tidy` the files of other versions go before, which makes room.
    """

    def __init__(self, store: Store, chunk_ids: NDArray[np.int64], before: BeforeUpdate, *, tidy: bool) -> None:
        self._tidy = tidy
        self._store = store
        self._chunk_ids = chunk_ids
        self._before = before
        self._earlier: Earlier | None = None
        self.stamps: dict[Path, Stamp] = {}

    def vectors(self, counts: NDArray[np.int64]) -> VectorIndex:
        dimension = int(self._store.meta("dimension") or 0)

        def make() -> VectorIndex:
            earlier = self._of_before().vectors
            if earlier is not None and earlier.dimension == dimension:
                return earlier.updated(self._chunk_ids, counts, lambda ids: self._store.vectors(dimension, ids))
            return VectorIndex.from_vectors(self._store.vectors(dimension), self._chunk_ids, counts, dimension)

        path = vector_file(self._store.folder, self._store.snapshot)
        return self._had(path, lambda path: VectorIndex.load(path, self._chunk_ids, counts), make)

    def postings(self) -> Postings:
        def make() -> Postings:
            earlier = self._of_before().postings
            if earlier is not None:
                return earlier.updated(self._chunk_ids, self._store.passages)
            return Postings.from_passages(self._chunk_ids, self._store.passages)

        path = word_file(self._store.folder, self._store.snapshot)
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
                _remove_others(path.parent, path.name.partition("-")[0], self._store.snapshot)
            made.save(path)
        except (OSError, RuntimeError, MemoryError):  # the second is what FAISS says of a full disk
            pass  # such a folder can be searched all the same, it only opens more slowly
        return self._opened(path, load) or made  # from the file, which takes no memory

    def _opened(self, path: Path, load: Callable[[Path], Made]) -> Made | None:
        found = stamp(path)
        saved = _saved(path, load)
        if saved is not None and found is not None:
            self.stamps[path] = found
        return saved


_KINDS = ("vectors", "words")


def _remove_others(folder: Path, kind: str, snapshot: str) -> None:
    """Remove the files of a kind that are of other versions, and what was left half written."""
    for file in folder.glob(f"{kind}-*"):
        if not file.name.startswith(f"{kind}-{snapshot}.") or file.suffix == ".tmp":
            with suppress(OSError):  # it may be open, on Windows, or the disk may fail: the next update gets it
                file.unlink(missing_ok=True)


def _saved(path: Path, load: Callable[[Path], Made]) -> Made | None:
    """What a file holds; None if it cannot be read now. A damaged one goes: the database has the truth."""
    if path.is_file():
        with suppress(OSError, MemoryError):  # which say nothing about the file, and of which removing it is one
            try:
                return load(path)
            except (RuntimeError, ValueError):
                path.unlink(missing_ok=True)
    return None
