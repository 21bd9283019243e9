"""Which passages hold each word, and how often: the file that BM25 is computed from.

Derived from the database, never the truth, as the vectors' file is (`vectors`); its name carries the snapshot, too.
FTS5 has the same counts, but takes 1 µs for the BM25 of each passage that holds any of a question's words: 30 ms at
90,000 passages, where these arrays take 1 (docs/decisions.md).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from index.saving import appearing
from index.tokenizer import Tokenizer

FetchPassages = Callable[[NDArray[np.int64] | None], Iterable[tuple[str, str]]]
"""Title and text of the passages with these row ids, or of all, by ascending id."""

READ_AT_ONCE = 8192
"""Passages that are taken apart together, which takes 60 MB."""


class Holders(NamedTuple):
    """The passages that hold a word: their positions among all, ascending, and how often title and text hold it."""

    places: NDArray[np.uint32]
    in_title: NDArray[np.uint16]
    in_text: NDArray[np.uint16]


class Postings:
    """The words of one version's passages; `lengths` are the words of each, title and text.

    `tables` maps names to arrays, or to what gives one when sliced: `letters` has all words one after the other,
    ascending, word i from `word_edges[i]` to `word_edges[i + 1]`; its holders lie in `places`, `in_title` and `in_text`
    from `edges[i]` to `edges[i + 1]`.
    """

    def __init__(self, chunk_ids: NDArray[np.int64], tables: Mapping[str, Any]) -> None:
        """Of the passages with these row ids, ascending. ValueError if the tables are of others, or damaged."""
        self._chunk_ids = chunk_ids
        self._tables = tables
        self.lengths: NDArray[np.int32] = tables["lengths"][:]
        self._letters: bytes = tables["letters"][:].tobytes()
        self._word_edges: NDArray[np.int64] = tables["word_edges"][:]
        self._edges: NDArray[np.int64] = tables["edges"][:]
        self._check()

    def _check(self) -> None:
        if len(self.lengths) != len(self._chunk_ids):
            raise ValueError(f"words of {len(self.lengths)} passages, but there are {len(self._chunk_ids)}")
        sizes = {len(self._tables[name][:]) for name in Holders._fields}
        fit = _divides(self._word_edges, len(self._letters)) and _divides(self._edges, max(sizes))
        if not fit or len(sizes) > 1 or len(self._word_edges) != len(self._edges):
            raise ValueError("the tables of the words do not fit together")
        if max(sizes) and self._tables["places"][:].max() >= len(self.lengths):
            raise ValueError("words of passages that do not exist")

    @classmethod
    def from_passages(cls, chunk_ids: NDArray[np.int64], fetch: FetchPassages) -> Postings:
        """Read all passages; `chunk_ids` are their row ids, ascending."""
        return cls(chunk_ids, _joined(list(_read(fetch(None)))))

    def updated(self, chunk_ids: NDArray[np.int64], fetch: FetchPassages) -> Postings:
        """Of other passages: only those that are new here are read.

        A row id must mean the same passage in both, and new ids must be higher than those that stay.
        """
        kept = np.isin(self._chunk_ids, chunk_ids)
        new = chunk_ids[~np.isin(chunk_ids, self._chunk_ids)]
        if kept.any() and len(new) and new[0] < self._chunk_ids[kept][-1]:
            raise ValueError("a new passage has a lower id than one that stays")
        return Postings(chunk_ids, _joined([self._those(kept), *_read(fetch(new))]))

    def of(self, word: bytes) -> Holders:
        """The passages that hold a word, which must be as the tokenizer gives it."""
        at = bisect_left(range(self._size), word, key=self._word)
        if at == self._size or self._word(at) != word:
            return self._holders(0, 0)
        return self._holders(self._edges[at], self._edges[at + 1])

    def same_as(self, other: Postings) -> bool:
        """Whether both say the same."""
        return all(np.array_equal(table[:], other._tables[name][:]) for name, table in self._tables.items())

    def save(self, path: Path) -> None:
        """Write the file under a temporary name, then rename it."""
        whole = save({name: table[:] for name, table in self._tables.items()})
        with appearing(path) as temporary:
            temporary.write_bytes(whole)  # `save_file` would make a file that its owner alone can read

    @classmethod
    def load(cls, path: Path, chunk_ids: NDArray[np.int64]) -> Postings:
        """Open a saved file. ValueError if it does not hold what the passages need, or is damaged.

        The holders stay on disk, and are read when their word is asked for.
        """
        try:
            file: Any = safe_open(path, framework="np")
            return cls(chunk_ids, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118 (no mapping)
        except (SafetensorError, KeyError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error

    @property
    def _size(self) -> int:
        """How many words there are."""
        return len(self._edges) - 1

    def _holders(self, first: int, after: int) -> Holders:
        return Holders(*(self._tables[name][first:after] for name in Holders._fields))

    def _word(self, at: int) -> bytes:
        return self._letters[self._word_edges[at] : self._word_edges[at + 1]]

    def _those(self, kept: NDArray[np.bool_]) -> _Part:
        """Only the passages that are kept."""
        every = self._holders(0, self._edges[-1])
        chosen = kept[every.places]
        owners = np.repeat(np.arange(self._size), np.diff(self._edges))[chosen]
        sizes = np.bincount(owners, minlength=self._size)
        moved = (np.cumsum(kept) - 1).astype(np.uint32)
        return _Part(
            [self._word(at) for at in np.flatnonzero(sizes).tolist()],
            sizes[sizes > 0],
            Holders(moved[every.places[chosen]], every.in_title[chosen], every.in_text[chosen]),
            self.lengths[kept],
        )


class _Part(NamedTuple):
    """The words of some passages in a row: `holders` has the first word's, `sizes[0]` of them, then the second's."""

    words: list[bytes]
    sizes: NDArray[np.int64]
    holders: Holders
    lengths: NDArray[np.int32]


def _read(passages: Iterable[tuple[str, str]]) -> Iterator[_Part]:
    tokenizer = Tokenizer()
    remaining = iter(passages)
    while some := list(islice(remaining, READ_AT_ONCE)):
        yield _part(tokenizer, some)


def _part(tokenizer: Tokenizer, passages: Sequence[tuple[str, str]]) -> _Part:
    found = tokenizer.occurrences(passages)
    words = np.repeat(np.arange(len(found.words)), found.sizes)
    first = np.flatnonzero(np.diff(words, prepend=-1) | np.diff(found.passages, prepend=-1))
    counts = np.diff(first, append=len(words))
    in_title = np.add.reduceat(found.in_title, first) if len(first) else first
    holders = Holders(found.passages[first].astype(np.uint32), _count(in_title), _count(counts - in_title))
    lengths = np.bincount(found.passages, minlength=len(passages)).astype(np.int32)
    return _Part(found.words, np.bincount(words[first], minlength=len(found.words)), holders, lengths)


def _count(counts: NDArray[np.int64]) -> NDArray[np.uint16]:
    return np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16)


def _joined(parts: Sequence[_Part]) -> dict[str, NDArray[Any]]:
    """The tables of the parts' passages in a row."""
    words = sorted(set().union(*(part.words for part in parts)))
    number = {word: at for at, word in enumerate(words)}
    numbers = [np.array([number[word] for word in part.words], np.int64) for part in parts]
    sizes = np.zeros(len(words), np.int64)
    for own, part in zip(numbers, parts, strict=True):
        sizes[own] += part.sizes
    edges = np.concatenate([[0], np.cumsum(sizes)])
    holders = Holders(*(np.empty(sizes.sum(), kind) for kind in (np.uint32, np.uint16, np.uint16)))
    free = edges[:-1].copy()  # where each word's next holder goes
    before = 0
    for own, part in zip(numbers, parts, strict=True):
        begins = np.cumsum(part.sizes) - part.sizes
        goes = np.arange(part.sizes.sum()) + np.repeat(free[own] - begins, part.sizes)
        holders.places[goes] = part.holders.places + np.uint32(before)
        holders.in_title[goes], holders.in_text[goes] = part.holders.in_title, part.holders.in_text
        free[own] += part.sizes
        before += len(part.lengths)
    return {
        "lengths": np.concatenate([np.empty(0, np.int32), *(part.lengths for part in parts)]),
        "letters": np.frombuffer(b"".join(words), np.uint8),
        "word_edges": np.cumsum([0, *map(len, words)], dtype=np.int64),
        "edges": edges,
        **holders._asdict(),
    }


def _divides(edges: NDArray[np.int64], length: int) -> bool:
    """Whether these divide so many places into pieces."""
    return len(edges) > 0 and edges[0] == 0 and edges[-1] == length and bool(np.all(np.diff(edges) >= 0))
