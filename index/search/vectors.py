"""The FAISS index of every chunk and sentence vector; its files are derived from the database.

Their names contain the snapshot they were built from, so a file of another version is never used, only replaced. Up to
`EXACT_UP_TO` vectors, search is exhaustive. Above, sketches of one bit per dimension (RaBitQ, Gao and Long 2024, arXiv
2405.12497) propose some thousands of vectors, which are compared exactly. Unlike the cells of IVF and the links of
HNSW, a sketch depends on its own vector alone, so an updated index finds the same as one built from scratch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.atomic_write import appearing

EXACT_UP_TO = 100_000
"""Maximum number of vectors for exhaustive search, which takes 6 ms; above, sketches are used."""

PROPOSED = 2048
"""Minimum number of vectors that the sketches propose: recall against exact search is in docs/measured.md."""

PROPOSED_FOR_EACH = 4
"""Number of vectors that they propose for each one requested, where that is more."""

_FETCHED_AT_ONCE = 1024
"""Number of chunks whose vectors are appended together."""

_AT_ONCE = 65_536
"""Number of rows that are copied or sketched together."""

FetchVectors = Callable[[NDArray[np.int64]], Iterable[NDArray[np.float16]]]


class VectorIndex:
    """Inner-product search over unit vectors in float16, grouped by chunk.

    `chunk_ids` ascend; chunk i owns the rows from `first_row[i]` (its own vector, then those of its sentences) up to,
    but not including, `first_row[i + 1]`.
    """

    def __init__(
        self,
        rows: faiss.Index,
        chunk_ids: NDArray[np.int64],
        vectors_per_chunk: NDArray[np.int64],
        sketches: faiss.Index | None = None,
    ) -> None:
        if rows.ntotal != vectors_per_chunk.sum():
            raise ValueError(f"{rows.ntotal} vectors, but the chunks own {vectors_per_chunk.sum()}")
        if sketches is not None and sketches.ntotal != rows.ntotal:
            raise ValueError(f"{rows.ntotal} vectors, but {sketches.ntotal} sketches")
        self._rows = rows
        self._chunk_ids = chunk_ids
        self._first_row = np.concatenate([[0], np.cumsum(vectors_per_chunk)]).astype(np.int64)
        self._sketches = sketches
        if sketches is None and rows.ntotal > EXACT_UP_TO:
            self._sketches = _sketched(rows, 0, _no_sketches(rows.d))

    @classmethod
    def from_vectors(
        cls,
        vectors: Iterable[NDArray[np.float16]],
        chunk_ids: NDArray[np.int64],
        vectors_per_chunk: NDArray[np.int64],
        dimension: int,
    ) -> VectorIndex:
        """Builds the index from the chunks' vectors, in the order of `chunk_ids`."""
        rows = _no_rows(dimension, room=int(vectors_per_chunk.sum()))
        _append(rows, vectors)
        return cls(rows, chunk_ids, vectors_per_chunk)

    def updated(
        self, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64], fetch: FetchVectors
    ) -> VectorIndex:
        """Returns the index of other chunks: those in both keep their rows, `fetch` returns the vectors of new ones.

        A chunk id must mean the same vectors in both, and new ids must be higher than the kept ones, else ValueError.
        """
        kept = np.isin(self._chunk_ids, chunk_ids)
        new = ~np.isin(chunk_ids, self._chunk_ids)
        if kept.any() and new.any() and chunk_ids[new][0] < self._chunk_ids[kept][-1]:
            raise ValueError("a new chunk has a lower id than one that stays")
        rows = _no_rows(self._rows.d, room=int(vectors_per_chunk.sum()))
        codes, stay = _codes(self._rows), np.repeat(kept, np.diff(self._first_row))
        for start in range(0, len(codes), _AT_ONCE):  # in batches: a copy of all would double the memory
            _append_codes(rows, codes[start : start + _AT_ONCE][stay[start : start + _AT_ONCE]])
        before, sketches = 0, None
        if kept.all() and self._sketches is not None:
            before, sketches = self._rows.ntotal, _copy(self._sketches)
        _append(rows, fetch(chunk_ids[new]))
        if sketches is not None:
            _sketched(rows, before, sketches)
        return VectorIndex(rows, chunk_ids, vectors_per_chunk, sketches)

    def save(self, path: Path) -> None:
        """Writes the files under temporary names, then renames them; the one at `path` last, which marks completion.

        A second file beside it contains the sketches, if there are any.
        """
        if self._sketches is not None:
            _write(self._sketches, _sketch_file(path))
        _write(self._rows, path)

    @classmethod
    def load(cls, path: Path, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64]) -> VectorIndex:
        """Opens saved files. Raises ValueError if they do not fit the chunks, RuntimeError if they are damaged.

        The vectors stay on disk (memory-mapped), so they may take more space than there is memory.
        """
        rows = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        sketches = faiss.read_index(str(_sketch_file(path))) if rows.ntotal > EXACT_UP_TO else None
        return cls(rows, chunk_ids, vectors_per_chunk, sketches)

    def __len__(self) -> int:
        return int(self._rows.ntotal)

    @property
    def dimension(self) -> int:
        """Dimension of the vectors."""
        return int(self._rows.d)

    @property
    def chunk_ids(self) -> NDArray[np.int64]:
        """Ids of the chunks that own the vectors, ascending."""
        return self._chunk_ids

    def nearest_chunks(
        self, question: NDArray[np.float32], *, rows: int, allowed: NDArray[np.int64] | None
    ) -> list[int]:
        """Returns the ids of the chunks that own the `rows` nearest vectors to the question, best first.

        Vectors that tie with the last of them are included, so that the storage order does not affect the result. With
        `allowed`, only those chunks are searched, and always exhaustively.
        """
        if not len(self):
            return []
        parameters = None if allowed is None else self._only(allowed)
        wanted = rows + 20
        while True:
            scores, found = self._search(question, min(wanted, len(self)), parameters)
            scores, found = scores[0][found[0] >= 0], found[0][found[0] >= 0]
            if len(found) < wanted or scores[-1] < scores[rows - 1]:
                break
            wanted *= 4
        found = found[scores >= scores[:rows][-1]] if len(found) else found
        owners = np.searchsorted(self._first_row, found, side="right") - 1
        return [int(self._chunk_ids[owner]) for owner in dict.fromkeys(owners)]

    def _search(
        self, question: NDArray[np.float32], wanted: int, parameters: faiss.SearchParameters | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        proposed = max(PROPOSED, PROPOSED_FOR_EACH * wanted)
        if self._sketches is None or parameters is not None or proposed > len(self) // 2:
            return self._rows.search(question[None, :], wanted, params=parameters)  # type: ignore[no-any-return]
        refined = faiss.IndexRefine(self._sketches, self._rows)
        refined.k_factor = proposed / wanted
        return refined.search(question[None, :], wanted)  # type: ignore[no-any-return]

    def _only(self, allowed: NDArray[np.int64]) -> faiss.SearchParameters:
        kept = np.repeat(np.isin(self._chunk_ids, allowed), np.diff(self._first_row))
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little")))

    def differing(self, vectors: Iterable[NDArray[np.float16]]) -> int:
        """Returns how many chunks have other vectors here than in `vectors`, which must be in the order of the chunks.

        Raises ValueError if `vectors` has more or fewer chunks.
        """
        codes, edges = _codes(self._rows), self._first_row.tolist()
        both = zip(vectors, edges[:-1], edges[1:], strict=True)
        return sum(array.tobytes() != codes[first:after].tobytes() for array, first, after in both)

    def cosines(
        self, question: NDArray[np.float32], chunk_ids: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Returns the cosines of the question with each chunk's vector and its sentences', concatenated.

        Also returns the position where each chunk's cosines begin, followed by the total number.
        """
        places = np.searchsorted(self._chunk_ids, np.asarray(chunk_ids, np.int64))
        first, counts = self._first_row[places], self._first_row[places + 1] - self._first_row[places]
        edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        codes = _codes(self._rows)[np.repeat(first - edges[:-1], counts) + np.arange(edges[-1])]
        # Not by FAISS, whose threads wait for each other on a busy machine (15 ms instead of 1). Not a matrix product,
        # in which the last bits of a row would depend on the rows around it.
        return np.einsum("ij,j->i", codes.view(np.float16).astype(np.float32), question), edges


def _no_rows(dimension: int, *, room: int) -> faiss.Index:
    """Returns an empty index with space for `room` rows. Without it, FAISS would hold each row twice while growing."""
    rows = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    rows.codes.resize(room * rows.code_size)
    return rows


def _append(rows: faiss.Index, vectors: Iterable[NDArray[np.float16]]) -> None:
    waiting: list[NDArray[np.float16]] = []
    for array in vectors:
        waiting.append(array)
        if len(waiting) == _FETCHED_AT_ONCE:
            _append_codes(rows, np.concatenate(waiting).view(np.uint8))
            waiting = []
    if waiting:
        _append_codes(rows, np.concatenate(waiting).view(np.uint8))


def _append_codes(rows: faiss.Index, codes: NDArray[np.uint8]) -> None:
    """Appends rows without any computation: FAISS stores float16 vectors as their bytes."""
    if len(codes):
        rows.add_sa_codes(np.ascontiguousarray(codes))


def _codes(rows: faiss.Index) -> NDArray[np.uint8]:
    """Returns the bytes of every row, without a copy: read from the file on access, and valid as long as `rows`."""
    if not rows.ntotal:
        return np.empty((0, rows.code_size), np.uint8)
    return np.asarray(faiss.rev_swig_ptr(rows.codes.data(), rows.codes.size())).reshape(rows.ntotal, rows.code_size)


def _no_sketches(dimension: int) -> faiss.Index:
    """Returns an empty index of sketches, "trained" so that its centre is zero whatever the articles, see above."""
    sketches = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
    sketches.train(np.concatenate([np.eye(dimension), -np.eye(dimension)]).astype(np.float32))
    return sketches


def _copy(index: faiss.Index) -> faiss.Index:
    """Copies an index, like `clone_index`, which does not support every type."""
    return faiss.deserialize_index(faiss.serialize_index(index))


def _sketched(rows: faiss.Index, first: int, sketches: faiss.Index) -> faiss.Index:
    """Adds the sketches of the rows from `first` on to `sketches`, and returns it."""
    for start in range(first, rows.ntotal, _AT_ONCE):
        sketches.add(rows.reconstruct_n(start, min(_AT_ONCE, rows.ntotal - start)))
    return sketches


def _sketch_file(path: Path) -> Path:
    return path.with_suffix(".sketches.faiss")


def _write(index: faiss.Index, path: Path) -> None:
    with appearing(path) as temporary:
        faiss.write_index(index, str(temporary))
