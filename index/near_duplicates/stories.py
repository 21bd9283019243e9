"""Finds which articles report the same story, as articles are added, changed and removed.

A story is a connected component: articles are joined if their fingerprints share a band (`minhash`) and the exact
comparison confirms it (`similarity`). Both depend on the two articles alone, so the order in which articles were added
does not matter, and an update has the same result as a rebuild.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from functools import lru_cache

from index.article import Article
from index.near_duplicates.minhash import Bands, buckets
from index.near_duplicates.similarity import Likeness

LIKENESSES_KEPT = 2048
"""Number of articles whose shingles are cached while others are compared with them, 10 kB each."""

FetchArticles = Callable[[Sequence[str]], Iterable[Article]]
"""Returns articles by id, in the order of the ids."""


def joined(
    ids: Sequence[str], bands: Bands, before: Sequence[str | None], changed: Set[str], fetch: FetchArticles
) -> list[str | None]:
    """Returns the story of each article, named by the smallest of its ids; None for one that is alone in its story.

    `ids` ascend; `bands`, of shape (articles, BANDS), and the stories `before` are parallel to them. Only the articles
    in `changed` are compared with others: stories that lost no article stay whole, and may be merged.
    """
    components = _Components(len(ids))
    first: dict[str, int] = {}
    for position, story in enumerate(before):
        if story is not None and ids[position] not in changed:
            components.union(first.setdefault(story, position), position)
    dirty = [position for position, article_id in enumerate(ids) if article_id in changed]
    comparison = _Comparison(components, set(dirty), lambda position: next(iter(fetch([ids[position]]))))
    for bucket in buckets(bands, dirty):
        comparison.join(bucket)
    return components.names(ids)


class _Components:
    """Disjoint sets of positions (union-find)."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, position: int) -> int:
        while self._parent[position] != position:
            self._parent[position] = self._parent[self._parent[position]]
            position = self._parent[position]
        return position

    def union(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low

    def names(self, ids: Sequence[str]) -> list[str | None]:
        """Returns the first id of each position's set; None for a set of one. `ids` ascend."""
        roots = [self.find(position) for position in range(len(ids))]
        sizes = Counter(roots)
        return [ids[root] if sizes[root] > 1 else None for root in roots]


class _Comparison:
    """Joins the positions in a bucket that are of the same story; never compares two articles twice."""

    def __init__(self, joined: _Components, dirty: set[int], article: Callable[[int], Article]) -> None:
        self._joined = joined
        self._dirty = dirty
        self._different: set[tuple[int, int]] = set()
        self._likeness = lru_cache(LIKENESSES_KEPT)(lambda position: Likeness.of(article(position)))

    def join(self, bucket: Sequence[int]) -> None:
        """Compares each position with those before it until it is joined: copies of a text take one comparison each."""
        groups: list[list[int]] = []
        for position in bucket:
            own = [group for group in groups if self._belongs(position, group)]
            apart = [group for group in groups if group not in own]
            groups = [*apart, [position, *(member for group in own for member in group)]]

    def _belongs(self, position: int, group: Sequence[int]) -> bool:
        """Returns whether a position is of the story of a group, and joins it if it was not joined yet."""
        if self._joined.find(group[0]) == self._joined.find(position):
            return True
        if not any(self._is_same(member, position) for member in group):
            return False
        self._joined.union(group[0], position)
        return True

    def _is_same(self, one: int, other: int) -> bool:
        pair = (one, other)
        if pair in self._different or self._dirty.isdisjoint(pair):
            return False
        if self._likeness(one).is_same_story(self._likeness(other)):
            return True
        self._different.add(pair)
        return False
