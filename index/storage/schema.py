"""The database schema, and the migrations from earlier formats.

    meta       keys and values: format, embedder, dimension, version, snapshot
    file       the sources that were read (files and addresses), each with its fingerprint, so that unchanged ones are
               not read again, and with what failed
    article    one row per article
    chunk      character offsets into the article, sentence spans, key of the vectors
    embedding  vectors by content key (float16, first the chunk's, then its sentences'), CRC-32; shared by equal texts;
               those that an unfinished rebuild with the same model has computed have the key prefix "anew:"
    unused     vectors that no chunk uses, and since which version: deleted when no kept version needs them
    chunk_fts  FTS5 index of title and chunk text (BM25, Porter stemming); stores no text of its own
    version    the current version and the kept ones: time, operation and embedding model
    earlier    the revisions that each version replaced, one per article; see `versions`
    likeness   one row per article: the bands of its MinHash fingerprint (none for a short text), and the story it
               shares with others, named by the smallest of their ids; see `near_duplicates.stories`

A change of the schema increments `FORMAT` and adds a migration, so that an index of an earlier release opens.
"""

from __future__ import annotations

import sqlite3
import zlib

FORMAT = 2
"""Version of the schema; a program that finds a higher one refuses to open the index."""

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""Options of FTS5's tokenizer: Porter stemming, Unicode, diacritics removed."""

_SINCE_2 = """
CREATE TABLE unused (key TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE version (
    number INTEGER PRIMARY KEY, made TEXT, what TEXT NOT NULL, embedder TEXT NOT NULL, dimension INTEGER NOT NULL
);
CREATE TABLE earlier (
    version INTEGER NOT NULL, article_id TEXT NOT NULL, revision TEXT, PRIMARY KEY (version, article_id)
);
CREATE TABLE likeness (
    article_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bands BLOB NOT NULL, story TEXT
) WITHOUT ROWID;
CREATE INDEX likeness_story ON likeness (story) WHERE story IS NOT NULL;
"""

_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, failures TEXT) WITHOUT ROWID;
CREATE TABLE article (
    id TEXT PRIMARY KEY, uri TEXT NOT NULL UNIQUE, file TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    author TEXT, source TEXT, published TEXT, url TEXT, comments TEXT NOT NULL, language TEXT,
    sha256 TEXT NOT NULL
);
CREATE INDEX article_file ON article (file);
CREATE INDEX article_published ON article (published);
CREATE TABLE embedding (key TEXT PRIMARY KEY, vectors BLOB NOT NULL, crc INTEGER) WITHOUT ROWID;
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
    title, text, content = 'passage', content_rowid = 'id', tokenize = '{TOKENIZER}'
);
{_SINCE_2.strip()}
"""

# Migrations, each from the format named to the next.
_STEPS = {
    1: f"""
ALTER TABLE file ADD COLUMN failures TEXT;
ALTER TABLE article ADD COLUMN language TEXT;
ALTER TABLE embedding ADD COLUMN crc INTEGER;
UPDATE embedding SET crc = crc32(vectors);
{_SINCE_2.strip()}
INSERT INTO unused SELECT key, (SELECT value FROM meta WHERE key = 'version') FROM embedding
    WHERE key NOT IN (SELECT embedding FROM chunk);
INSERT INTO version SELECT (SELECT value FROM meta WHERE key = 'version'), NULL, 'made by an earlier clippings',
    (SELECT value FROM meta WHERE key = 'embedder'), (SELECT value FROM meta WHERE key = 'dimension');
""",
}


def add_functions(connection: sqlite3.Connection) -> None:
    """Registers the SQL functions that the statements here and in `filters` use."""
    # SQLite's own lower() handles ASCII only.
    connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)
    connection.create_function("crc32", 1, zlib.crc32, deterministic=True)


def make_tables(connection: sqlite3.Connection) -> None:
    """Creates the tables of a new index. Call it inside a transaction."""
    _run(connection, _SCHEMA)


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Migrates a database from format `found` to `FORMAT`. Call it inside a transaction."""
    for step in range(found, FORMAT):
        _run(connection, _STEPS[step])
    connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(FORMAT),))


def _run(connection: sqlite3.Connection, statements: str) -> None:
    # Not `executescript`, which would commit the transaction.
    for statement in statements.strip().split(";\n"):
        connection.execute(statement)
