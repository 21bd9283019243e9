"""The SQLite database of an index: articles, chunks, full text and vectors; everything else is derived from it.

All writing happens in transactions, and every change of content makes a new version, so a reader sees either the old
index or the new one. Independent of the embedding model: vectors are passed and returned as arrays. The tables are
described in `schema`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.embedding.chunking import Chunk, Place
from index.errors import CannotRun, DamagedIndex, NoIndex
from index.near_duplicates.stories import Duplicates
from index.storage import browse, integrity, versions
from index.storage.connection import Connections, readable
from index.storage.filters import Filters
from index.storage.revisions import Revision, article_of, article_row, chunk_of, chunk_rows, query_rows
from index.storage.schema import FORMAT, make_tables, migrate
from index.storage.staging import Staging


@dataclass(frozen=True, slots=True)
class RowFailures:
    """The failed rows of a file, as (uri, reason); and the articles kept as their rows may be among these."""

    rows: list[tuple[str, str]]
    kept: list[str]


class Store:
    """One open connection to the database of an index."""

    def __init__(self, connections: Connections) -> None:
        self.folder = connections.folder
        self._connections = connections
        self._db = connections.open()
        self._closed = False
        self.at_new_version: Callable[[], object] = lambda: None
        """Called at the end of the transaction that makes a new version, before others can see that version."""

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Opens the index in `folder`, and migrates an older format to the current one.

        Raises NoIndex if there is none, DamagedIndex if it cannot be read or has a later format.
        """
        connections = Connections(folder)
        if not connections.path.is_file():
            raise _no_index(folder)
        with readable(folder):
            store = cls(connections)
            try:
                store._check_format()
            except (sqlite3.DatabaseError, CannotRun):
                store.close()
                raise
        return store

    @classmethod
    def create(cls, folder: Path, *, embedder: str, dimension: int) -> Store:
        """Opens the index in `folder`, creating an empty one first if there is none."""
        try:
            return cls.open(folder)
        except NoIndex:
            pass  # made below
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRun(
                f"The folder {folder} cannot be made: {error.strerror}. Choose another one with --index."
            ) from error
        with readable(folder):
            store = cls(Connections(folder))
        with store.transaction():
            make_tables(store._db)
            values = {"format": FORMAT, "embedder": embedder, "dimension": dimension, "version": -1}
            for key, value in values.items():
                store.set_meta(key, str(value))
            store.next_version("made empty")
        return store

    def close(self) -> None:
        """Closes the connection; a later transaction raises CannotRun."""
        self._closed = True
        self._db.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Runs the block as one transaction: others see nothing of it before its end, an error undoes it.

        With `write=False`, everything read inside comes from the same version. Raises NoIndex if the database was
        removed. If another one has replaced it, that one is read from then on, but writing raises CannotRun, because
        what is to be written was prepared for the former one.
        """
        if self._closed:
            raise CannotRun(f"The index in {self.folder} was closed. Open it again with Index.open.")
        with readable(self.folder):
            if self._connections.replaced():
                self._follow(write=write)
            elif self._connections.outdated():
                self._db.close()
                self._db = self._connections.open()
            self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # on a full disk, SQLite has undone it already
                    self._db.execute("ROLLBACK")
                raise
            if self._connections.outdated():
                raise CannotRun(f"The index in {self.folder} was changed while it was read. Try again.")
            if write and self._connections.replaced():
                raise self._replaced()

    def _follow(self, *, write: bool) -> None:
        """Opens the database that replaced this one. Raises NoIndex if there is none, CannotRun with `write`."""
        if not self._connections.path.is_file():
            raise NoIndex(f"The index in {self.folder} was removed. Put it back, or make it anew with: clippings chat")
        if write:
            raise self._replaced()
        found = Store.open(self.folder)
        self._db.close()
        self._db, self._connections = found._db, found._connections

    def _replaced(self) -> CannotRun:
        return CannotRun(
            f"The index in {self.folder} was removed or replaced while it was being changed. What lies there now was "
            "left as it is. Run the same command again."
        )

    def _check_format(self) -> None:
        if self._count("SELECT count(*) FROM sqlite_master") == 0:  # left by a process stopped while creating it
            raise _no_index(self.folder)
        found = self.meta("format") or ""
        if not found.isdigit() or not 1 <= int(found) <= FORMAT:
            raise DamagedIndex(
                f"The index in {self.folder} has format {found or 'unknown'}, this program reads formats 1 to "
                f"{FORMAT}. Use a newer clippings, or another folder with --index."
            )
        if int(found) == FORMAT:
            return
        if self._connections.stamp is not None:
            raise CannotRun(
                f"The index in {self.folder} has the older format {found} and must be brought to format {FORMAT}, but "
                "it cannot be written. Make the folder writable once, or copy it and name the copy with --index."
            )
        with self.transaction():
            migrate(self._db, int(self.meta("format") or FORMAT))  # read again: another process may have migrated it

    # Metadata and versions

    def meta(self, key: str) -> str | None:
        """Returns the value of one entry of the `meta` table; None if there is none."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Writes one entry of the `meta` table."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def version(self) -> int:
        """The number of the current version; 0 is empty."""
        return int(self.meta("version") or 0)

    @property
    def snapshot(self) -> str:
        """The random name of this version's content; the files derived from it have it in their names."""
        return self.meta("snapshot") or ""

    def next_version(self, what: str) -> None:
        """Makes a new version; `what` names the operation. Call it at the end of the transaction with the change."""
        self.duplicates.link()
        self.set_meta("version", str(self.version + 1))
        self.set_meta("snapshot", secrets.token_hex(8))
        versions.add(self._db, self.version, what, self.meta("embedder") or "", int(self.meta("dimension") or 0))
        self.at_new_version()

    @property
    def duplicates(self) -> Duplicates:
        """The stories: which articles are near-duplicates."""
        return Duplicates(self._db, self.articles)

    def staging(self) -> Staging:
        """Returns a new, empty staging area, which replaces an earlier one."""
        return Staging(self._db)

    def versions(self) -> list[versions.Version]:
        """Returns the current version and those that can be returned to, the latest first."""
        return versions.kept(self._db)

    def touched_since(self, number: int) -> list[tuple[str, int]]:
        """Returns the ids of the articles that versions after `number` changed, each with the first that did."""
        return versions.touched_since(self._db, number)

    def noted(self, version: int, article_id: str) -> Revision | None:
        """Returns the revision of an article that `version` replaced; None if there was none."""
        return versions.noted(self._db, version, article_id)

    def counts(self) -> dict[str, int]:
        """Returns the numbers of articles, chunks and sentences (those with vectors)."""
        articles, chunks = (self._count(f"SELECT count(*) FROM {table}") for table in ("article", "chunk"))
        sentences = self._count("SELECT coalesce(sum(json_array_length(sentences)), 0) FROM chunk")
        return {"articles": articles, "chunks": chunks, "sentences": sentences}

    def published_range(self) -> tuple[str | None, str | None]:
        """Returns the first and last publication date in ISO format; None without any."""
        first, last = self._db.execute("SELECT min(published), max(published) FROM article").fetchone()
        return first, last

    def problems(self) -> list[str]:
        """Returns the problems of the database, one line each; see `integrity`."""
        return list(integrity.problems(self._db, self.meta("embedder") or "", int(self.meta("dimension") or 0)))

    def damage(self) -> integrity.Damage:
        """Returns which data are damaged, for a repair."""
        return integrity.damage(self._db, self.meta("embedder") or "")

    def renew_full_text(self) -> None:
        """Rebuilds the full text from the articles, and deletes chunks without an article."""
        self._db.execute("DELETE FROM chunk WHERE article_id NOT IN (SELECT id FROM article)")
        self._db.execute("INSERT INTO chunk_fts (chunk_fts) VALUES ('rebuild')")

    def distrust(self, damaged: Sequence[integrity.DamagedText]) -> None:
        """Has the next update read these articles again; metadata that cannot be parsed are deleted."""
        for text in damaged:
            self.read_again(text.file)
            if text.misnamed:
                self.remove_article(text.id)
            self._db.execute(
                "UPDATE article SET sha256 = '', published = date(published), "
                "comments = iif(json_valid(comments), comments, '[]') WHERE id = ?",
                (text.id,),
            )

    def drop_lost(self, damage: integrity.Damage) -> None:
        """Deletes damaged vectors that only earlier versions used, and versions that cannot be returned to."""
        for path in damage.files:
            self.read_again(path)
        self._db.execute(
            "DELETE FROM embedding WHERE key IN (SELECT value FROM json_each(?)) "
            "AND key NOT IN (SELECT embedding FROM chunk)",
            (json.dumps(damage.keys),),
        )
        versions.drop_lost(self._db, self.version + 1, damage.spoilt)

    def chunk_count(self) -> int:
        """Returns the number of chunks; fast enough to call for every question, unlike `counts`."""
        return self._count("SELECT count(*) FROM chunk")

    def _count(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    # Files

    def file_hashes(self) -> dict[str, str]:
        """Returns the fingerprint of every source that was read (see `sources`), by its name."""
        return dict(self._db.execute("SELECT path, sha256 FROM file"))

    def file_failures(self) -> dict[str, RowFailures]:
        """Returns the failures of the sources that had any, by name."""
        found = self._db.execute("SELECT path, failures FROM file WHERE failures IS NOT NULL")
        return {path: RowFailures(**json.loads(text)) for path, text in found}

    def put_file(self, path: str, sha256: str, failures: RowFailures | None = None) -> None:
        """Records that this content of the file is indexed, except for the failures."""
        text = json.dumps(asdict(failures), ensure_ascii=False) if failures else None
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", (path, sha256, text))

    def read_again(self, path: str) -> None:
        """Has the next update that includes the file read it again, with the columns stored in its fingerprint."""
        self._db.execute("UPDATE file SET sha256 = '?' || ltrim(sha256, '?'), failures = NULL WHERE path = ?", (path,))

    def forget_file(self, path: str) -> None:
        """Deletes the record of a file that no longer exists."""
        self._db.execute("DELETE FROM file WHERE path = ?", (path,))

    # Articles

    def articles(self, ids: Sequence[str] | None = None) -> Iterator[Article]:
        """Yields the articles with these ids in the order given, or all articles by uri."""
        if ids is None:
            yield from (article_of(row) for row in query_rows(self._db, "SELECT * FROM article ORDER BY uri"))
            return
        sql = "SELECT article.* FROM json_each(?) AS wanted JOIN article ON article.id = value ORDER BY key"
        yield from (article_of(row) for row in query_rows(self._db, sql, json.dumps(list(ids))))

    def page(self, filters: Filters, *, title: str, words: str, limit: int, offset: int) -> tuple[list[Article], int]:
        """See `Index.page`."""
        return browse.page(self._db, filters, title=title, words=words, limit=limit, offset=offset)

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """See `Index.excerpts`."""
        return browse.excerpts(self._db, ids, words)

    def tally(self) -> list[browse.Tally]:
        """See `Index.tally`."""
        return browse.tally(self._db)

    def article_hashes(self) -> dict[str, tuple[str, str]]:
        """Returns the file and the content hash of every article, by uri."""
        found = self._db.execute("SELECT uri, file, sha256 FROM article")
        return {uri: (file, sha256) for uri, file, sha256 in found}

    def put_article(self, article: Article, file: str, chunks: Sequence[Chunk], keys: Sequence[str]) -> None:
        """Writes an article with its chunks, replacing the existing one; `keys` are those of the chunks' vectors."""
        self.put_revision(Revision(article_row(article, file), chunk_rows(chunks, keys)))

    def revision(self, article_id: str) -> Revision | None:
        """Returns the current revision of an article; None if the article does not exist."""
        return Revision.read(self._db, article_id)

    def put_revision(self, revision: Revision) -> None:
        """Writes a revision of an article, replacing the current one."""
        self.remove_article(revision.article["id"])
        revision.write(self._db)

    def remove_article(self, article_id: str) -> None:
        """Removes an article and its chunks, and records them for a rollback; no error if it does not exist."""
        coming = self.version + 1
        versions.note(self._db, coming, article_id)
        self._db.execute(
            "INSERT OR REPLACE INTO unused SELECT embedding, ? FROM chunk WHERE article_id = ?", (coming, article_id)
        )
        self._db.execute(
            "INSERT INTO chunk_fts (chunk_fts, rowid, title, text) SELECT 'delete', passage.* "
            "FROM chunk JOIN passage USING (id) WHERE article_id = ?",
            (article_id,),
        )
        self._db.execute("DELETE FROM chunk WHERE article_id = ?", (article_id,))
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))

    # Chunks and their vectors

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Returns chunks by row id; ids that do not exist are left out."""
        wanted = json.dumps([int(i) for i in ids])
        found = query_rows(self._db, "SELECT * FROM chunk WHERE id IN (SELECT value FROM json_each(?))", wanted)
        return {row["id"]: chunk_of(row) for row in found}

    def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """Returns the places of chunks by row id; ids that do not exist are left out."""
        wanted = json.dumps([int(i) for i in ids])
        rows = self._db.execute(f"{_PLACES} WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
        return {row_id: Place(*place) for row_id, *place in rows}

    def places_in(self, article_ids: Sequence[str]) -> dict[int, Place]:
        """Returns the places of all chunks of some articles, by row id."""
        wanted = json.dumps(list(article_ids))
        rows = self._db.execute(f"{_PLACES} WHERE article_id IN (SELECT value FROM json_each(?))", (wanted,))
        return {row_id: Place(*place) for row_id, *place in rows}

    def missing_vectors(self, keys: Sequence[str]) -> set[str]:
        """Returns those of the keys for which no vectors are stored."""
        found = self._db.execute(
            "SELECT key FROM embedding WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
        )
        return set(keys) - {key for (key,) in found}

    def put_vectors(self, vectors: dict[str, NDArray[np.float16]]) -> None:
        """Stores vectors by content key; they are kept for some versions even if no article uses them."""
        found = [(key, array.tobytes()) for key, array in vectors.items()]
        self._db.executemany(
            "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", [(key, blob, zlib.crc32(blob)) for key, blob in found]
        )
        version = self.version
        self._db.executemany("INSERT OR REPLACE INTO unused VALUES (?, ?)", [(key, version) for key, _ in found])

    def vector_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Returns the chunk ids in ascending order, and the number of vectors of each (its own and its sentences')."""
        rows = self._db.execute("SELECT id, 1 + json_array_length(sentences) FROM chunk ORDER BY id").fetchall()
        table = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def vectors(self, dimension: int, ids: NDArray[np.int64] | None = None) -> Iterator[NDArray[np.float16]]:
        """Yields the vectors of all chunks, or of those with the `ids`, (1 + sentences, dimension), by ascending id."""
        chosen = "" if ids is None else "WHERE chunk.id IN (SELECT value FROM json_each(?))"
        rows = self._db.execute(
            f"SELECT vectors FROM chunk JOIN embedding ON key = embedding {chosen} ORDER BY chunk.id",
            () if ids is None else (json.dumps(ids.tolist()),),
        )
        for (blob,) in rows:
            yield np.frombuffer(blob, dtype=np.float16).reshape(-1, dimension)

    def passages(self, ids: NDArray[np.int64] | None = None) -> Iterator[tuple[str, str]]:
        """Yields title and text of every chunk, or of those with the `ids`, by ascending id."""
        chosen = "" if ids is None else "WHERE id IN (SELECT value FROM json_each(?))"
        sql = f"SELECT title, text FROM passage {chosen} ORDER BY id"
        yield from self._db.execute(sql, () if ids is None else (json.dumps(ids.tolist()),))

    # Search

    def known(self, terms: Sequence[str]) -> list[str]:
        """Returns those of the terms that occur, stemmed, in some chunk's title or text, in the order given."""
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE EXISTS "
            "(SELECT 1 FROM chunk_fts WHERE chunk_fts MATCH '\"' || replace(value, '\"', '\"\"') || '\"')",
            (json.dumps(list(terms)),),
        )
        return [term for (term,) in rows]

    def holding(self, word: str, limit: int) -> NDArray[np.int64]:
        """Returns row ids of up to `limit` chunks with the word (letters only), in any form with the same stem."""
        rows = self._db.execute("SELECT rowid FROM chunk_fts WHERE chunk_fts MATCH ? LIMIT ?", (f'"{word}"', limit))
        return np.fromiter((row_id for (row_id,) in rows), np.int64)

    def allowed_chunks(self, filters: Filters) -> NDArray[np.int64] | None:
        """Returns the row ids of the chunks that match the filters; None if there are no filters."""
        condition, values = filters.sql()
        if not condition:
            return None
        rows = self._db.execute(f"{_ALLOWED_CHUNKS} WHERE {condition}", values)
        return np.fromiter((row_id for (row_id,) in rows), np.int64)

    def allowed_articles(self, ids: Sequence[str], filters: Filters) -> list[str]:
        """Returns the ids of those of the articles that match the filters, in any order."""
        condition, values = filters.sql()
        rows = self._db.execute(
            "SELECT id FROM article WHERE id IN (SELECT value FROM json_each(?))"
            + (f" AND {condition}" if condition else ""),
            (json.dumps(list(ids)), *values),
        )
        return [article_id for (article_id,) in rows]

    def document_frequency(self, terms: Sequence[str]) -> list[int]:
        """Returns, for each term as stemmed by FTS5, the number of chunks that contain it in title or text."""
        sql = "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?"
        return [self._db.execute(sql, ('"' + term.replace('"', '""') + '"',)).fetchone()[0] for term in terms]


_PLACES = 'SELECT id, article_id, ordinal, start, "end" FROM chunk'
_ALLOWED_CHUNKS = "SELECT chunk.id FROM chunk JOIN article ON article.id = chunk.article_id"


def _no_index(folder: Path) -> NoIndex:
    return NoIndex(f"No index in {folder}. Build one with: clippings index update FOLDER_OF_ARTICLES")
