"""The `file` table: the sources (files and addresses) that were read, with their fingerprints and failures."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from index.storage.database.statements import Statements


@dataclass(frozen=True, slots=True)
class RowFailures:
    """The failed rows of a file, as (uri, reason); and the articles kept as their rows may be among these."""

    rows: list[tuple[str, str]]
    kept: list[str]


class ReadFiles:
    """The sources that were read, by name."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def fingerprints(self) -> dict[str, str]:
        """Returns the fingerprint of every source that was read (see `sources`), by its name."""
        return dict(self._db.execute("SELECT path, sha256 FROM file"))

    def failures(self) -> dict[str, RowFailures]:
        """Returns the failures of the sources that had any, by name."""
        found = self._db.execute("SELECT path, failures FROM file WHERE failures IS NOT NULL")
        return {path: RowFailures(**json.loads(text)) for path, text in found}

    def put(self, path: str, fingerprint: str, failures: RowFailures | None = None) -> None:
        """Records that this content of the file is indexed, except for the failures."""
        text = json.dumps(asdict(failures), ensure_ascii=False) if failures else None
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", (path, fingerprint, text))

    def read_again(self, path: str) -> None:
        """Has the next update that includes the file read it again, with the columns stored in its fingerprint."""
        self._db.execute("UPDATE file SET sha256 = '?' || ltrim(sha256, '?'), failures = NULL WHERE path = ?", (path,))

    def forget(self, path: str) -> None:
        """Deletes the record of a file that no longer exists."""
        self._db.execute("DELETE FROM file WHERE path = ?", (path,))
