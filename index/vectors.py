"""The FAISS files: every chunk and sentence vector, for search; derived from the database, never the truth.

Their names carry the snapshot they were made from, so a file of another version is never used, only replaced. Up to
`EXACT_UP_TO` vectors every one is compared with the question. Above, a sketch of one bit a dimension (RaBitQ, Gao and
Long 2024, arXiv 2405.12497) proposes some thousands and the vectors themselves decide: a sketch depends on its vector
alone, not on the others, as the cells of IVF and the links of HNSW do, so an updated index finds what one built from
scratch finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.saving import appearing

EXACT_UP_TO = 100_000
"""Vectors that are compared one by one in 6 ms; more are sketched."""

PROPOSED = 2048
"""Vectors that the sketches propose, at least: recall against exact search is in docs/decisions.md."""

PROPOSED_FOR_EACH = 4
"""Vectors that they propose for each that is wanted, where that is more."""

_FETCHED_AT_ONCE = 1024
"""Chunks."""

_AT_ONCE = 65_536
"""Rows."""

FetchVectors = Callable[[NDArray[np.int64]], Iterable[NDArray[np.float16]]]


class VectorIndex:
    """Inner-product search over unit vectors stored in 16 bits, grouped by chunk.

    `chunk_ids` ascend; chunk i owns the rows `first_row[i]` (itself) to `first_row[i + 1]` (its sentences).
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
        """Build from the chunks' vectors, in the order of `chunk_ids`."""
        rows = _no_rows(dimension, room=int(vectors_per_chunk.sum()))
        _append(rows, vectors)
        return cls(rows, chunk_ids, vectors_per_chunk)

    def updated(
        self, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64], fetch: FetchVectors
    ) -> VectorIndex:
        """The index of other chunks: those that both have keep their rows, `fetch` gives the vectors of the others.

        A chunk id must mean the same vectors in both, and new ids must be higher than those that stay.
        """
        kept = np.isin(self._chunk_ids, chunk_ids)
        new = ~np.isin(chunk_ids, self._chunk_ids)
        if kept.any() and new.any() and chunk_ids[new][0] < self._chunk_ids[kept][-1]:
            raise ValueError("a new chunk has a lower id than one that stays")
        rows = _no_rows(self._rows.d, room=int(vectors_per_chunk.sum()))
        codes, stay = _codes(self._rows), np.repeat(kept, np.diff(self._first_row))
        for start in range(0, len(codes), _AT_ONCE):  # not whole, which would be a second copy of all
            _append_codes(rows, codes[start : start + _AT_ONCE][stay[start : start + _AT_ONCE]])
        before, sketches = 0, None
        if kept.all() and self._sketches is not None:
            before, sketches = self._rows.ntotal, _copy(self._sketches)
        _append(rows, fetch(chunk_ids[new]))
        if sketches is not None:
            _sketched(rows, before, sketches)
        return VectorIndex(rows, chunk_ids, vectors_per_chunk, sketches)

    def save(self, path: Path) -> None:
        """Write the files under temporary names, then rename them: the one at `path`, renamed last, says all is there.

        A second file beside it holds the sketches, if there are any.
        """
        if self._sketches is not None:
            _write(self._sketches, _sketch_file(path))
        _write(self._rows, path)

    @classmethod
    def load(cls, path: Path, chunk_ids: NDArray[np.int64], vectors_per_chunk: NDArray[np.int64]) -> VectorIndex:
        """Open saved files. ValueError if they do not hold what the chunks own; RuntimeError if they are damaged.

        The vectors stay on disk and are read as they are compared, so there may be more of them than memory.
        """
        rows = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        sketches = faiss.read_index(str(_sketch_file(path))) if rows.ntotal > EXACT_UP_TO else None
        return cls(rows, chunk_ids, vectors_per_chunk, sketches)

    def __len__(self) -> int:
        return int(self._rows.ntotal)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._rows.d)

    @property
    def chunk_ids(self) -> NDArray[np.int64]:
        """Ids of the chunks that own the vectors, ascending."""
        return self._chunk_ids

    def nearest_chunks(
        self, question: NDArray[np.float32], *, rows: int, allowed: NDArray[np.int64] | None
    ) -> list[int]:
        """Ids of the chunks that own the `rows` best vectors for the question, best first.

        Vectors as good as the last of them come along: which of them were stored first must not matter. With `allowed`
        only those chunks are looked at, and always exactly.
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
        """How many chunks have other vectors here than `vectors` says, which come in the order of the chunks.

        ValueError if it says more or fewer.
        """
        codes, edges = _codes(self._rows), self._first_row.tolist()
        both = zip(vectors, edges[:-1], edges[1:], strict=True)
        return sum(array.tobytes() != codes[first:after].tobytes() for array, first, after in both)

    def cosines(
        self, question: NDArray[np.float32], chunk_ids: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The cosines of the question with each chunk's vector and its sentences', all in a row.

        And where each chunk's begin in the row, which ends with its length.
        """
        places = np.searchsorted(self._chunk_ids, np.asarray(chunk_ids, np.int64))
        first, counts = self._first_row[places], self._first_row[places + 1] - self._first_row[places]
        edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        codes = _codes(self._rows)[np.repeat(first - edges[:-1], counts) + np.arange(edges[-1])]
        # Not by FAISS, whose threads wait for each other on a busy machine (15 ms instead of 1). Not a matrix product,
        # in which the last bits of a row would depend on the rows around it.
        return np.einsum("ij,j->i", codes.view(np.float16).astype(np.float32), question), edges


def _no_rows(dimension: int, *, room: int) -> faiss.Index:
    """Room for as many rows, and none yet. Without the room FAISS would hold each row twice while it grows."""
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
    """What FAISS stores of 16-bit vectors are their bytes, so nothing is computed."""
    if len(codes):
        rows.add_sa_codes(np.ascontiguousarray(codes))


def _codes(rows: faiss.Index) -> NDArray[np.uint8]:
    """The bytes of every row, not copied: they are read from the file as they are looked at, and go with `rows`."""
    if not rows.ntotal:
        return np.empty((0, rows.code_size), np.uint8)
    return np.asarray(faiss.rev_swig_ptr(rows.codes.data(), rows.codes.size())).reshape(rows.ntotal, rows.code_size)


def _no_sketches(dimension: int) -> faiss.Index:
    """An empty index of sketches; "trained" to be centred on zero whatever the articles, see above."""
    sketches = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
    sketches.train(np.concatenate([np.eye(dimension), -np.eye(dimension)]).astype(np.float32))
    return sketches


def _copy(index: faiss.Index) -> faiss.Index:
    """What `clone_index` does, which does not know every kind of index."""
    return faiss.deserialize_index(faiss.serialize_index(index))


def _sketched(rows: faiss.Index, first: int, sketches: faiss.Index) -> faiss.Index:
    """`sketches` with those of the rows from `first` on added."""
    for start in range(first, rows.ntotal, _AT_ONCE):
        sketches.add(rows.reconstruct_n(start, min(_AT_ONCE, rows.ntotal - start)))
    return sketches


def _sketch_file(path: Path) -> Path:
    return path.with_suffix(".sketches.faiss")


def _write(index: faiss.Index, path: Path) -> None:
    with appearing(path) as temporary:
        faiss.write_index(index, str(temporary))
