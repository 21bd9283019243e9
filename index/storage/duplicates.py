"""The `likeness` table: the fingerprint of each article, and its story; kept up to date as articles change."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np

from index.near_duplicates.minhash import BANDS, Bands, fingerprint
from index.near_duplicates.stories import FetchArticles, joined
from index.storage.database.statements import Statements


class Duplicates:
    """Which articles are near-duplicates of which."""

    def __init__(self, db: Statements, fetch: FetchArticles) -> None:
        """`fetch` returns articles by id, in the order of the ids."""
        self._db = db
        self._fetch = fetch

    def stories(self, article_ids: Collection[str]) -> dict[str, str]:
        """Returns, for the stories that any of these articles belong to, the id of every article with its story."""
        rows = self._db.execute(
            "SELECT article_id, story FROM likeness WHERE story IN "
            "(SELECT story FROM likeness WHERE article_id IN (SELECT value FROM json_each(?)))",
            (json.dumps(sorted(article_ids)),),
        )
        return dict(rows)

    def link(self) -> None:
        """Updates the stories after the article table has changed; inside the transaction that changed it."""
        changed = self._delete_old() | self._fingerprint_new()
        if changed:
            self._join(changed)

    def _delete_old(self) -> set[str]:
        """Deletes the rows of removed or changed articles; returns the others of their stories, to be joined again."""
        old = "SELECT l.article_id FROM likeness l LEFT JOIN article a ON a.id = l.article_id AND a.sha256 = l.sha256 "
        old += "WHERE a.id IS NULL"
        broken = [
            row[0] for row in self._db.execute(f"SELECT DISTINCT story FROM likeness WHERE article_id IN ({old})")
        ]
        self._db.execute(f"DELETE FROM likeness WHERE article_id IN ({old})")
        members = self._db.execute(
            "SELECT article_id FROM likeness WHERE story IN (SELECT value FROM json_each(?))", (json.dumps(broken),)
        )
        return {member for (member,) in members}

    def _fingerprint_new(self) -> set[str]:
        """Computes missing fingerprints; returns the ids of the articles that got one.

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
        return {article_id for article_id, _, bands in rows if bands}

    def _join(self, changed: set[str]) -> None:
        rows = self._db.execute(
            "SELECT article_id, bands, story FROM likeness WHERE length(bands) > 0 ORDER BY article_id"
        ).fetchall()
        ids, before = [row[0] for row in rows], [row[2] for row in rows]
        bands: Bands = np.frombuffer(b"".join(row[1] for row in rows), np.uint32).reshape(-1, BANDS)
        after = joined(ids, bands, before, changed, self._fetch)
        self._db.executemany(
            "UPDATE likeness SET story = ? WHERE article_id = ?",
            [(new, article_id) for article_id, old, new in zip(ids, before, after, strict=True) if new != old],
        )
