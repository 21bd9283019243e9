"""An index of an earlier format is brought to today's, whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Index
from index.embedding.chunking import Chunk
from index.errors import CannotRun, DamagedIndex
from index.sources import sources
from index.storage import schema
from index.storage.connection import DATABASE

QUESTION = "How many people drowned in Hollin?"
TO_FORMAT_1 = (
    "DROP TABLE likeness",
    "DROP TABLE unused",
    "DROP TABLE version",
    "DROP TABLE earlier",
    "ALTER TABLE file DROP COLUMN failures",
    "ALTER TABLE article DROP COLUMN language",
    "ALTER TABLE embedding DROP COLUMN crc",
    "UPDATE meta SET value = '1' WHERE key = 'format'",
)


def raw(folder: Path, *statements: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / DATABASE)
    with connection:
        rows = [connection.execute(sql).fetchall() for sql in statements][-1]
    connection.close()
    return rows


def to_format_1(index: Index) -> None:
    """Close the index, and make of it what an earlier clippings would have left: its articles have no language."""
    hashes = [(replace(article, language=None).sha256, article.id) for article in index.articles()]
    index.close()
    connection = sqlite3.connect(index.folder / DATABASE)
    with connection:
        connection.executemany("UPDATE article SET sha256 = ? WHERE id = ?", hashes)
    connection.close()
    raw(index.folder, *TO_FORMAT_1)


def found(index: Index) -> list[tuple[Chunk, float]]:
    return [(hit.chunk, hit.score) for hit in index.search(QUESTION, top_k=9)]


def test_an_index_of_format_1_opens_and_has_versions_from_then_on(index: Index, articles_folder: Path) -> None:
    before = found(index)
    to_format_1(index)
    raw(index.folder, "INSERT INTO embedding VALUES ('left over', x'00')")
    opened = Index.open(index.folder, embedder=HashEmbedder())
    assert found(opened) == before
    status = opened.status()
    assert (status.format, status.version, opened.verify()) == (2, 1, [])
    assert [(v.number, v.made, v.what) for v in status.versions] == [(1, None, "made by an earlier clippings")]
    assert raw(index.folder, "SELECT * FROM unused") == [("left over", 1)]
    assert len(opened.update([articles_folder]).unchanged) == 4
    with pytest.raises(CannotRun, match="no earlier version"):
        opened.rollback()
    opened.remove(["flood.txt"])
    assert len(opened.rollback().added) == 1
    assert found(opened) == before
    opened.close()


def test_the_language_of_articles_from_format_1_comes_with_the_next_reader(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {article.language for article in index.articles()} == {"en"}
    to_format_1(index)
    opened = Index.open(index.folder, embedder=HashEmbedder())
    assert {article.language for article in opened.articles()} == {None}
    monkeypatch.setattr(sources, "READER_VERSION", "next")
    report = opened.update([articles_folder])
    assert (len(report.changed), report.embedded) == (4, 0)
    assert {article.language for article in opened.articles()} == {"en"}
    opened.rollback()
    assert {article.language for article in opened.articles()} == {None}
    opened.close()


def test_a_migrated_index_has_the_tables_of_a_new_one(index: Index) -> None:
    altered = ("article", "embedding", "file")
    tables = (
        "SELECT name, replace(replace(sql, char(10), ''), ' ', '') FROM sqlite_master "
        f"WHERE name NOT IN {altered} ORDER BY 1"
    )
    columns = (
        'SELECT master.name, info.name, info.type, info."notnull" '
        f"FROM sqlite_master AS master, pragma_table_info(master.name) AS info WHERE master.name IN {altered} ORDER BY 1, 2"
    )
    expected = raw(index.folder, tables), raw(index.folder, columns)
    to_format_1(index)
    Index.open(index.folder).close()
    assert (raw(index.folder, tables), raw(index.folder, columns)) == expected


def test_a_migration_that_is_stopped_leaves_the_old_format(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    to_format_1(index)
    step = schema._STEPS[1]
    with monkeypatch.context() as patch:
        patch.setitem(schema._STEPS, 1, f"{step.rstrip().rstrip(';')};\nINSERT INTO nowhere VALUES (1);\n")
        with pytest.raises(DamagedIndex, match="no such table: nowhere"):
            Index.open(index.folder)
    assert raw(index.folder, "SELECT value FROM meta WHERE key = 'format'") == [("1",)]
    assert raw(index.folder, "SELECT count(*) FROM sqlite_master WHERE name = 'earlier'") == [(0,)]
    Index.open(index.folder).close()


def test_an_older_index_that_cannot_be_written_says_what_to_do(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    to_format_1(index)
    monkeypatch.setattr("index.storage.connection._writable", lambda path: (_ for _ in ()).throw(_read_only()))
    with pytest.raises(CannotRun) as caught:
        Index.open(index.folder)
    assert str(caught.value) == (
        f"The index in {index.folder} has the older format 1 and must be brought to format 2, but it cannot be written. "
        "Make the folder writable once, or copy it and name the copy with --index."
    )


def _read_only() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    return error
