"""The kept versions: what each took the place of, so that there is a way back.

Every version that changes something notes, for each article that it touches, the revision that was there before, or
that there was none. Going back from version 7 to 5 puts in place what 6 and 7 noted, the older note first. That makes
version 8, which can be taken back as well. The cost is that of what changed; vectors stay as long as a kept version
may need them.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from index.revisions import Revision

KEEP_VERSIONS = 5
"""Earlier versions that can be returned to. More cost disk space: the articles and vectors that they alone hold."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its number, when it was made (ISO time in UTC; None before this was noted) and by what."""

    number: int
    made: str | None
    what: str
    embedder: str
    dimension: int


def note(db: sqlite3.Connection, version: int, article_id: str) -> None:
    """Keep what is there of an article, before the coming `version` touches it for the first time."""
    if db.execute("SELECT 1 FROM earlier WHERE version = ? AND article_id = ?", (version, article_id)).fetchone():
        return
    before = Revision.read(db, article_id)
    db.execute("INSERT INTO earlier VALUES (?, ?, ?)", (version, article_id, before and before.to_json()))


def add(db: sqlite3.Connection, number: int, what: str, embedder: str, dimension: int) -> None:
    """Enter a new version and forget the oldest with the vectors that it alone needed."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    db.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?)", (number, made, what, embedder, dimension))
    oldest = number - KEEP_VERSIONS
    db.execute("DELETE FROM version WHERE number < ?", (oldest,))
    db.execute("DELETE FROM earlier WHERE version <= ?", (oldest,))
    db.execute("DELETE FROM unused WHERE key IN (SELECT embedding FROM chunk)")
    db.execute("DELETE FROM embedding WHERE key IN (SELECT key FROM unused WHERE since <= ?)", (oldest,))
    db.execute("DELETE FROM unused WHERE since <= ?", (oldest,))


def kept(db: sqlite3.Connection) -> list[Version]:
    """The current version and those that can be returned to, the latest first."""
    return [Version(*row) for row in db.execute("SELECT * FROM version ORDER BY number DESC")]


def touched_since(db: sqlite3.Connection, number: int) -> list[tuple[str, int]]:
    """The articles that versions after `number` touched, each with the first that did; see `noted`."""
    return db.execute(
        "SELECT article_id, min(version) FROM earlier WHERE version > ? GROUP BY article_id", (number,)
    ).fetchall()


def noted(db: sqlite3.Connection, version: int, article_id: str) -> Revision | None:
    """What `version` found of an article before it touched it; None if there was none."""
    (text,) = db.execute(
        "SELECT revision FROM earlier WHERE version = ? AND article_id = ?", (version, article_id)
    ).fetchone()
    return Revision.from_json(text) if text else None


LOST = """
SELECT max(version), count(DISTINCT version)
FROM earlier, json_each(iif(json_valid(revision), revision, '{}'), '$.chunks') AS chunk
WHERE json_extract(chunk.value, '$.embedding') NOT IN (SELECT key FROM embedding)
"""
"""The last version with notes whose vectors are not there any more, and the number of such versions."""


def drop_lost(db: sqlite3.Connection, coming: int, spoilt: int) -> None:
    """Forget notes that cannot be put back, and those of the `coming` version, which are of what it mends.

    Those of versions up to `spoilt` are damaged themselves.
    """
    db.execute("DELETE FROM earlier WHERE version = ? OR version <= ?", (coming, spoilt))
    last = max(spoilt, db.execute(LOST).fetchone()[0] or 0)
    db.execute("DELETE FROM earlier WHERE version <= ?", (last,))
    db.execute("DELETE FROM version WHERE number < ? OR number >= ?", (last, coming))
