"""The database: what goes in comes out, whole or not at all."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.embedding.chunking import Chunk
from index.embedding.passages import content_key, passage_of
from index.errors import CannotRun, DamagedIndex, NoIndex
from index.search.bm25 import Bm25
from index.search.postings import Postings
from index.storage.database.connection import DATABASE
from index.storage.database.filters import Filters
from index.storage.revisions import Revision, article_row, chunk_rows
from index.storage.store import Store

BRIDGE = Article(
    "/a/bridge.md",
    "Bridge bill climbs",
    "The bridge costs 587 million.\n\nClay lies beneath it. 🐢 Żółw.",
    "Marit Oldacre",
    "Courier",
    date(2021, 3, 14),
    "https://courier.example/bridge",
    ("Too dear!", "“Quite.”"),
)
BRIDGE_CHUNKS = [
    Chunk(BRIDGE.id, 0, 0, 29, ((0, 29),)),
    Chunk(BRIDGE.id, 1, 31, len(BRIDGE.text), ((31, 51), (52, len(BRIDGE.text)))),
]
FLOOD = Article("/a/flood.txt", "Flood", "The river rose. People fled.")
FLOOD_CHUNKS = [Chunk(FLOOD.id, 0, 0, 28, ((0, 15), (16, 28)))]
NO_FILTERS = Filters()
K0, K1, K2 = KEYS = [
    content_key(passage_of(article, chunk), "hash@1")
    for article, chunks in ((BRIDGE, BRIDGE_CHUNKS), (FLOOD, FLOOD_CHUNKS))
    for chunk in chunks
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Bridge (keys K0, K1) and flood (key K2)."""
    made = Store.create(tmp_path / "index", embedder="hash@1", dimension=2)
    with made.transaction():
        made.vectors.put({key: array(n, 2 if n == 0 else 3) for n, key in enumerate(KEYS)})
        made.put_revision(revision(BRIDGE, "/a/bridge.md", BRIDGE_CHUNKS, [K0, K1]))
        made.put_revision(revision(FLOOD, "/a/flood.txt", FLOOD_CHUNKS, [K2]))
        made.files.put("/a/bridge.md", "hash-b")
        made.next_version("test")
    yield made
    made.close()


def revision(article: Article, file: str, chunks: list[Chunk], keys: list[str]) -> Revision:
    return Revision(article_row(article, file), chunk_rows(chunks, keys))


def counts(store: Store) -> tuple[int, int, int]:
    """The numbers of articles, chunks and sentences."""
    return store.articles.count(), store.chunks.count(), store.chunks.count_sentences()


def array(n: int, rows: int) -> np.ndarray:
    return np.arange(10 * n, 10 * n + 2 * rows, dtype=np.float16).reshape(rows, 2)


def raw(store: Store, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Run a statement from outside, as another program would."""
    connection = sqlite3.connect(store.folder / DATABASE)
    with connection:
        rows = connection.execute(sql, values).fetchall()
    connection.close()
    return rows


def ids_of(store: Store, article: Article) -> list[int]:
    return [row for row in store.vectors.counts()[0].tolist() if store.chunks.get([row])[row].article_id == article.id]


def test_articles_come_out_as_they_went_in(store: Store) -> None:
    assert list(store.articles.all()) == [BRIDGE, FLOOD]
    assert list(store.articles.get([FLOOD.id, "nobody", BRIDGE.id])) == [FLOOD, BRIDGE]
    assert list(store.articles.get([])) == []
    assert store.articles.hashes() == {
        "/a/bridge.md": ("/a/bridge.md", BRIDGE.sha256),
        "/a/flood.txt": ("/a/flood.txt", FLOOD.sha256),
    }
    assert counts(store) == (2, 3, 5)
    assert store.articles.published_range() == ("2021-03-14", "2021-03-14")


def test_chunks_come_out_as_they_went_in(store: Store) -> None:
    ids, counts = store.vectors.counts()
    found = store.chunks.get([*ids.tolist(), 999])
    assert list(found) == ids.tolist() == sorted(ids.tolist())
    assert [found[i] for i in ids.tolist()] == [*BRIDGE_CHUNKS, *FLOOD_CHUNKS]
    assert counts.tolist() == [2, 3, 3]


def test_vectors_come_in_the_order_of_the_chunks(store: Store) -> None:
    found = list(store.vectors.get(2))
    assert [v.tolist() for v in found] == [array(0, 2).tolist(), array(1, 3).tolist(), array(2, 3).tolist()]
    assert found[0].dtype == np.float16


def test_missing_vectors_are_those_not_stored(store: Store) -> None:
    assert store.vectors.missing([K0, "k7", K2, "k8", "k7"]) == {"k7", "k8"}
    assert store.vectors.missing([]) == set()


def test_putting_an_article_again_replaces_it(store: Store) -> None:
    changed = Article(BRIDGE.uri, "Bridge opens", "The bridge opened in autumn.")
    with store.transaction():
        store.put_revision(revision(changed, "/a/bridge.md", [Chunk(changed.id, 0, 0, 28, ((0, 28),))], [K0]))
    assert list(store.articles.all()) == [changed, FLOOD]
    assert counts(store) == (2, 2, 3)
    assert bm25(store, ["clay"]) == {}
    assert list(bm25(store, ["autumn"])) == ids_of(store, changed)
    assert store.problems() == [f"{BRIDGE.uri}: the vectors of chunk 0 are those of another text"]


def test_removing_an_article_takes_its_chunks_and_words_with_it(store: Store) -> None:
    with store.transaction():
        store.remove_article(BRIDGE.id)
        store.remove_article("nobody")
        store.next_version("test")
    assert list(store.articles.all()) == [FLOOD]
    assert store.full_text.frequencies(["bridge", "clay", "river"]) == [0, 0, 1]
    assert store.vectors.missing(KEYS) == set()  # a way back may need them
    assert store.problems() == []


def test_files_are_remembered_and_forgotten(store: Store) -> None:
    store.files.put("/a/flood.txt", "hash-f")
    store.files.put("/a/bridge.md", "hash-b2")
    assert store.files.fingerprints() == {"/a/bridge.md": "hash-b2", "/a/flood.txt": "hash-f"}
    store.files.forget("/a/bridge.md")
    store.files.forget("/a/unknown.md")
    assert store.files.fingerprints() == {"/a/flood.txt": "hash-f"}


def test_every_change_is_a_new_version_with_a_new_snapshot(store: Store) -> None:
    assert store.meta.version == 1
    before = store.meta.snapshot
    store.next_version("test")
    assert store.meta.version == 2
    assert len(store.meta.snapshot) == 16
    assert store.meta.snapshot != before


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction():
        store.remove_article(BRIDGE.id)
        store.next_version("test")
        raise KeyboardInterrupt
    assert store.meta.version == 1
    assert list(store.articles.all()) == [BRIDGE, FLOOD]
    assert store.problems() == []
    with store.transaction():
        store.next_version("test")
    assert store.meta.version == 2


def test_a_reader_sees_the_old_version_until_the_writer_is_done(store: Store) -> None:
    reader = Store.open(store.folder)
    with store.transaction():
        store.remove_article(BRIDGE.id)
        store.next_version("test")
        assert reader.meta.version == 1
        assert list(reader.articles.all()) == [BRIDGE, FLOOD]
    assert reader.meta.version == 2
    assert list(reader.articles.all()) == [FLOOD]
    reader.close()


def test_a_reading_transaction_stays_in_its_version(store: Store) -> None:
    reader = Store.open(store.folder)
    with reader.transaction(write=False):
        assert reader.meta.version == 1
        with store.transaction():
            store.remove_article(BRIDGE.id)
            store.next_version("test")
        assert reader.meta.version == 1
        assert list(bm25(reader, ["clay"])) != []
    assert reader.meta.version == 2
    reader.close()


# Full text


def bm25(
    store: Store, terms: list[str], filters: Filters = NO_FILTERS, *, limit: int = 9, title_weight: float = 1.0
) -> dict[int, float]:
    allowed = store.chunks.allowed(filters)
    chunk_ids, _ = store.vectors.counts()
    whole = Bm25(chunk_ids, Postings.from_passages(chunk_ids, store.chunks.passages))
    return whole.best(terms, limit=limit, title_weight=title_weight, allowed=allowed)


def bm25_by_hand(store_texts: list[tuple[list[str], list[str]]], term: str, title_weight: float) -> list[float]:
    """BM25 as the SQLite documentation writes it (k1 1.2, b 0.75), for stemmed words of (title, text)."""
    n = len(store_texts)
    df = sum(term in title + text for title, text in store_texts)
    idf = max(1e-6, math.log((n - df + 0.5) / (df + 0.5)))
    average = sum(len(title) + len(text) for title, text in store_texts) / n
    scores = []
    for title, text in store_texts:
        tf = title_weight * title.count(term) + text.count(term)
        scores.append(idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * (len(title) + len(text)) / average)))
    return scores


TEXTS = [
    ("bridge bill climb".split(), "the bridg cost 587 million".replace("bridg", "bridge").split()),
    ("bridge bill climb".split(), "clay lies beneath it żółw".split()),
    (["flood"], "the river rose people fled".split()),
]


@pytest.mark.parametrize("title_weight", [1.0, 2.5])
@pytest.mark.parametrize(
    ("term", "stemmed"), [("clay", "clay"), ("river", "river"), ("flooding", "flood"), ("million", "million")]
)
def test_bm25_is_what_the_formula_says(store: Store, term: str, stemmed: str, title_weight: float) -> None:
    expected = dict(zip(store.vectors.counts()[0].tolist(), bm25_by_hand(TEXTS, stemmed, title_weight), strict=True))
    found = bm25(store, [term], title_weight=title_weight)
    assert found == pytest.approx({row: score for row, score in expected.items() if score > 0})


def test_bm25_gives_the_best_first_and_at_most_the_limit(store: Store) -> None:
    everything = bm25(store, ["clay", "bridge", "river"])
    assert list(everything.values()) == sorted(everything.values(), reverse=True)
    assert len(everything) == 3
    assert list(bm25(store, ["clay", "bridge", "river"], limit=2)) == list(everything)[:2]


def test_bm25_obeys_filters(store: Store) -> None:
    found = bm25(store, ["the"], Filters(source="cour"))
    assert list(found) == ids_of(store, BRIDGE)[:1]
    assert bm25(store, ["river"], Filters(source="cour")) == {}
    allowed = store.chunks.allowed(Filters(source="cour"))
    assert allowed is not None and allowed.tolist() == ids_of(store, BRIDGE)
    assert store.chunks.allowed(NO_FILTERS) is None


@pytest.mark.parametrize("term", ['"', '""', "*", "NEAR(clay", "AND", "clay*", "title:clay", "_", "²", "", "-", "("])
def test_no_term_is_ever_taken_for_search_syntax(store: Store, term: str) -> None:
    bm25(store, [term])
    found = bm25(store, [term, "river"])
    assert list(found)[:1] == ids_of(store, FLOOD)


def test_document_frequency_counts_chunks_by_stem(store: Store) -> None:
    # The title counts for every chunk of its article.
    terms = ["bridges", "CLAY", "bill", "river", "zołw", "the", "nowhere", '"']
    assert store.full_text.frequencies(terms) == [2, 1, 2, 1, 1, 2, 0, 0]


# Opening


def test_a_folder_without_an_index_is_no_index(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoIndex) as caught:
            Store.open(folder)
        assert str(caught.value) == f"No index in {folder}. Build one with: clippings index update FOLDER_OF_ARTICLES"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + b"\x07" * 5000, b"\x00" * 4096])
def test_a_file_that_is_no_index_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(
        DamagedIndex, match=r"cannot be read \(.+\)\. Save what is sound of it with: clippings index repair"
    ):
        Store.open(tmp_path)


def test_another_format_is_refused_by_number(store: Store) -> None:
    for found in ("3", "1", "x"):
        raw(store, "UPDATE meta SET value = ? WHERE key = 'format'", found)
        with pytest.raises(
            DamagedIndex, match=f"has format {found}, this program reads format 2. Use the clippings that wrote it"
        ):
            Store.open(store.folder)


def test_a_folder_that_cannot_be_made_cannot_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotRun, match=r"file cannot be made: .+\. Choose another one with --index"):
        Store.create(tmp_path / "file", embedder="hash@1", dimension=2)


def test_creating_again_opens_what_is_there(store: Store) -> None:
    again = Store.create(store.folder, embedder="other", dimension=99)
    assert again.meta.embedder == "hash@1"
    assert list(again.articles.all()) == [BRIDGE, FLOOD]
    again.close()


def test_a_new_index_is_empty(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "a" / "b", embedder="hash@1", dimension=2)
    assert (store.meta.version, store.meta.dimension, store.meta.get("nothing")) == (0, 2, None)
    assert counts(store) == (0, 0, 0)
    assert store.articles.published_range() == (None, None)
    assert store.vectors.counts()[0].tolist() == store.vectors.counts()[1].tolist() == []
    assert list(store.vectors.get(2)) == []
    assert store.problems() == []
    store.close()


# Damage


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE chunk SET end = 9999 WHERE ordinal = 1", "/a/bridge.md: the offsets of chunk 1 do not fit the text"),
        ("UPDATE chunk SET start = end", "/a/flood.txt: the offsets of chunk 0 do not fit the text"),
        ("UPDATE chunk SET start = -1", "/a/bridge.md: the offsets of chunk 1 do not fit the text"),
        ("UPDATE chunk SET ordinal = 7 WHERE ordinal = 1", "/a/bridge.md: the offsets of chunk 1 do not fit the text"),
        (
            "UPDATE chunk SET sentences = '[[0,15],[15,28]]'",
            "/a/flood.txt: the vectors of chunk 0 are those of another text",
        ),
        ("UPDATE chunk SET sentences = '[[0,15],[14,28]]'", "/a/flood.txt: the offsets of chunk 0 do not fit the text"),
        ("UPDATE chunk SET sentences = '[]'", "/a/flood.txt: the offsets of chunk 0 do not fit the text"),
        ("UPDATE chunk SET sentences = 'no'", "/a/flood.txt: the offsets of chunk 0 do not fit the text"),
        (f"UPDATE chunk SET embedding = '{K1}'", "/a/flood.txt: the vectors of chunk 0 are those of another text"),
        (
            "UPDATE meta SET value = 'hash@2' WHERE key = 'embedder'",
            "/a/bridge.md: the vectors of chunk 0 are those of another text",
        ),
        (f"DELETE FROM embedding WHERE key = '{K1}'", "1 chunk rows without their embedding"),
        (
            f"UPDATE embedding SET vectors = x'00000000' WHERE key != '{K1}'",
            "vectors of 2 passages do not match their checksum",
        ),
        ("UPDATE embedding SET vectors = x'0000', crc = 1104745215", "3 chunks with vectors of the wrong size"),
        ("UPDATE meta SET value = '3' WHERE key = 'dimension'", "3 chunks with vectors of the wrong size"),
        ("DELETE FROM article WHERE uri = '/a/flood.txt'", "1 chunk rows without their article"),
        ("UPDATE article SET text = replace(text, '587', '578')", "/a/bridge.md: text does not match its hash"),
        ("UPDATE article SET comments = '[]' WHERE uri = '/a/bridge.md'", "/a/bridge.md: text does not match its hash"),
        ("UPDATE article SET comments = '{' WHERE uri = '/a/bridge.md'", "/a/bridge.md: text does not match its hash"),
        ("UPDATE article SET published = 'soon'", "/a/bridge.md: text does not match its hash"),
        (
            "UPDATE article SET id = '0123456789abcdef' WHERE uri = '/a/flood.txt'",
            "/a/flood.txt: text does not match its hash",
        ),
        ("INSERT INTO chunk_fts (chunk_fts) VALUES ('delete-all')", "the full text does not match the articles"),
        (
            "INSERT INTO chunk_fts (rowid, title, text) VALUES (9, '', 'strange')",
            "the full text does not match the articles",
        ),
        ("DELETE FROM chunk_fts_data WHERE id > 10", "the full text does not match the articles"),
    ],
)
def test_verify_finds_planted_damage(store: Store, damage: str, problem: str) -> None:
    assert store.problems() == []
    raw(store, damage)
    assert problem in store.problems()


def test_a_torn_database_is_damaged_not_a_traceback(store: Store) -> None:
    with store.transaction():
        store.files.put("/a/filler", "x" * 200_000)
    path = store.folder / DATABASE
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    broken = Store.open(store.folder)
    with pytest.raises(DamagedIndex, match="clippings index repair"), broken.transaction(write=False):
        list(broken.articles.all())
    broken.close()


def test_what_sqlite_refuses_is_said_for_people(store: Store) -> None:
    with pytest.raises(CannotRun, match="cannot be used: cannot start a transaction"), store.transaction():  # noqa: SIM117
        with store.transaction():
            pass
    assert store.meta.version == 1


def test_an_empty_file_left_by_a_stop_is_no_index_and_is_made_into_one(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "clippings.sqlite").execute("PRAGMA journal_mode = WAL").connection.close()
    assert (tmp_path / "clippings.sqlite").stat().st_size > 0
    with pytest.raises(NoIndex):
        Store.open(tmp_path)
    assert Store.create(tmp_path, embedder="hash@1", dimension=4).meta.version == 0
    assert Store.open(tmp_path).meta.embedder == "hash@1"
