"""BM25 over one version's passages: each word's share of every passage's score, remembered from question to question.

FTS5's BM25 is the sum of its words' shares, and takes 1 µs for each passage that holds any of them: 30 ms a question
at 90,000 passages, nearly all of it for words that many questions have. Remembered shares only have to be added up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Shares = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Row ids of passages that hold a word, ascending, and what the word adds to the score of each."""

SHARES_KEPT = 2_000_000
"""Shares of the words asked for last that stay in memory, 12 bytes each."""


class Bm25:
    """Scores of a question's words; not safe to be used by several threads at once."""

    def __init__(self, chunk_ids: NDArray[np.int64]) -> None:
        """Over the passages with these row ids, ascending."""
        self._chunk_ids = chunk_ids
        self._kept: OrderedDict[tuple[str, float], tuple[NDArray[np.int32], NDArray[np.float64]]] = OrderedDict()
        self._size = 0

    def best(
        self,
        terms: Sequence[str],
        fetch: Callable[[str, float], Shares],
        *,
        limit: int,
        title_weight: float,
        allowed: NDArray[np.int64] | None,
    ) -> dict[int, float]:
        """BM25 score (above 0, higher is better) of the best passages that hold any of the terms, best first.

        `fetch` gives the shares of one term in this version. With `allowed` only those passages count. Those as good as
        the last within the `limit` come along: which of them were stored first must not matter.
        """
        scores = np.zeros(len(self._chunk_ids))
        for term in terms:  # in the order in which FTS5 would add them up, so that the sum is the same bit for bit
            places, shares = self._shares(term, title_weight, fetch)
            scores[places] += shares
        if allowed is not None:
            scores[~np.isin(self._chunk_ids, allowed)] = 0.0
        found = np.flatnonzero(scores)
        if len(found) > limit:
            found = found[scores[found] >= np.partition(scores[found], -limit)[-limit]]
        found = found[np.argsort(-scores[found], kind="stable")]
        return dict(zip(self._chunk_ids[found].tolist(), scores[found].tolist(), strict=True))

    def _shares(
        self, term: str, title_weight: float, fetch: Callable[[str, float], Shares]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        key = term, title_weight
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        ids, shares = fetch(term, title_weight)
        places = np.searchsorted(self._chunk_ids, ids).astype(np.int32)
        known = np.append(self._chunk_ids, -1)[places] == ids  # all, but in a damaged index
        found = places[known], shares[known]
        self._kept[key] = found
        self._size += len(found[1])
        while self._size > SHARES_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1][1])
        return found
