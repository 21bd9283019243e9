"""Integrity check of the database: articles against their hashes; chunks, words and vectors against the articles.

    database    SQLite's own check of its pages and of foreign keys
    articles    text and metadata against the hash that was computed when they were read
    chunks      offsets of chunks and sentences within the text
    vectors     CRC-32 of the bytes; and the key, which is the hash of the text that they were computed from
    full text   every word at every position, against a newly built full-text index
    versions    numbers and models against the `meta` table; earlier articles that are kept against their hash

Nothing is written, so an index can be checked in a read-only folder, and during an update.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap, zip_longest
from operator import eq

from index.article import Article, article_id
from index.embedding.chunking import Chunk
from index.embedding.passages import content_key, passage_of
from index.storage.database.schema import TOKENIZER
from index.storage.database.statements import Row, Statements, query_rows
from index.storage.revisions import Revision, article_of, chunk_of
from index.storage.versions import LOST


def problems(db: Statements, embedder: str, dimension: int) -> Iterator[str]:
    """Yields the problems of the database, one line each. Call it inside a transaction."""
    yield from _database(db)
    for article in query_rows(db, "SELECT * FROM article ORDER BY uri"):
        yield from _article(db, article, embedder)
    yield from _vectors(db, dimension)
    yield from _full_text(db)
    yield from _history(db)
    yield from _files(db)
    lost = db.execute(LOST).fetchone()[1]
    if lost:
        yield f"{lost} earlier versions lack vectors; they cannot be returned to"


@dataclass(frozen=True, slots=True)
class DamagedText:
    """An article whose stored text or metadata is damaged: it must be read again."""

    id: str
    uri: str
    file: str

    @property
    def misnamed(self) -> bool:
        """Whether the id is not the one derived from the uri, so that no lookup would find the article."""
        return self.id != article_id(self.uri)


@dataclass(frozen=True, slots=True)
class Damage:
    """What a repair must regenerate: articles (ids) whose chunks or vectors are damaged, and those vectors (keys).

    `texts` and `files` are to be read again; versions up to number `spoilt` cannot be returned to.
    """

    articles: list[str]
    keys: list[str]
    texts: list[DamagedText]
    files: list[str]
    spoilt: int


def damage(db: Statements, embedder: str) -> Damage:
    """Locates the damage that `problems` reports. Call it inside a transaction."""
    texts: list[DamagedText] = []
    keys = _damaged_keys(db)
    users = db.execute(
        "SELECT article_id FROM chunk LEFT JOIN embedding ON key = embedding "
        "WHERE key IS NULL OR key IN (SELECT value FROM json_each(?))",
        (json.dumps(keys),),
    )
    articles = {article_id for (article_id,) in users}
    for row in query_rows(db, "SELECT * FROM article ORDER BY uri"):
        if not _is_sound(row):
            texts.append(DamagedText(row["id"], row["uri"], row["file"]))
            articles.add(row["id"])
        elif any(_chunk_faults(db, article_of(row), embedder)):
            articles.add(row["id"])
    return Damage(sorted(articles), keys, texts, _damaged_files(db), _spoilt(db))


def _database(db: Statements) -> Iterator[str]:
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"database: {line}"
    for table, parent, count in db.execute(
        'SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY "table", parent'
    ):
        yield f"{count} {table} rows without their {parent}"


def _article(db: Statements, row: Row, embedder: str) -> Iterator[str]:
    if not _is_sound(row):
        yield f"{row['uri']}: text does not match its hash"
        return
    yield from (f"{row['uri']}: {fault}" for fault in _chunk_faults(db, article_of(row), embedder))


def _is_sound(row: Row) -> bool:
    try:
        article = article_of(row)
        return (article.id, article.sha256) == (row["id"], row["sha256"])
    except (ValueError, TypeError, AttributeError):  # the last two if a damaged column has another type
        return False


def _chunk_faults(db: Statements, article: Article, embedder: str) -> Iterator[str]:
    rows = list(query_rows(db, "SELECT * FROM chunk WHERE article_id = ? ORDER BY ordinal", article.id))
    if article.text and not rows:
        yield "there are no chunks of the text"
    for place, row in enumerate(rows):
        try:
            chunk = chunk_of(row)
            inside = chunk.ordinal == place and _is_inside(chunk, article)
        except (ValueError, TypeError):
            inside = False
        if not inside:
            yield f"the offsets of chunk {place} do not fit the text"
        elif content_key(passage_of(article, chunk), embedder) != row["embedding"]:
            yield f"the vectors of chunk {place} are those of another text"


def _is_inside(chunk: Chunk, article: Article) -> bool:
    """Returns whether chunk and sentences are spans of the text, and the sentences follow each other."""
    edges = [edge for span in chunk.sentences for edge in span]
    return (
        0 <= chunk.start < chunk.end <= len(article.text)
        and bool(edges)
        and edges == sorted(edges)
        and all(start < end for start, end in chunk.sentences)
        and (edges[0], edges[-1]) == (chunk.start, chunk.end)
    )


def _vectors(db: Statements, dimension: int) -> Iterator[str]:
    damaged = _damaged_keys(db)
    if damaged:
        yield f"vectors of {len(damaged)} passages do not match their checksum"
    wrong = db.execute(
        "SELECT count(*) FROM chunk JOIN embedding ON key = embedding WHERE json_valid(sentences) AND "
        "length(vectors) != 2 * (1 + json_array_length(sentences)) * ?",
        (dimension,),
    ).fetchone()[0]
    if wrong:
        yield f"{wrong} chunks with vectors of the wrong size"


def _damaged_keys(db: Statements) -> list[str]:
    rows = db.execute("SELECT key, vectors, crc FROM embedding")
    return [key for key, blob, crc in rows if not isinstance(blob, bytes) or zlib.crc32(blob) != crc]


def _history(db: Statements) -> Iterator[str]:
    """Yields problems of the versions: against the `meta` table, and of kept earlier articles against their hash."""
    fault = _fault_of_versions(db)
    if fault is not None:
        yield fault
    notes = len(_damaged_notes(db))
    if notes:
        yield f"{notes} articles of earlier versions are damaged; these versions cannot be returned to"


def _fault_of_versions(db: Statements) -> str | None:
    meta = dict(db.execute("SELECT key, value FROM meta"))
    rows = db.execute("SELECT number, made, what, embedder, dimension FROM version ORDER BY number").fetchall()
    current = int(meta.get("version") or 0)
    if not rows or [row[0] for row in rows] != list(range(current - len(rows) + 1, current + 1)):
        return "the list of versions does not fit the index's own"
    if [str(value) for value in rows[-1][3:]] != [meta.get("embedder"), meta.get("dimension")]:
        return "the list of versions names another embedding model than the index"
    return None if all(_is_version(*row) for row in rows) else "the list of versions is damaged"


def _spoilt(db: Statements) -> int:
    """Returns the last version that cannot be returned to because of what `_history` reports; 0 without any."""
    notes = _damaged_notes(db)
    if _fault_of_versions(db) is not None:
        notes.append(int(db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0]) + 1)
    return max(notes, default=0)


def _is_version(_: object, made: object, what: object, embedder: object, dimension: object) -> bool:
    try:
        datetime.fromisoformat(str(made or "1970-01-01"))
    except ValueError:
        return False
    return isinstance(what, str) and isinstance(embedder, str) and isinstance(dimension, int)


def _damaged_notes(db: Statements) -> list[int]:
    """Returns the versions that keep a damaged revision of an earlier article, once per damaged revision."""
    rows = db.execute("SELECT version, article_id, revision FROM earlier WHERE revision IS NOT NULL")
    return [version for version, article_id, text in rows if not _is_note(article_id, text)]


def _is_note(article_id: str, text: str) -> bool:
    try:
        revision = Revision.from_json(text)
        chunks = [chunk_of(row) for row in revision.chunks]
        article = article_of(revision.article)
        inside = all(_is_inside(chunk, article) and chunk.article_id == article_id for chunk in chunks)
        keys = all(re.fullmatch("[0-9a-f]{64}", row["embedding"]) for row in revision.chunks)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    unread = revision.article["sha256"] == ""  # its text was damaged, and has not been read again yet
    return revision.article["id"] == article_id and (unread or _is_sound(revision.article)) and inside and keys


def _files(db: Statements) -> Iterator[str]:
    """Yields problems of the stored file records."""
    for path in _damaged_files(db):
        yield f"{path}: what is remembered of the file is damaged"


def _damaged_files(db: Statements) -> list[str]:
    """Returns the paths of the files whose stored failures are not valid JSON."""
    return [path for (path,) in db.execute("SELECT path FROM file WHERE NOT json_valid(coalesce(failures, '{}'))")]


def _full_text(db: Statements) -> Iterator[str]:
    """Compares the full text with a newly built one; FTS5's own integrity check would have to write."""
    names = ("words_found", "words_wanted", "wanted_fts")
    for name in names:
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE VIRTUAL TABLE temp.wanted_fts USING fts5 (title, text, content = '', tokenize = '{TOKENIZER}')")
    db.execute("INSERT INTO temp.wanted_fts (rowid, title, text) SELECT * FROM passage ORDER BY id")
    db.execute("CREATE VIRTUAL TABLE temp.words_wanted USING fts5vocab (temp, wanted_fts, instance)")
    db.execute("CREATE VIRTUAL TABLE temp.words_found USING fts5vocab (main, chunk_fts, instance)")
    try:
        with closing(db.execute("SELECT * FROM temp.words_found")) as found:
            wanted = db.execute("SELECT * FROM temp.words_wanted")
            same = all(starmap(eq, zip_longest(found, wanted)))
            wanted.close()
    except sqlite3.DatabaseError:  # FTS5's internal tables are damaged
        same = False
    if not same:
        yield "the full text does not match the articles"
    for name in names:
        db.execute(f"DROP TABLE temp.{name}")
