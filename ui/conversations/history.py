"""Conversations stored in one SQLite file, so that they survive reloads and restarts, separately for each owner.

Every call names the owner, and accesses nothing of other owners. A conversation also belongs to one archive (the folder
of an index), since its follow-up questions are asked there. Each turn is stored with its passages and their articles,
so it stays readable when the index changes. Independent of the page.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import CannotRun
from ui.conversations.conversation import Turn
from ui.conversations.serialize import pack, unpack

FILE = "conversations.sqlite"

TITLE_CHARACTERS = 80
"""Maximum length of a title, which is made from the first question: two lines of the list."""

_TABLES = """
CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    archive TEXT NOT NULL,
    title TEXT NOT NULL,
    made TEXT NOT NULL,
    used TEXT NOT NULL,
    numbers INTEGER NOT NULL DEFAULT 0  -- given to turns so far; none is given twice
);
CREATE INDEX conversation_owner ON conversation (owner, archive, used);
CREATE TABLE turn (
    conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
    number INTEGER NOT NULL,
    words TEXT NOT NULL,  -- question and answer, casefolded, for the search
    content TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE shown (
    conversation TEXT NOT NULL,
    number INTEGER NOT NULL,
    article TEXT NOT NULL,
    PRIMARY KEY (conversation, number, article),
    FOREIGN KEY (conversation, number) REFERENCES turn ON DELETE CASCADE
);
CREATE INDEX shown_article ON shown (article);
CREATE TABLE article (key TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE preference (
    owner TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)
);
PRAGMA user_version = 1;
"""

_UNUSED = "DELETE FROM article WHERE key NOT IN (SELECT article FROM shown)"


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of conversations, and the archive that they belong to."""

    name: str
    archive: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One conversation in the list. `made` and `used` are ISO times in UTC; `turns` is the number of its questions."""

    id: str
    title: str
    made: str
    used: str
    turns: int


class History:
    """The conversations in a file, which is created when first needed. Usable from several threads and processes.

    Every method raises CannotRun if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, owner: Owner, question: str) -> str:
        """Create a conversation with its first question as title; returns its id, which cannot be guessed."""
        name = secrets.token_urlsafe(16)
        with self._open() as db:
            row = (name, owner.name, owner.archive, title_of(question), _now(), _now())
            db.execute("INSERT INTO conversation VALUES (?, ?, ?, ?, ?, ?, 0)", row)
        return name

    def number(self, owner: Owner, conversation: str) -> int:
        """Returns a number for the next turn, from 1; 0 if the conversation was deleted or is somebody else's."""
        with self._open() as db:
            row = db.execute(
                f"UPDATE conversation SET numbers = numbers + 1, used = ? WHERE {_MINE} RETURNING numbers",
                (_now(), conversation, owner.name, owner.archive),
            ).fetchone()
        return int(row[0]) if row else 0

    def put(self, owner: Owner, conversation: str, turn: Turn) -> None:
        """Store a turn, in place of the one with its number; does nothing if the conversation does not exist."""
        content, articles = pack(turn)
        words = " ".join([turn.question, turn.lead, *(said.sentence.text for said in turn.said)]).casefold()
        with self._open() as db:
            if not self._is_there(db, owner, conversation):
                return
            at = (conversation, turn.number)
            db.execute("DELETE FROM turn WHERE conversation = ? AND number = ?", at)
            db.execute("INSERT INTO turn VALUES (?, ?, ?, ?)", (*at, words, _json(content)))
            for key, article in articles.items():
                if not db.execute("SELECT 1 FROM article WHERE key = ?", (key,)).fetchone():
                    db.execute("INSERT INTO article VALUES (?, ?)", (key, zlib.compress(_json(article).encode())))
                db.execute("INSERT INTO shown VALUES (?, ?, ?)", (*at, key))

    def drop(self, owner: Owner, conversation: str, number: int) -> None:
        """Delete one turn."""
        with self._open() as db:
            if self._is_there(db, owner, conversation):
                db.execute("DELETE FROM turn WHERE conversation = ? AND number = ?", (conversation, number))
                db.execute(_UNUSED)

    def turns(self, owner: Owner, conversation: str) -> list[Turn] | None:
        """Returns the turns of a conversation, oldest first; None if it does not exist."""
        with self._open() as db:
            if not self._is_there(db, owner, conversation):
                return None
            rows = db.execute(
                "SELECT content FROM turn WHERE conversation = ? ORDER BY number", (conversation,)
            ).fetchall()
            shown = db.execute(
                "SELECT key, content FROM article WHERE key IN (SELECT article FROM shown WHERE conversation = ?)",
                (conversation,),
            ).fetchall()
        articles = {key: json.loads(zlib.decompress(content)) for key, content in shown}
        return [unpack(json.loads(content), articles) for (content,) in rows]

    def entry(self, owner: Owner, conversation: str) -> Entry | None:
        """Returns the list's entry for one conversation; None if it does not exist."""
        with self._open() as db:
            row = db.execute(f"{_ENTRIES} AND id = ?", (owner.name, owner.archive, conversation)).fetchone()
        return Entry(*row) if row else None

    def entries(self, owner: Owner, words: str = "", *, limit: int = 200) -> list[Entry]:
        """Returns the conversations, last used first, that hold all of the `words` in title, questions or answers."""
        conditions, values = "", []
        for word in words.casefold().split():
            conditions += _HOLDS
            values += [word, word]
        with self._open() as db:
            rows = db.execute(
                f"{_ENTRIES}{conditions} ORDER BY used DESC, id LIMIT ?", (owner.name, owner.archive, *values, limit)
            ).fetchall()
        return [Entry(*row) for row in rows]

    def rename(self, owner: Owner, conversation: str, title: str) -> None:
        """Change a conversation's title; an empty one changes nothing."""
        if title := title_of(title):
            with self._open() as db:
                values = (title, conversation, owner.name, owner.archive)
                db.execute(f"UPDATE conversation SET title = ? WHERE {_MINE}", values)

    def delete(self, owner: Owner, conversation: str) -> None:
        """Delete a conversation, and the articles that only it shows. This cannot be undone."""
        with self._open() as db:
            db.execute(f"DELETE FROM conversation WHERE {_MINE}", (conversation, owner.name, owner.archive))
            db.execute(_UNUSED)

    def preferences(self, owner: Owner) -> dict[str, str]:
        """Returns the owner's preferences by name; they are the same for every archive."""
        with self._open() as db:
            return dict(db.execute("SELECT name, value FROM preference WHERE owner = ?", (owner.name,)))

    def prefer(self, owner: Owner, name: str, value: str) -> None:
        """Store one preference."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO preference VALUES (?, ?, ?)", (owner.name, name, value))

    @staticmethod
    def _is_there(db: sqlite3.Connection, owner: Owner, conversation: str) -> bool:
        values = (conversation, owner.name, owner.archive)
        return db.execute(f"SELECT 1 FROM conversation WHERE {_MINE}", values).fetchone() is not None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Opens a connection with a transaction, which is committed unless the block raises."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)  # only the file's owner may read what people ask
            db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            try:
                db.create_function("casefold", 1, lambda text: text.casefold(), deterministic=True)
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA secure_delete = ON")
                _make_tables(db)
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            finally:
                db.close()
        except (OSError, sqlite3.Error) as error:
            raise CannotRun(
                f"The conversations in {self.path} cannot be read or written: {error}. Answers are still given, but "
                "not kept. Make room or make the file writable; if it is damaged, move it away."
            ) from error


_MINE = "id = ? AND owner = ? AND archive = ?"

_ENTRIES = (
    "SELECT id, title, made, used, (SELECT count(*) FROM turn WHERE conversation = id) "
    "FROM conversation WHERE owner = ? AND archive = ?"
)

_HOLDS = (
    " AND (instr(casefold(title), ?) OR EXISTS"
    " (SELECT 1 FROM turn WHERE conversation = conversation.id AND instr(words, ?)))"
)


def title_of(question: str) -> str:
    """Returns a question shortened to a title: one line of at most 80 characters."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    whole = line[: TITLE_CHARACTERS - 1].rsplit(" ", 1)[0]
    return f"{whole}…"


def _make_tables(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        with suppress(sqlite3.OperationalError):  # another process has just created them
            db.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
        if db.in_transaction:
            db.execute("ROLLBACK")
    elif version > 1:
        raise sqlite3.DatabaseError(f"it is of a later clippings (format {version})")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
