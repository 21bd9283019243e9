"""The SQLite file: articles, chunks, full text and vectors, the one truth of an index.

All writing happens in transactions and every change of content gets a new version, so a reader sees the old
index or the new one, whole. Knows nothing about models: vectors come in and go out as arrays.

    meta       key, value: format, embedder, dimension, version, snapshot
    file       what was read from where, by content hash, so that unchanged files are not read again
    article    one row an article
    chunk      character offsets into the article, sentence spans, key of the vectors
    embedding  vectors by content key (float16, first the chunk's, then its sentences'); shared by equal texts
    chunk_fts  FTS5 over title and chunk text (BM25, Porter stemming); stores no text of its own
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.chunking import Chunk
from index.errors import CannotRun, DamagedIndex, NoIndex
from index.filters import Filters

FORMAT = 2
"""Version of the layout; a program that meets a higher one refuses to touch the index."""

DATABASE = "clippings.sqlite"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (
    id TEXT PRIMARY KEY, uri TEXT NOT NULL UNIQUE, file TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    author TEXT, source TEXT, published TEXT, url TEXT, comments TEXT NOT NULL, language TEXT, sha256 TEXT NOT NULL
);
CREATE INDEX article_file ON article (file);
CREATE INDEX article_published ON article (published);
CREATE TABLE embedding (key TEXT PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES article (id), ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, sentences TEXT NOT NULL,
    embedding TEXT NOT NULL REFERENCES embedding (key), UNIQUE (article_id, ordinal)
);
CREATE INDEX chunk_embedding ON chunk (embedding);
CREATE VIEW passage AS
    SELECT chunk.id AS id, article.title AS title, substr(article.text, start + 1, end - start) AS text
    FROM chunk JOIN article ON article.id = chunk.article_id;
CREATE VIRTUAL TABLE chunk_fts USING fts5 (
    title, text, content = 'passage', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
"""

_ARTICLE_COLUMNS = "uri, title, text, author, source, published, url, comments, language"


class Store:
    """One open connection to an index's database."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._db = connection
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the index in `folder`. NoIndex if there is none, DamagedIndex if it cannot be read."""
        path = folder / DATABASE
        if not path.is_file():
            raise _no_index(folder)
        with _readable(folder):
            store = cls(_connect(path), folder)
            try:
                empty = store._count("SELECT count(*) FROM sqlite_master") == 0
                found = None if empty else store.meta("format")
            except sqlite3.DatabaseError:
                store.close()
                raise
        if empty:  # left by a stop while it was being made
            store.close()
            raise _no_index(folder)
        if found != str(FORMAT):
            store.close()
            raise DamagedIndex(
                f"The index in {folder} has format {found}, this program reads format {FORMAT}. "
                "Use a newer clippings, or another folder with --index."
            )
        return store

    @classmethod
    def create(cls, folder: Path, *, embedder: str, dimension: int) -> Store:
        """Open the index in `folder`, making an empty one first if there is none."""
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
        with _readable(folder):
            connection = _connect(folder / DATABASE)
        store = cls(connection, folder)
        with store.transaction():
            for statement in _SCHEMA.strip().split(";\n"):
                connection.execute(statement)
            values = {"format": FORMAT, "embedder": embedder, "dimension": dimension, "version": 0}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in values.items()])
            store.set_meta("snapshot", secrets.token_hex(8))
        return store

    def close(self) -> None:
        """Close the connection; the Store cannot be used after it."""
        self._db.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Everything inside happens as one: seen by nobody until the end, undone if it fails.

        With `write=False`, everything read inside comes from the same version.
        """
        with _readable(self.folder):
            self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite has undone it by itself when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    # What the index is

    def meta(self, key: str) -> str | None:
        """Value of one entry of the `meta` table."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Write one entry of the `meta` table."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def version(self) -> int:
        """Number of the content's version; 0 is empty."""
        return int(self.meta("version") or 0)

    @property
    def snapshot(self) -> str:
        """Random name of this version's content; the derived vector file carries it."""
        return self.meta("snapshot") or ""

    def next_version(self) -> None:
        """Say that the content has changed; inside the transaction that changed it."""
        self.set_meta("version", str(self.version + 1))
        self.set_meta("snapshot", secrets.token_hex(8))

    def counts(self) -> dict[str, int]:
        """Rows: articles, chunks, sentences (those with vectors)."""
        articles, chunks = (self._count(f"SELECT count(*) FROM {table}") for table in ("article", "chunk"))
        sentences = self._count("SELECT coalesce(sum(json_array_length(sentences)), 0) FROM chunk")
        return {"articles": articles, "chunks": chunks, "sentences": sentences}

    def published_range(self) -> tuple[str | None, str | None]:
        """First and last date of publication, as ISO dates; None without any."""
        first, last = self._db.execute("SELECT min(published), max(published) FROM article").fetchone()
        return first, last

    def problems(self) -> list[str]:
        """What is wrong with the database, one line each: SQLite's own check, the full text, offsets and vectors."""
        found = [f"database: {row[0]}" for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        checks = {
            "chunks without an article": "SELECT count(*) FROM chunk WHERE article_id NOT IN (SELECT id FROM article)",
            "chunks without vectors": "SELECT count(*) FROM chunk WHERE embedding NOT IN (SELECT key FROM embedding)",
            "chunks whose offsets lie outside their article": "SELECT count(*) FROM chunk JOIN article "
            "ON article.id = article_id WHERE start < 0 OR start >= end OR end > length(text)",
            "chunks with vectors of the wrong size": "SELECT count(*) FROM chunk JOIN embedding ON key = embedding "
            "WHERE length(vectors) != 2 * (1 + json_array_length(sentences)) * "
            "(SELECT value FROM meta WHERE key = 'dimension')",
            "chunks missing from the full-text index": "SELECT (SELECT count(*) FROM chunk) - "
            "(SELECT count(*) FROM chunk_fts_docsize)",
        }
        found += [f"{count} {what}" for what, sql in checks.items() if (count := self._count(sql))]
        found += [f"{a.uri}: text does not match its hash" for a in self.articles() if a.sha256 != self._sha256(a.id)]
        return found

    def _sha256(self, article_id: str) -> str:
        row = self._db.execute("SELECT sha256 FROM article WHERE id = ?", (article_id,)).fetchone()
        return str(row[0])

    def chunk_count(self) -> int:
        """Rows of the `chunk` table; cheap enough for every question, unlike `counts`."""
        return self._count("SELECT count(*) FROM chunk")

    def _count(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    # Files

    def file_hashes(self) -> dict[str, str]:
        """Content hash of every file that was read, by path."""
        return dict(self._db.execute("SELECT path, sha256 FROM file"))

    def put_file(self, path: str, sha256: str) -> None:
        """Remember that this content of the file is indexed."""
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?)", (path, sha256))

    def forget_file(self, path: str) -> None:
        """Forget a file, so that it is read again when it is met."""
        self._db.execute("DELETE FROM file WHERE path = ?", (path,))

    # Articles

    def articles(self, ids: Sequence[str] | None = None) -> Iterator[Article]:
        """Articles by id in the order given, or all of them by uri."""
        if ids is None:
            rows: Iterable[tuple[str | None, ...]] = self._db.execute(
                f"SELECT {_ARTICLE_COLUMNS} FROM article ORDER BY uri"
            )
            yield from map(_article, rows)
            return
        for article_id in ids:
            row = self._db.execute(f"SELECT {_ARTICLE_COLUMNS} FROM article WHERE id = ?", (article_id,)).fetchone()
            if row is not None:
                yield _article(row)

    def article_hashes(self) -> dict[str, tuple[str, str]]:
        """For each article's uri its file and content hash."""
        rows = self._db.execute("SELECT uri, file, sha256 FROM article")
        return {uri: (file, sha256) for uri, file, sha256 in rows}

    def put_article(self, article: Article, file: str, chunks: Sequence[Chunk], keys: Sequence[str]) -> None:
        """Write an article with its chunks, in place of what was there; `keys` name the chunks' vectors."""
        self.remove_article(article.id)
        published = article.published.isoformat() if article.published else None
        self._db.execute(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(article.id, article.uri, file, article.title, article.text, article.author, article.source),
                *(published, article.url, json.dumps(article.comments, ensure_ascii=False), article.language),
                article.sha256,
            ),
        )
        self._db.executemany(
            "INSERT INTO chunk (article_id, ordinal, start, end, sentences, embedding) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (c.article_id, c.ordinal, c.start, c.end, json.dumps(c.sentences, separators=(",", ":")), key)
                for c, key in zip(chunks, keys, strict=True)
            ],
        )
        self._db.execute(
            "INSERT INTO chunk_fts (rowid, title, text) SELECT passage.* FROM chunk JOIN passage USING (id) "
            "WHERE article_id = ?",
            (article.id,),
        )

    def remove_article(self, article_id: str) -> None:
        """Take an article and its chunks out; no error if it is not there."""
        self._db.execute(
            "INSERT INTO chunk_fts (chunk_fts, rowid, title, text) SELECT 'delete', passage.* "
            "FROM chunk JOIN passage USING (id) WHERE article_id = ?",
            (article_id,),
        )
        self._db.execute("DELETE FROM chunk WHERE article_id = ?", (article_id,))
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))

    # Chunks and their vectors

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Chunks by row id; ids that are not there are left out."""
        rows = self._db.execute(
            "SELECT id, article_id, ordinal, start, end, sentences FROM chunk "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(i) for i in ids]),),
        )
        return {
            row_id: Chunk(article_id, ordinal, start, end, tuple((a, b) for a, b in json.loads(sentences)))
            for row_id, article_id, ordinal, start, end, sentences in rows
        }

    def missing_embeddings(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys for which no vectors are stored."""
        found = self._db.execute(
            "SELECT key FROM embedding WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
        )
        return set(keys) - {key for (key,) in found}

    def put_embeddings(self, vectors: dict[str, NDArray[np.float16]]) -> None:
        """Store vectors by content key."""
        rows = [(key, array.tobytes()) for key, array in vectors.items()]
        self._db.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?)", rows)

    def drop_unused_embeddings(self) -> None:
        """Delete vectors that no chunk uses any more."""
        self._db.execute("DELETE FROM embedding WHERE key NOT IN (SELECT embedding FROM chunk)")

    def vector_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Chunk ids in ascending order, and how many vectors each has (its own and its sentences')."""
        rows = self._db.execute("SELECT id, 1 + json_array_length(sentences) FROM chunk ORDER BY id").fetchall()
        table = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def vectors(self, dimension: int) -> Iterator[NDArray[np.float16]]:
        """Vectors of every chunk, (1 + sentences, dimension), in the order of `vector_rows`."""
        rows = self._db.execute("SELECT vectors FROM chunk JOIN embedding ON key = embedding ORDER BY chunk.id")
        for (blob,) in rows:
            yield np.frombuffer(blob, dtype=np.float16).reshape(-1, dimension)

    # Search

    def bm25(self, terms: Sequence[str], filters: Filters, *, limit: int, title_weight: float) -> dict[int, float]:
        """BM25 score (0 and up, higher is better) of the best chunks that hold any of the terms."""
        if not terms:
            return {}
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        condition, values = filters.sql()
        narrowed = f"AND rowid IN ({_ALLOWED_CHUNKS} WHERE {condition})" if condition else ""
        rows = self._db.execute(
            f"SELECT rowid, -bm25(chunk_fts, ?, 1.0) AS score FROM chunk_fts WHERE chunk_fts MATCH ? {narrowed} "
            "ORDER BY score DESC, rowid LIMIT ?",
            (title_weight, match, *values, limit),
        )
        return {row_id: max(0.0, score) for row_id, score in rows}

    def known(self, terms: Sequence[str]) -> list[str]:
        """Those of the terms that stand, stemmed, in some chunk's title or text, in the order given."""
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE EXISTS "
            "(SELECT 1 FROM chunk_fts WHERE chunk_fts MATCH '\"' || replace(value, '\"', '\"\"') || '\"')",
            (json.dumps(list(terms)),),
        )
        return [term for (term,) in rows]

    def allowed_chunks(self, filters: Filters) -> set[int] | None:
        """Row ids of the chunks that the filters let through; None if they let everything through."""
        condition, values = filters.sql()
        if not condition:
            return None
        return {row_id for (row_id,) in self._db.execute(f"{_ALLOWED_CHUNKS} WHERE {condition}", values)}

    def document_frequency(self, terms: Sequence[str]) -> list[int]:
        """For each term, as FTS5 stems it, the number of chunks that hold it in title or text."""
        return [
            self._db.execute(
                "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?", ('"' + term.replace('"', '""') + '"',)
            ).fetchone()[0]
            for term in terms
        ]


_ALLOWED_CHUNKS = "SELECT chunk.id FROM chunk JOIN article ON article.id = chunk.article_id"


def _connect(path: Path) -> sqlite3.Connection:
    """Autocommit (transactions are begun by hand), readers not blocked by a writer, used from several threads."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    # SQLite's own lower() knows ASCII only.
    connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)
    return connection


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Say for people what SQLite says for programmers: DamagedIndex, or CannotRun for a full disk and the like."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise CannotRun(f"The index in {folder} cannot be used: {error}.") from error
        raise _damaged(folder, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(folder, error) from error


def _no_index(folder: Path) -> NoIndex:
    return NoIndex(f"No index in {folder}. Build one with: clippings index update FOLDER_OF_ARTICLES")


def _damaged(folder: Path, error: sqlite3.Error) -> DamagedIndex:
    return DamagedIndex(
        f"The index in {folder} cannot be read ({error}). Move the folder away and build it again with: "
        "clippings index update FOLDER_OF_ARTICLES"
    )


def _article(row: Sequence[str | None]) -> Article:
    uri, title, text, author, source, published, url, comments, language = row
    return Article(
        uri=uri or "",
        title=title or "",
        text=text or "",
        author=author,
        source=source,
        published=date.fromisoformat(published) if published else None,
        url=url,
        comments=tuple(json.loads(comments or "[]")),
        language=language,
    )
