"""The FAISS file: every chunk and sentence vector, for search; derived from the database, never the truth.

Its name carries the snapshot it was made from, so a file of another version is never used, only replaced.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """Exact inner-product search over unit vectors stored in 16 bits, grouped by chunk.

    `chunk_ids` ascend; chunk i owns the rows `first_row[i]` (itself) to `first_row[i + 1]` (its sentences).
    """

    def __init__(self, rows: faiss.Index, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64]) -> None:
        if rows.ntotal != vectors_per_chunk.sum():
            raise ValueError(f"{rows.ntotal} vectors, but the chunks own {vectors_per_chunk.sum()}")
        self._rows = rows
        self._chunk_ids = chunk_ids
        self._first_row = np.concatenate([[0], np.cumsum(vectors_per_chunk)]).astype(np.int64)

    @classmethod
    def from_vectors(
        cls,
        vectors: Iterable[NDArray[np.float16]],
        chunk_ids: NDArray[np.int64],
        vectors_per_chunk: NDArray[np.int64],
        dimension: int,
    ) -> VectorIndex:
        """Build from the chunks' vectors, in the order of `chunk_ids`."""
        rows = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        waiting: list[NDArray[np.float16]] = []
        for array in vectors:
            waiting.append(array)
            if len(waiting) == 1024:
                rows.add(np.concatenate(waiting).astype(np.float32))
                waiting = []
        if waiting:
            rows.add(np.concatenate(waiting).astype(np.float32))
        return cls(rows, chunk_ids, vectors_per_chunk)

    def save(self, path: Path) -> None:
        """Write the file under a temporary name, then rename it: it is there whole or not at all."""
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        faiss.write_index(self._rows, str(temporary))
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64]) -> VectorIndex:
        """Read a saved file. ValueError if it does not hold what the chunks own; RuntimeError if it is damaged."""
        return cls(faiss.read_index(str(path)), chunk_ids, vectors_per_chunk)

    def __len__(self) -> int:
        return int(self._rows.ntotal)

    def nearest_chunks(self, question: NDArray[np.float32], *, rows: int, allowed: Collection[int] | None) -> list[int]:
        """Ids of the chunks that own the `rows` best vectors for the question, best first.

        Vectors as good as the last of them come along: which of them were stored first must not matter.
        """
        if not len(self):
            return []
        parameters = None
        if allowed is not None:
            mask = np.isin(self._chunk_ids, np.fromiter(allowed, np.int64, len(allowed)))
            kept = np.repeat(mask, np.diff(self._first_row))
            bits = np.packbits(kept, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        wanted = rows + 20
        while True:
            scores, found = self._rows.search(question[None, :], min(wanted, len(self)), params=parameters)
            scores, found = scores[0][found[0] >= 0], found[0][found[0] >= 0]
            if len(found) < wanted or scores[-1] < scores[rows - 1]:
                break
            wanted *= 4
        found = found[scores >= scores[:rows][-1]] if len(found) else found
        owners = np.searchsorted(self._first_row, found, side="right") - 1
        return [int(self._chunk_ids[owner]) for owner in dict.fromkeys(owners)]

    def cosines(self, question: NDArray[np.float32], chunk_id: int) -> NDArray[np.float32]:
        """Cosine of the question with the chunk's vector, then with each of its sentences' vectors."""
        position = int(np.searchsorted(self._chunk_ids, chunk_id))
        first, after = self._first_row[position : position + 2]
        vectors = self._rows.reconstruct_n(int(first), int(after - first))
        return np.asarray(vectors @ question, dtype=np.float32)
