"""What is derived from one version and searched in: the vectors' files, and BM25 in memory.

The database has the truth; everything here is made from it when it is missing or belongs to another version.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Bm25
from index.store import Store
from index.vectors import VectorIndex

BeforeUpdate = Callable[[], VectorIndex | None]
"""Gives the vectors of the version before, if they can be had."""


class Searchable(NamedTuple):
    """One version's vectors and BM25."""

    snapshot: str
    vectors: VectorIndex
    bm25: Bm25


class Derived:
    """Keeps what the version that was asked for last takes."""

    def __init__(self) -> None:
        self._last: Searchable | None = None

    def load(self, store: Store, before: BeforeUpdate | None = None) -> Searchable:
        """Of the version that the current transaction of `store` sees.

        `before` gives the vectors of the version before, so that only what has changed is taken from the database.
        """
        snapshot = store.snapshot
        if self._last is None or self._last.snapshot != snapshot:
            vectors = _vectors_of(store, snapshot, before)
            self._last = Searchable(snapshot, vectors, Bm25(vectors.chunk_ids))
        return self._last

    def before_update(self, store: Store) -> BeforeUpdate:
        """What gives the vectors of today's version when the next one is there; they are read only then."""
        snapshot = store.snapshot
        if self._last is not None and self._last.snapshot == snapshot:
            vectors = self._last.vectors
            return lambda: vectors
        rows = store.vector_rows()
        return lambda: _saved(vector_file(store.folder, snapshot), *rows)


def vector_file(folder: Path, snapshot: str) -> Path:
    """Where the vectors of a version lie."""
    return folder / f"vectors-{snapshot}.faiss"


def _vectors_of(store: Store, snapshot: str, before: BeforeUpdate | None) -> VectorIndex:
    chunk_ids, counts = store.vector_rows()
    path = vector_file(store.folder, snapshot)
    saved = _saved(path, chunk_ids, counts)
    if saved is not None:
        return saved
    dimension = int(store.meta("dimension") or 0)
    earlier = before() if before is not None else None
    if earlier is not None and earlier.dimension == dimension:
        vectors = earlier.updated(chunk_ids, counts, lambda ids: store.vectors(dimension, ids))
    else:
        vectors = VectorIndex.from_vectors(store.vectors(dimension), chunk_ids, counts, dimension)
    try:
        for old in store.folder.glob("vectors-*"):  # what was left half written, too
            with suppress(PermissionError):  # of a file that is open, on Windows; the next update gets it
                old.unlink(missing_ok=True)
        vectors.save(path)
    except (OSError, RuntimeError):  # the latter is what FAISS says of a full disk
        pass  # such a folder can be searched all the same, it only opens more slowly
    return _saved(path, chunk_ids, counts) or vectors  # from the file, which takes no memory


def _saved(path: Path, chunk_ids: NDArray[np.int64], counts: NDArray[np.int64]) -> VectorIndex | None:
    """The vectors in a file; None if it is not there. A damaged one goes: the database has the truth."""
    if path.is_file():
        try:
            return VectorIndex.load(path, chunk_ids, counts)
        except (RuntimeError, ValueError):
            path.unlink(missing_ok=True)
    return None
