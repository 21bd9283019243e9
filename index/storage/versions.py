"""Version history: what each kept version replaced, so that a rollback can restore it.

Every version that changes something records, for each article that it changes, the revision that existed before, or
that there was none. A rollback from version 7 to 5 restores what 6 and 7 recorded; if both recorded an article, what 6
recorded. That makes version 8, which can be rolled back as well. The cost is proportional to what changed; vectors stay
as long as a kept version may need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from index.storage.database.statements import Statements
from index.storage.revisions import Revision

KEEP_VERSIONS = 5
"""Number of earlier versions kept. Each costs disk space: for the articles and vectors that only it contains."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its number, when it was made (ISO time in UTC; None if not recorded) and by which operation."""

    number: int
    made: str | None
    what: str
    embedder: str
    dimension: int


LOST = """
SELECT max(version), count(DISTINCT version)
FROM earlier, json_each(iif(json_valid(revision), revision, '{}'), '$.chunks') AS chunk
WHERE json_extract(chunk.value, '$.embedding') NOT IN (SELECT key FROM embedding)
"""
"""Selects the last version whose records lack stored vectors, and the number of such versions."""


class Versions:
    """The tables `version` and `earlier`, and the deletion of `unused` vectors."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def kept(self) -> list[Version]:
        """Returns the current version and those that can be returned to, the latest first."""
        return [Version(*row) for row in self._db.execute("SELECT * FROM version ORDER BY number DESC")]

    def add(self, number: int, what: str, embedder: str, dimension: int) -> None:
        """Adds a new version and deletes the oldest, with the vectors that only that one needed."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?)", (number, made, what, embedder, dimension))
        oldest = number - KEEP_VERSIONS
        self._db.execute("DELETE FROM version WHERE number < ?", (oldest,))
        self._db.execute("DELETE FROM earlier WHERE version <= ?", (oldest,))
        self._db.execute("DELETE FROM unused WHERE key IN (SELECT embedding FROM chunk)")
        self._db.execute("DELETE FROM embedding WHERE key IN (SELECT key FROM unused WHERE since <= ?)", (oldest,))
        self._db.execute("DELETE FROM unused WHERE since <= ?", (oldest,))

    def note(self, version: int, article_id: str) -> None:
        """Records the current revision of an article, before `version`, the next one, changes it for the first time."""
        at = (version, article_id)
        if self._db.execute("SELECT 1 FROM earlier WHERE version = ? AND article_id = ?", at).fetchone():
            return
        before = Revision.read(self._db, article_id)
        self._db.execute("INSERT INTO earlier VALUES (?, ?, ?)", (*at, before and before.to_json()))

    def touched_since(self, number: int) -> list[tuple[str, int]]:
        """Returns the ids of the articles that versions after `number` changed, each with the first that did."""
        return self._db.execute(
            "SELECT article_id, min(version) FROM earlier WHERE version > ? GROUP BY article_id", (number,)
        ).fetchall()

    def noted(self, version: int, article_id: str) -> Revision | None:
        """Returns the revision of an article that `version` replaced; None if there was none."""
        (text,) = self._db.execute(
            "SELECT revision FROM earlier WHERE version = ? AND article_id = ?", (version, article_id)
        ).fetchone()
        return Revision.from_json(text) if text else None

    def drop_lost(self, coming: int, spoilt: int) -> None:
        """Deletes records that cannot be restored, and those of version `coming`, which are of damaged articles.

        Those of versions up to `spoilt` are damaged themselves.
        """
        self._db.execute("DELETE FROM earlier WHERE version = ? OR version <= ?", (coming, spoilt))
        last = max(spoilt, self._db.execute(LOST).fetchone()[0] or 0)
        self._db.execute("DELETE FROM earlier WHERE version <= ?", (last,))
        self._db.execute("DELETE FROM version WHERE number < ? OR number >= ?", (last, coming))
