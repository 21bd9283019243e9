"""Maintains which articles report the same story, as articles are added, changed and removed.

A story is a connected component: articles are joined if their fingerprints share a band (`minhash`) and the exact
comparison confirms it (`similarity`). Both depend on the two articles alone, so the order in which articles were added
does not matter, and an update has the same result as a rebuild.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

import numpy as np

from index.article import Article
from index.near_duplicates.minhash import BANDS, Bands, buckets, fingerprint
from index.near_duplicates.similarity import Likeness

LIKENESSES_KEPT = 2048
"""Number of articles whose shingles are cached while others are compared with them, 10 kB each."""

FetchArticles = Callable[[Sequence[str]], Iterable[Article]]


class Duplicates:
    """The `likeness` table in an index's database."""

    def __init__(self, connection: sqlite3.Connection, articles: FetchArticles) -> None:
        """`articles` returns articles by id, in the order of the ids."""
        self._db = connection
        self._articles = articles

    def link(self) -> None:
        """Updates the stories after the article table has changed; inside the transaction that changed it."""
        changed = self._fingerprint_new(self._forget_old())
        if changed:
            self._join(changed)

    def stories(self, article_ids: Collection[str]) -> dict[str, str]:
        """Returns, for the stories that any of these articles belong to, the id of every article with its story."""
        rows = self._db.execute(
            "SELECT article_id, story FROM likeness WHERE story IN "
            "(SELECT story FROM likeness WHERE article_id IN (SELECT value FROM json_each(?)))",
            (json.dumps(sorted(article_ids)),),
        )
        return dict(rows)

    def members(self, story: str) -> list[str]:
        """Returns the ids of the articles of a story."""
        return [row[0] for row in self._db.execute("SELECT article_id FROM likeness WHERE story = ?", (story,))]

    def _forget_old(self) -> set[str]:
        """Deletes the rows of removed or changed articles; returns the others of their stories, to be joined again."""
        old = "SELECT l.article_id FROM likeness l LEFT JOIN article a ON a.id = l.article_id AND a.sha256 = l.sha256 "
        old += "WHERE a.id IS NULL"
        broken = {row[0] for row in self._db.execute(f"SELECT story FROM likeness WHERE article_id IN ({old})")}
        self._db.execute(f"DELETE FROM likeness WHERE article_id IN ({old})")
        return {member for story in broken if story for member in self.members(story)}

    def _fingerprint_new(self, changed: set[str]) -> set[str]:
        """Computes missing fingerprints; returns `changed` with the articles that got one.

        An article without a hash has damaged text; its fingerprint is computed when it has been read again.
        """
        new = self._db.execute(
            "SELECT id, sha256, text FROM article WHERE sha256 != '' AND id NOT IN (SELECT article_id FROM likeness)"
        )
        rows = []
        for article_id, sha256, text in new:
            bands = fingerprint(text)
            rows.append((article_id, sha256, b"" if bands is None else bands.tobytes()))
        self._db.executemany("INSERT INTO likeness (article_id, sha256, bands) VALUES (?, ?, ?)", rows)
        return changed | {article_id for article_id, _, bands in rows if bands}

    def _join(self, changed: set[str]) -> None:
        """Finds the stories of the changed articles. Stories that lost no article stay whole, and may be merged."""
        rows = self._db.execute(
            "SELECT article_id, bands, story FROM likeness WHERE length(bands) > 0 ORDER BY article_id"
        ).fetchall()
        ids, before = [row[0] for row in rows], [row[2] for row in rows]
        bands: Bands = np.frombuffer(b"".join(row[1] for row in rows), np.uint32).reshape(-1, BANDS)
        dirty = [position for position, article_id in enumerate(ids) if article_id in changed]
        joined = _Components(len(ids))
        first: dict[str, int] = {}
        for position, story in enumerate(before):
            if story is not None and ids[position] not in changed:
                joined.union(first.setdefault(story, position), position)
        comparison = _Comparison(joined, set(dirty), lambda position: next(iter(self._articles([ids[position]]))))
        for bucket in buckets(bands, dirty):
            comparison.join(bucket)
        after = joined.names(ids)
        self._db.executemany(
            "UPDATE likeness SET story = ? WHERE article_id = ?",
            [(new, ids[n]) for n, new in enumerate(after) if new != before[n]],
        )


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
