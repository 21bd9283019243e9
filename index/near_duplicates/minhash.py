"""MinHash fingerprints of articles, and the candidates for near-duplicates among them.

MinHash is datasketch's (Broder 1997; Leskovec et al., Mining of Massive Datasets, 3.4). Its buckets for locality
sensitive hashing are kept in memory, so the bands are stored in the database instead, and matched with NumPy: an
update only looks for articles similar to those that changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.near_duplicates.similarity import is_long_enough, shingles

if TYPE_CHECKING:
    from datasketch import MinHash

BANDS, ROWS = 42, 3
"""Two texts of Jaccard similarity s share a band with probability 1 - (1 - s^3)^42: 0.94 at 0.4, 0.996 at 0.5."""

SHINGLES_AT_ONCE = 4096
"""Number of shingles of a long text that are hashed together: datasketch takes 1 kB for each."""

Bands = NDArray[np.uint32]


def fingerprint(text: str) -> Bands | None:
    """Returns the bands of a text's MinHash, (BANDS,); None for a text too short to be a duplicate."""
    if not is_long_enough(text):
        return None
    sketch = _start().copy()
    waiting = iter(sorted(shingles(text)))
    while some := list(islice(waiting, SHINGLES_AT_ONCE)):
        sketch.update_batch([shingle.encode() for shingle in some])
    rows = sketch.hashvalues.astype(np.uint32).reshape(BANDS, ROWS)
    return np.array([zlib.crc32(row.tobytes()) for row in rows], np.uint32)


@lru_cache(maxsize=1)
def _start() -> MinHash:
    # Imported on first use: it loads SciPy, which took half of every command's start-up time.
    from datasketch import MinHash

    # All parameters are explicit, so that no version of the library computes other fingerprints of the same text.
    return MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=zlib.crc32, scheme="affine32")


def buckets(bands: Bands, changed: Sequence[int]) -> Iterator[list[int]]:
    """Yields groups of two or more positions that share a band with one of `changed`; `bands` is (articles, BANDS)."""
    is_changed = np.zeros(len(bands), bool)
    is_changed[np.asarray(changed, np.int64)] = True
    for column in bands.T:
        wanted = np.flatnonzero(np.isin(column, column[is_changed]))
        order = wanted[np.argsort(column[wanted], kind="stable")]
        starts = np.flatnonzero(np.diff(column[order], prepend=column[order[:1]] + np.uint32(1)))
        sizes = np.diff(starts, append=len(order))
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            yield order[start : start + size].tolist()
