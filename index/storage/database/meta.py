"""The `meta` table: format, embedding model, version and snapshot of an index."""

from __future__ import annotations

from index.storage.database.statements import Statements


class Meta:
    """Keys and values about the index as a whole."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def get(self, key: str) -> str | None:
        """Returns the value of an entry; None if there is none."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: object) -> None:
        """Writes one entry."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))

    @property
    def embedder(self) -> str:
        """The name of the embedding model that the vectors were computed with."""
        return self.get("embedder") or ""

    @property
    def dimension(self) -> int:
        """The number of components of each vector."""
        return int(self.get("dimension") or 0)

    @property
    def version(self) -> int:
        """The number of the current version; 0 is empty."""
        return int(self.get("version") or 0)

    @property
    def snapshot(self) -> str:
        """The random name of this version's content; the files derived from it have it in their names."""
        return self.get("snapshot") or ""
