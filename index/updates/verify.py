"""Verifies the files beside the database.

    FAISS file  every vector against the database
    word file   every word of every passage against the database

The database itself is checked by `index.storage.integrity`. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.search.postings import FetchPassages, Postings
from index.search.vectors import VectorIndex


def vector_file_problems(
    path: Path,
    chunk_ids: NDArray[np.int64],
    counts: NDArray[np.int64],
    vectors: Iterable[NDArray[np.float16]],
    dimension: int,
) -> Iterator[str]:
    """Yields the problems of a FAISS file, against the vectors in the order of `chunk_ids`; none without a file."""
    if not path.is_file():
        return
    try:
        wrong = VectorIndex.load(path, chunk_ids, counts).differing(vectors)
    except (RuntimeError, ValueError):
        yield f"{path.name} cannot be read"
        return
    if wrong:
        yield f"{path.name} has wrong vectors of {wrong} chunks"


def word_file_problems(path: Path, chunk_ids: NDArray[np.int64], fetch: FetchPassages) -> Iterator[str]:
    """Yields the problems of a word file, against the passages; none without a file."""
    if not path.is_file():
        return
    try:
        found = Postings.load(path, chunk_ids)
    except (OSError, ValueError):
        yield f"{path.name} cannot be read"
        return
    if not found.same_as(Postings.from_passages(chunk_ids, fetch)):
        yield f"{path.name} has wrong words"
