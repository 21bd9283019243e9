"""BM25 over one version's passages, by FTS5's formula (sqlite.org/fts5.html, "The bm25() function")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.search.postings import Postings
from index.storage.database.tokenizer import Tokenizer

K1 = 1.2
B = 0.75

LEAST_WEIGHT = 1e-6
"""Weight of a word in half of the passages or more, where the formula gives zero or a negative number."""


class Bm25:
    """BM25 scores for the words of a query; not thread-safe."""

    def __init__(self, chunk_ids: NDArray[np.int64], postings: Postings) -> None:
        """Scores the passages with these row ids, which must be ascending."""
        self._chunk_ids = chunk_ids
        self._postings = postings
        lengths = postings.lengths
        self._norms = K1 * (1 - B + B * lengths / max(lengths.sum() / max(len(lengths), 1), 1e-9))
        self._tokenizer = Tokenizer()

    def best(
        self, terms: Sequence[str], *, limit: int, title_weight: float, allowed: NDArray[np.int64] | None
    ) -> dict[int, float]:
        """Returns the BM25 scores (above 0, higher is better) of the best passages with any of the terms, best first.

        A word counts `title_weight` times in a title. With `allowed`, only those passages are scored. Passages that tie
        with the last one within the `limit` are included, so that the storage order does not affect the result.
        """
        scores = np.zeros(len(self._chunk_ids))
        for word in chain.from_iterable(self._tokenizer.words(terms)):
            self._add(word, title_weight, scores)
        if allowed is not None:
            scores[~np.isin(self._chunk_ids, allowed)] = 0.0
        found = np.flatnonzero(scores)
        if len(found) > limit:
            found = found[scores[found] >= np.partition(scores[found], -limit)[-limit]]
        found = found[np.argsort(-scores[found], kind="stable")]
        return dict(zip(self._chunk_ids[found].tolist(), scores[found].tolist(), strict=True))

    def frequencies(self, terms: Sequence[str]) -> list[int]:
        """Returns, for each term, the number of passages with its rarest word; 0 for a term without words."""
        found = self._tokenizer.words(terms)
        return [min((len(self._postings.of(word).places) for word in words), default=0) for words in found]

    def _add(self, word: bytes, title_weight: float, scores: NDArray[np.float64]) -> None:
        places, in_title, in_text = self._postings.of(word)
        weight = max(np.log((len(scores) - len(places) + 0.5) / (len(places) + 0.5)), LEAST_WEIGHT)
        often = title_weight * in_title + in_text
        scores[places] += weight * often * (K1 + 1) / (often + self._norms[places])
