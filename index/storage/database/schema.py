"""The database schema.

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

A change of the schema increments `FORMAT`.
"""

from __future__ import annotations

from index.storage.database.statements import Statements

FORMAT = 2
"""Version of the schema; an index of another one is not opened."""

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""Options of FTS5's tokenizer: Porter stemming, Unicode, diacritics removed."""

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


def make_tables(db: Statements) -> None:
    """Creates the tables of a new index. Call it inside a transaction."""
    # Not `executescript`, which would commit the transaction.
    for statement in _SCHEMA.strip().split(";\n"):
        db.execute(statement)
