"""The inverted index: which passages contain each word, and how often; BM25 is computed from it.

Its file is derived from the database, like that of the vectors (`vectors`), and its name, too, contains the snapshot.
FTS5 has the same counts, but takes 1 µs for the BM25 of each passage with any of a question's words: 30 ms at 90,000
passages, where these arrays take 1 ms (docs/measured.md).
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

from index.atomic_write import appearing
from index.language.searchable import searchable
from index.storage.database.tokenizer import Tokenizer

FetchPassages = Callable[[NDArray[np.int64] | None], Iterable[tuple[str, str, str | None]]]
"""Returns title, text and language of the passages with these row ids, or of all (None), by ascending id."""

READ_AT_ONCE = 8192
"""Number of passages that are tokenized together, which takes 60 MB."""


class Holders(NamedTuple):
    """The passages that contain a word: their positions, ascending, and how often title and text contain it."""

    places: NDArray[np.uint32]
    in_title: NDArray[np.uint16]
    in_text: NDArray[np.uint16]


class Postings:
    """The inverted index of one version's passages; `lengths` are the numbers of words of each, title and text.

    `tables` maps names to arrays, or to objects that return one when sliced: `letters` has all words concatenated,
    ascending, word i from `word_edges[i]` to `word_edges[i + 1]`; its holders are in `places`, `in_title` and `in_text`
    from `edges[i]` to `edges[i + 1]`.
    """

    def __init__(self, chunk_ids: NDArray[np.int64], tables: Mapping[str, Any]) -> None:
        """For the passages with these ascending row ids. Raises ValueError if the tables do not fit or are damaged."""
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
        """Builds the inverted index of all passages; `chunk_ids` are their row ids, ascending."""
        return cls(chunk_ids, _joined(list(_read(fetch(None)))))

    def updated(self, chunk_ids: NDArray[np.int64], fetch: FetchPassages) -> Postings:
        """Returns the inverted index of other passages, reading only those that are new.

        A row id must mean the same passage in both, and new ids must be higher than the kept ones, else ValueError.
        """
        kept = np.isin(self._chunk_ids, chunk_ids)
        new = chunk_ids[~np.isin(chunk_ids, self._chunk_ids)]
        if kept.any() and len(new) and new[0] < self._chunk_ids[kept][-1]:
            raise ValueError("a new passage has a lower id than one that stays")
        return Postings(chunk_ids, _joined([self._those(kept), *_read(fetch(new))]))

    def of(self, word: bytes) -> Holders:
        """Returns the passages that contain a word, which must be given as the tokenizer returns it."""
        at = bisect_left(range(self._size), word, key=self._word)
        if at == self._size or self._word(at) != word:
            return self._holders(0, 0)
        return self._holders(self._edges[at], self._edges[at + 1])

    def same_as(self, other: Postings) -> bool:
        """Returns whether both contain the same data."""
        return all(np.array_equal(table[:], other._tables[name][:]) for name, table in self._tables.items())

    def save(self, path: Path) -> None:
        """Writes the file under a temporary name, then renames it."""
        whole = save({name: table[:] for name, table in self._tables.items()})
        with appearing(path) as temporary:
            temporary.write_bytes(whole)  # `save_file` would create a file that only its owner can read

    @classmethod
    def load(cls, path: Path, chunk_ids: NDArray[np.int64]) -> Postings:
        """Opens a saved file. Raises ValueError if it does not fit the passages, or is damaged.

        The holders of a word stay on disk, and are read when that word is looked up.
        """
        try:
            file: Any = safe_open(path, framework="np")
            return cls(chunk_ids, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118 (no mapping)
        except (SafetensorError, KeyError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error

    @property
    def _size(self) -> int:
        """Number of distinct words."""
        return len(self._edges) - 1

    def _holders(self, first: int, after: int) -> Holders:
        return Holders(*(self._tables[name][first:after] for name in Holders._fields))

    def _word(self, at: int) -> bytes:
        return self._letters[self._word_edges[at] : self._word_edges[at + 1]]

    def _those(self, kept: NDArray[np.bool_]) -> _Part:
        """Returns the data of the passages for which the mask `kept` is true."""
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
    """The words of some consecutive passages: `holders` has `sizes[0]` for the first word, then the second's."""

    words: list[bytes]
    sizes: NDArray[np.int64]
    holders: Holders
    lengths: NDArray[np.int32]


def _read(passages: Iterable[tuple[str, str, str | None]]) -> Iterator[_Part]:
    tokenizer = Tokenizer()
    remaining = ((searchable(title, own), searchable(text, own)) for title, text, own in passages)
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
    """Returns the tables of the parts' passages, one part after the other."""
    words = sorted(set().union(*(part.words for part in parts)))
    number = {word: at for at, word in enumerate(words)}
    numbers = [np.array([number[word] for word in part.words], np.int64) for part in parts]
    sizes = np.zeros(len(words), np.int64)
    for own, part in zip(numbers, parts, strict=True):
        sizes[own] += part.sizes
    edges = np.concatenate([[0], np.cumsum(sizes)])
    holders = Holders(*(np.empty(sizes.sum(), kind) for kind in (np.uint32, np.uint16, np.uint16)))
    free = edges[:-1].copy()  # the position of each word's next holder
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
    """Returns whether the edges divide `length` positions into pieces."""
    return len(edges) > 0 and edges[0] == 0 and edges[-1] == length and bool(np.all(np.diff(edges) >= 0))
