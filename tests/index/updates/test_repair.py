"""Repair mends what can be made from the articles' text, names what cannot, and changes nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from conftest import FLOOD
from standins import HashEmbedder

from index import Index
from index.errors import CannotRun
from index.storage.database.connection import DATABASE

QUESTION = "How many people drowned in Hollin?"


def raw(index: Index, sql: str) -> None:
    connection = sqlite3.connect(index.folder / DATABASE)
    with connection:
        connection.execute(sql)
    connection.close()


def test_repairing_a_sound_index_embeds_nothing(index: Index, embedder: HashEmbedder) -> None:
    before = index.search(QUESTION, top_k=9)
    report = index.repair()
    assert (report.mended, report.read_again, report.embedded, report.version) == ([], [], 0, 2)
    assert embedder.embedded == 4
    assert index.search(QUESTION, top_k=9) == before


@pytest.mark.parametrize(
    ("damage", "mended"),
    [
        ("DELETE FROM embedding", 4),
        ("UPDATE embedding SET vectors = zeroblob(length(vectors)) WHERE key = (SELECT min(key) FROM embedding)", 1),
        ("UPDATE embedding SET crc = 1", 4),
        ("UPDATE chunk SET end = end + 1000", 4),
        ("UPDATE chunk SET start = -1, sentences = 'no' WHERE id = 1", 1),
        ("UPDATE chunk SET embedding = (SELECT min(key) FROM embedding)", 3),
        ("DELETE FROM chunk_fts_data WHERE id > 10", 0),
        ("INSERT INTO chunk_fts (chunk_fts) VALUES ('delete-all')", 0),
        ("INSERT INTO chunk_fts (rowid, title, text) VALUES (99, '', 'drowned')", 0),
        ("INSERT INTO chunk SELECT 99, 'nobody', 0, 0, 5, '[[0,5]]', embedding FROM chunk WHERE id = 1", 0),
    ],
)
def test_what_is_derived_is_made_anew(index: Index, embedder: HashEmbedder, damage: str, mended: int) -> None:
    before = index.search(QUESTION, top_k=9)
    raw(index, damage)
    assert index.verify() != []
    report = index.repair()
    assert (len(report.mended), report.read_again, report.embedded) == (mended, [], mended)
    assert embedder.embedded == 4 + mended
    assert index.verify() == []
    assert index.search(QUESTION, top_k=9) == before


@pytest.mark.parametrize(
    "damage",
    [
        "text = replace(text, 'thirty-one', 'thirty-two')",
        "text = text || ' And more.'",
        "title = 'Drought'",
        "published = 'soon'",
        "comments = '{'",
        "id = '0123456789abcdef'",
    ],
)
def test_damaged_text_is_named_and_read_again(index: Index, articles_folder: Path, damage: str) -> None:
    before = index.search(QUESTION, top_k=9)
    flood = str(articles_folder / "flood.txt")
    raw(index, f"UPDATE article SET {damage} WHERE uri = '{flood}'")
    assert f"{flood}: text does not match its hash" in index.verify()
    assert index.repair().read_again == [flood]
    assert [problem for problem in index.verify() if not problem.endswith("does not match its hash")] == []
    report = index.update([articles_folder])
    assert (report.added + report.changed, len(report.unchanged)) == ([flood], 3)
    assert index.verify() == []
    assert index.search(QUESTION, top_k=9) == before


def test_damaged_text_whose_file_is_gone_is_kept_and_named(index: Index, articles_folder: Path) -> None:
    flood = articles_folder / "flood.txt"
    raw(index, f"UPDATE article SET text = replace(text, 'river', 'rxver') WHERE uri = '{flood}'")
    flood.unlink()
    for _ in range(2):
        assert index.repair().read_again == [str(flood)]
        assert index.verify() == [f"{flood}: text does not match its hash"]
    assert index.search("rxver")[0].article.title == "Flood in the Arle valley"


def test_earlier_versions_without_their_vectors_are_given_up(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").write_text(FLOOD.replace("thirty-one", "forty"))
    index.update([articles_folder])
    raw(index, "DELETE FROM embedding WHERE key NOT IN (SELECT embedding FROM chunk)")
    assert index.verify() == ["1 earlier versions lack vectors; they cannot be returned to"]
    index.repair()
    assert index.verify() == []
    assert [version.number for version in index.status().versions] == [3, 2]
    index.rollback()
    with pytest.raises(CannotRun, match="no earlier version"):
        Index.create(index.folder.parent / "new", embedder=HashEmbedder()).rollback()


def test_a_repair_that_is_stopped_can_be_repeated(index: Index) -> None:
    raw(index, "DELETE FROM embedding")

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.repair(progress=stop)
    assert (index.version, len(index.verify())) == (1, 1)
    assert index.repair().embedded == 4
    assert index.verify() == []
