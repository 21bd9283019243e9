"""The door: opening, sharing a folder, finding articles, and what happens when files are damaged."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from standins import HashEmbedder

from index import Filters, Index, Status
from index import index as index_module
from index.embedding.embedder import Passage, Vectors
from index.errors import CannotRun, DamagedIndex, IndexBusy, NoIndex, WrongEmbedder, WrongUse
from index.search.postings import Postings
from index.search.search import Hit
from index.search.vectors import VectorIndex
from index.storage.database.connection import DATABASE
from index.storage.store import Store

QUESTION = "How many people drowned in Hollin?"
NEW = "A lorry overturned\n\nA lorry overturned on the ring road. Nobody was hurt, the police said."


def derived_files(index: Index) -> list[Path]:
    return sorted([*index.folder.glob("vectors-*"), *index.folder.glob("words-*")])


def raw(index: Index, sql: str) -> None:
    connection = sqlite3.connect(index.folder / DATABASE)
    with connection:
        connection.execute(sql)
    connection.close()


# Opening


def test_opening_where_there_is_no_index_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(NoIndex) as caught:
        Index.open(tmp_path / "none")
    assert (
        str(caught.value)
        == f"No index in {tmp_path / 'none'}. Build one with: clippings index update FOLDER_OF_ARTICLES"
    )
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\x00" + bytes(5000)])
def test_opening_garbage_is_a_damaged_index(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(content)
    for open_it in (Index.open, Index.create):
        with pytest.raises(DamagedIndex, match="cannot be read"):
            open_it(tmp_path, embedder=HashEmbedder())
    assert (tmp_path / DATABASE).read_bytes().startswith(content)


def test_opening_with_another_model_is_refused(index: Index) -> None:
    for open_it in (Index.open, Index.create):
        with pytest.raises(WrongEmbedder) as caught:
            open_it(index.folder, embedder=HashEmbedder(name="hash@2"))
        assert str(caught.value) == (
            f"The index in {index.folder} was made with the embedding model hash@1, not hash@2. "
            "Use that model, or make the index anew with: clippings index rebuild"
        )


def test_an_unknown_recorded_model_is_named_when_it_is_needed(index: Index) -> None:
    opened = Index.open(index.folder)
    assert opened.status().articles == 4
    with pytest.raises(WrongEmbedder, match="The embedding model hash@1 is not known here"):
        opened.search(QUESTION)
    opened.close()


def test_the_recorded_model_is_loaded_at_the_first_question(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(index_module, "load_embedder", lambda name: (loaded.append(name), HashEmbedder(name=name))[1])
    opened = Index.open(index.folder)
    assert loaded == []
    assert opened.search(QUESTION) == index.search(QUESTION)
    opened.search(QUESTION)
    assert loaded == ["hash@1"]
    opened.close()


def test_creating_opens_what_is_there(index: Index) -> None:
    again = Index.create(index.folder, embedder=HashEmbedder())
    assert again.version == 1
    assert again.search(QUESTION) == index.search(QUESTION)
    again.close()


def test_the_users_home_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Index.create("~/archive", embedder=HashEmbedder())
    assert made.folder == tmp_path / "archive"
    assert (tmp_path / "archive" / DATABASE).is_file()
    made.close()


def test_status_says_what_the_index_holds(index: Index) -> None:
    status = index.status()
    size = sum(file.stat().st_size for file in index.folder.iterdir())
    assert status == Status(
        folder=str(index.folder),
        articles=4,
        chunks=4,
        sentences=10,
        embedder="hash@1",
        version=1,
        megabytes=round(size / 1e6, 1),
        first_published="2021-03-14",
        last_published="2025-04-03",
        undated=1,
        format=2,
        versions=status.versions,
    )
    assert [(v.number, v.what, v.embedder) for v in status.versions] == [
        (1, "update", "hash@1"),
        (0, "made empty", "hash@1"),
    ]
    made = datetime.fromisoformat(status.versions[0].made or "")
    assert timedelta(0) <= datetime.now(UTC) - made < timedelta(minutes=5)
    assert status.megabytes > 0


def test_document_frequencies_count_chunks_by_stem(index: Index) -> None:
    assert index.document_frequencies(["drown", "the", "bridges", "nobody"]) == ([1, 3, 1, 0], 4)


# Whole articles, and the vectors of sentences


@pytest.fixture
def long(tmp_path: Path) -> Iterator[Index]:
    """An article of several chunks, which names the flood in its last, and another article."""
    days = [f"Day {n} was quiet. " + " ".join(f"w{n}x{m}" for m in range(90)) + "." for n in range(6)]
    rows = [
        {"id": "long", "title": "Days", "text": "\n\n".join([*days, "The flood came at last. It rained."])},
        {"id": "short", "title": "Flood", "text": "The flood came. Nobody knew."},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made = Index.create(tmp_path / "long", embedder=HashEmbedder(max_tokens=120))
    made.update([tmp_path / "rows.jsonl"])
    yield made
    made.close()


def test_a_whole_article_is_all_its_chunks_in_order(long: Index) -> None:
    article = long.find("long")
    hits = long.whole(article.id, "the flood")
    assert [hit.chunk.ordinal for hit in hits] == list(range(len(hits)))
    assert len(hits) >= 4
    assert {hit.article.id for hit in hits} == {article.id}
    assert (hits[0].chunk.start, hits[-1].chunk.end) == (0, len(article.text))
    assert max(hits, key=lambda hit: hit.sentence) is hits[-1]


def test_a_whole_article_is_scored_by_vectors_alone_as_in_a_search(long: Index) -> None:
    found = {(h.article.id, h.chunk.ordinal): h for h in long.search("flood rained", top_k=50)}
    for hit in long.whole(long.find("long").id, "flood rained"):
        same = found[hit.article.id, hit.chunk.ordinal]
        assert (hit.dense, hit.sentence) == pytest.approx((same.dense, same.sentence), abs=1e-6)
        assert hit.sentence_cosines == pytest.approx(same.sentence_cosines, abs=1e-6)
        assert hit.lexical == 0.0


def test_an_article_that_there_is_not_is_empty(long: Index) -> None:
    assert long.whole("nobody", "the flood") == []


def test_vectors_of_sentences_are_those_of_the_hits_in_their_order(long: Index) -> None:
    embedder = HashEmbedder(max_tokens=120)
    hits = long.search("the flood came", top_k=50)
    hits = [*reversed(hits), hits[0]]
    vectors = long.sentence_vectors(hits)
    assert len(vectors) == len(hits)
    for hit, own in zip(hits, vectors, strict=True):
        assert (own.shape, own.dtype) == ((len(hit.chunk.sentences), 256), np.float32)
        for (start, end), vector in zip(hit.chunk.sentences, own, strict=True):
            assert vector @ embedder.embed_question(hit.article.text[start:end]) == pytest.approx(1, abs=0.01)
    assert long.sentence_vectors([]) == []


def test_vectors_of_a_chunk_that_is_gone_are_a_key_error(long: Index) -> None:
    hits = long.search("the flood came", top_k=50)
    long.remove(["short"])
    with pytest.raises(KeyError):
        long.sentence_vectors(hits)
    assert len(long.sentence_vectors([hit for hit in hits if hit.article.title == "Days"])) >= 4


# Two on one folder


def test_a_reader_sees_the_new_version_after_the_writers_update(index: Index, articles_folder: Path) -> None:
    reader = Index.open(index.folder, embedder=HashEmbedder())
    assert [hit.lexical for hit in reader.search("lorry")] == [0.0] * 4
    (articles_folder / "new.txt").write_text(NEW)
    index.update([articles_folder])
    assert reader.version == 2
    hit = reader.search("lorry")[0]
    assert (hit.article.title, hit.lexical) == ("A lorry overturned", 1.0)
    assert reader.search(QUESTION, top_k=9) == index.search(QUESTION, top_k=9)
    reader.remove(["new.txt"])
    assert [hit.lexical for hit in index.search("lorry", top_k=9)] == [0.0] * 4
    reader.close()


def test_a_reader_with_the_old_model_says_so_after_a_rebuild_with_another(index: Index, articles_folder: Path) -> None:
    reader = Index.open(index.folder, embedder=HashEmbedder())
    reader.warm()
    index.rebuild(embedder=HashEmbedder(name="hash@2"))
    with pytest.raises(WrongEmbedder, match="hash@2, not hash@1"):
        reader.search(QUESTION)
    (articles_folder / "new.txt").write_text(NEW)
    with pytest.raises(WrongEmbedder, match="hash@2, not hash@1"):
        reader.update([articles_folder])
    assert index.verify() == []
    reader.close()


def test_writing_while_the_lock_is_held_is_index_busy(index: Index, articles_folder: Path) -> None:
    with FileLock(index.folder / "writer.lock"):
        for write in (
            lambda: index.update([articles_folder]),
            lambda: index.remove(["flood.txt"]),
            lambda: index.rebuild(),
        ):
            with pytest.raises(IndexBusy) as caught:
                write()
            assert str(caught.value) == (
                f"The index in {index.folder} is being written by another process. Wait for it to end, or stop it, then "
                "try again. Asking and searching go on meanwhile."
            )
        assert index.search(QUESTION)[0].article.title == "Flood in the Arle valley"
    assert len(index.update([articles_folder]).unchanged) == 4


HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_writing_while_another_process_writes_is_index_busy(index: Index, articles_folder: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(index.folder / "writer.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy):
            index.update([articles_folder])
        other.kill()  # a lock dies with its process
    assert len(index.update([articles_folder]).unchanged) == 4


def test_a_folder_that_cannot_be_written_is_said_for_people(index: Index, articles_folder: Path) -> None:
    lock = index.folder / "writer.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(CannotRun, match="cannot be written"):
        index.update([articles_folder])
    assert len(index.search(QUESTION)) == 4


def test_searching_does_not_wait_for_a_writer(index: Index) -> None:
    before = index.search(QUESTION, top_k=9)
    writer = sqlite3.connect(index.folder / DATABASE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM chunk")
    index._store.database.execute("PRAGMA busy_timeout = 100")
    assert index.search(QUESTION, top_k=9) == before
    assert index.status().chunks == 4
    assert index.verify() == []
    writer.execute("ROLLBACK")
    writer.close()


# Threads


def test_threads_share_an_index(index: Index) -> None:
    questions = [QUESTION, "What will the bridge cost?", "Which airline filed for bankruptcy?", "kelvora"] * 10
    expected = [index.search(question, top_k=9) for question in questions]
    fresh = Index.open(index.folder, embedder=HashEmbedder())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: fresh.search(question, top_k=9), questions)) == expected
    fresh.close()


def test_closing_waits_for_those_who_read(index: Index) -> None:
    for _ in range(30):
        shared = Index.open(index.folder, embedder=HashEmbedder())
        reading = threading.Semaphore(0)

        def read(shared: Index, reading: threading.Semaphore) -> str:
            while True:
                try:
                    shared.search(QUESTION, top_k=9)
                except CannotRun as error:
                    return str(error)
                reading.release()

        with ThreadPoolExecutor(4) as pool:
            readings = [pool.submit(read, shared, reading) for _ in range(4)]
            assert all(reading.acquire(timeout=20) for _ in range(8))
            shared.close()
            assert {each.result(20) for each in readings} == {
                f"The index in {index.folder} was closed. Open it again with Index.open."
            }


class Slow(HashEmbedder):
    """Waits in the middle of embedding, so that a test can look around."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()
        self.go_on = threading.Event()

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        self.began.set()
        assert self.go_on.wait(20)
        return super().embed_passages(passages)


def test_an_index_can_be_searched_while_it_is_updated(index: Index, articles_folder: Path) -> None:
    slow = Slow()
    shared = Index.open(index.folder, embedder=slow)
    before = shared.search(QUESTION, top_k=9)
    (articles_folder / "new.txt").write_text(NEW)
    with ThreadPoolExecutor(2) as pool:
        update = pool.submit(shared.update, [articles_folder])
        assert slow.began.wait(20)
        try:
            assert pool.submit(shared.search, QUESTION, top_k=9).result(10) == before
            with pytest.raises(IndexBusy):
                shared.update([articles_folder])
        finally:
            slow.go_on.set()
        assert len(update.result(20).added) == 1
    assert shared.search("lorry")[0].lexical == 1.0
    shared.close()


def test_every_answer_during_updates_is_of_one_version(index: Index, articles_folder: Path) -> None:
    # Two articles change together; a search must never see one old and one new.
    def write(number: int) -> None:
        for name in ("x.txt", "y.txt"):
            (articles_folder / name).write_text(
                f"Both say\n\nBoth articles report that the count was number{number} today."
            )

    write(0)
    index.update([articles_folder])
    mixed: list[list[Hit]] = []
    searched = 0
    stop = threading.Event()

    def read() -> None:
        nonlocal searched
        with_own = Index.open(index.folder, embedder=HashEmbedder())
        for reader in (index, with_own):
            while True:
                hits = reader.search("Both articles report the count", top_k=2)
                searched += 1
                if len({hit.text for hit in hits}) != 1:
                    mixed.append(hits)
                if stop.is_set():
                    break
        with_own.close()

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(1, 8):
            write(number)
            index.update([articles_folder])
        stop.set()
        for reader in readers:
            reader.result(20)
    assert mixed == []
    assert searched >= 4
    assert index.version == 9


# Finding and removing


def test_an_article_is_found_by_id_uri_and_name(index: Index, articles_folder: Path) -> None:
    flood = next(a for a in index.articles() if a.title.startswith("Flood"))
    for name in (flood.id, flood.uri, "flood.txt", "articles/flood.txt"):
        assert index.find(name) == flood
    assert index.find("airline").title == index.find("briefs.jsonl#airline").title == "Airline grounded"


@pytest.mark.parametrize("name", ["nothing", "lood.txt", "flood", "", "briefs.jsonl", "AIRLINE"])
def test_an_unknown_name_is_wrong_use(index: Index, name: str) -> None:
    with pytest.raises(WrongUse) as caught:
        index.find(name)
    assert str(caught.value) == f"No article is called {name!r}. List them with: clippings index list"


def test_articles_page_by_page_the_latest_first(index: Index) -> None:
    def titles(*arguments: Filters, **options: object) -> tuple[list[str], int]:
        found, total = index.page(*arguments, **options)
        return [article.title for article in found], total

    latest_first = ["Vaccine licensed", "Airline grounded", "Bridge bill climbs", "Flood in the Arle valley"]
    assert titles() == (latest_first, 4)
    assert titles(limit=2, offset=1) == (latest_first[1:3], 4)
    assert titles(offset=4) == ([], 4)
    assert titles(title="BILL") == (["Bridge bill climbs"], 1)
    assert titles(title="l", limit=1) == (["Vaccine licensed"], 4)
    assert titles(Filters(source="courier")) == (["Bridge bill climbs"], 1)
    assert titles(Filters(after=date(2022, 1, 1)), title="air") == (["Airline grounded"], 1)
    assert titles(title="%") == ([], 0)


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("BRIDGE", ["Bridge bill climbs"]),
        ("oldacre courier", ["Bridge bill climbs"]),  # author and source
        ("briefs.jsonl", ["Vaccine licensed", "Airline grounded"]),  # the file
        ("articles", []),  # but not its folder
        ("crew", ["Bridge bill climbs"]),  # "crews" in the text
        ("drowning", ["Flood in the Arle valley"]),  # "drowned"
        ("the medi", ["Vaccine licensed"]),  # while it is being typed
        ("bridge flood", []),  # all the words
        ("valley sirens", ["Flood in the Arle valley"]),  # one in the title, one in the text
        ('"soft clay"', ["Bridge bill climbs"]),
        ('"clay soft"', []),
        ('clay" OR "', []),  # nothing is an operator
        ("clay*", ["Bridge bill climbs"]),
        ("%", []),
        ("–", []),
        ("", ["Vaccine licensed", "Airline grounded", "Bridge bill climbs", "Flood in the Arle valley"]),
    ],
)
def test_articles_are_found_by_words_of_their_facts_and_text(index: Index, words: str, titles: list[str]) -> None:
    found, total = index.page(words=words)
    assert ([article.title for article in found], total) == (titles, len(titles))


def test_excerpts_show_where_the_words_stand(index: Index) -> None:
    bridge, flood = index.find("bridge.md").id, index.find("flood.txt").id
    found = index.excerpts([bridge, flood], "crews bill")
    assert list(found) == [bridge]  # "bill" stands in the title alone
    assert [part for part, is_found in found[bridge] if is_found] == ["crews"]
    assert "".join(part for part, _ in found[bridge]) == "…The drilling crews had expected firm gravel there."
    assert index.excerpts([bridge], "–") == index.excerpts([bridge], "") == {}


def test_the_tally_counts_months_and_sources(index: Index) -> None:
    assert [(row.month, row.source, row.articles) for row in index.tally()] == [
        (None, None, 1),
        ("2021-03", "Port Calder Courier", 1),
        ("2022-02", "Sandover Gazette", 1),
        ("2025-04", "The Perrine Mail", 1),
    ]


def test_the_status_of_an_index_that_was_moved_away(index: Index, tmp_path: Path) -> None:
    index.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(NoIndex, match=r"was removed. Put it back"):
        index.status()


def test_an_article_by_its_id(index: Index) -> None:
    bridge = index.find("bridge.md")
    assert index.article(bridge.id) == bridge
    assert index.article("bridge.md") is None


def test_a_name_of_several_articles_is_wrong_use(index: Index, articles_folder: Path) -> None:
    (articles_folder / "sub").mkdir()
    (articles_folder / "sub" / "flood.txt").write_text(NEW)
    index.update([articles_folder])
    with pytest.raises(WrongUse, match=r"^2 articles are called 'flood\.txt'"):
        index.find("flood.txt")
    assert index.find("sub/flood.txt").title == "A lorry overturned"


def test_a_removed_article_is_gone_everywhere(index: Index, embedder: HashEmbedder) -> None:
    removed = index.remove(["flood.txt", "airline"])
    assert [article.title for article in removed] == ["Flood in the Arle valley", "Airline grounded"]
    assert [article.title for article in index.articles()] == ["Bridge bill climbs", "Vaccine licensed"]
    assert index.version == 2
    assert len(index.search(QUESTION, top_k=9)) == 2
    assert index.document_frequencies(["drowned", "airline"]) == ([0, 0], 2)
    assert index.verify() == []


def test_nothing_is_removed_when_one_name_is_unknown(index: Index) -> None:
    with pytest.raises(WrongUse, match="No article is called 'nobody'"):
        index.remove(["flood.txt", "nobody"])
    assert (index.version, index.status().articles) == (1, 4)


@pytest.mark.parametrize("name", ["flood.txt", "C# news.txt", "#1.txt"])
def test_a_removed_article_comes_back_with_the_next_update_of_its_file(
    index: Index, articles_folder: Path, embedder: HashEmbedder, name: str
) -> None:
    (articles_folder / "flood.txt").rename(articles_folder / name)
    index.update([articles_folder], prune=True)
    index.remove([name])
    report = index.update([articles_folder])
    assert report.added == [str(articles_folder / name)]
    assert index.find(name).title == "Flood in the Arle valley"


# The derived files


def test_the_derived_files_are_made_by_the_update_and_carry_the_version(index: Index, articles_folder: Path) -> None:
    first = derived_files(index)
    assert [file.suffix for file in first] == [".faiss", ".safetensors"]
    (articles_folder / "new.txt").write_text(NEW)
    index.update([articles_folder])
    second = derived_files(index)
    assert [file.suffix for file in second] == [".faiss", ".safetensors"]
    assert not set(first) & set(second)


@pytest.mark.parametrize("damage", ["deleted", "empty", "cut", "garbage", "other"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_or_damaged_derived_file_is_made_anew(index: Index, which: int, damage: str) -> None:
    before = index.search(QUESTION, top_k=9)
    file = derived_files(index)[which]
    good = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    elif damage == "other":
        chunk_ids, counts = index._store.vectors.counts()
        if which == 0:
            vectors = list(index._store.vectors.get(256))
            VectorIndex.from_vectors(iter(vectors[1:]), chunk_ids[1:], counts[1:], 256).save(file)
        else:
            passages = list(index._store.chunks.passages())
            Postings.from_passages(chunk_ids[1:], lambda _: passages[1:]).save(file)
        assert file.read_bytes() != good
    else:
        file.write_bytes({"empty": b"", "cut": good[:-1], "garbage": b"garbage" * 500}[damage])
    reader = Index.open(index.folder, embedder=HashEmbedder())
    assert reader.search(QUESTION, top_k=9) == before
    assert derived_files(reader)[which] == file
    assert file.read_bytes() == good
    reader.close()


def test_a_damaged_derived_file_is_not_carried_on(index: Index, articles_folder: Path) -> None:
    files = derived_files(index)
    for file in files:
        file.write_bytes(file.read_bytes()[:-1])
    (articles_folder / "new.txt").write_text(NEW)
    writer = Index.open(index.folder, embedder=HashEmbedder())
    writer.update([articles_folder])
    assert writer.verify() == []
    writer.close()


def test_good_derived_files_are_used_as_they_are(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VectorIndex, "from_vectors", lambda *_: pytest.fail("the vectors were made again"))
    monkeypatch.setattr(Postings, "from_passages", lambda *_: pytest.fail("the words were read again"))
    reader = Index.open(index.folder, embedder=HashEmbedder())
    assert reader.search(QUESTION, top_k=9) == index.search(QUESTION, top_k=9)
    reader.close()


@pytest.mark.parametrize("kind", [VectorIndex, Postings])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), MemoryError()])
def test_derived_files_that_cannot_be_read_now_only_cost_time(
    index: Index, monkeypatch: pytest.MonkeyPatch, kind: type, error: Exception
) -> None:
    def load(*_: object) -> None:
        raise error

    before, files = index.search(QUESTION, top_k=9), derived_files(index)
    monkeypatch.setattr(kind, "load", load)
    reader = Index.open(index.folder, embedder=HashEmbedder())
    assert reader.search(QUESTION, top_k=9) == before
    reader.close()
    assert derived_files(index) == files


def test_derived_files_that_cannot_be_saved_only_cost_time(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    before = index.search(QUESTION, top_k=9)
    for file in derived_files(index):
        file.unlink()

    def save(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(VectorIndex, "save", save)
    monkeypatch.setattr(Postings, "save", save)
    reader = Index.open(index.folder, embedder=HashEmbedder())
    assert reader.search(QUESTION, top_k=9) == before
    assert derived_files(reader) == []
    reader.close()


# Verify


def test_a_sound_index_has_no_problems(index: Index) -> None:
    assert index.verify() == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE chunk SET end = end + 1000", "bridge.md: the offsets of chunk 0 do not fit the text"),
        ("DELETE FROM embedding", "4 chunk rows without their embedding"),
        ("UPDATE embedding SET vectors = substr(vectors, 3)", "4 chunks with vectors of the wrong size"),
        (
            "UPDATE article SET text = text || ' And more.' WHERE title LIKE 'Flood%'",
            "flood.txt: text does not match its hash",
        ),
        (
            "UPDATE article SET published = '2021-03-15' WHERE title LIKE 'Bridge%'",
            "bridge.md: text does not match its hash",
        ),
    ],
)
def test_verify_names_planted_damage(index: Index, damage: str, problem: str) -> None:
    raw(index, damage)
    problems = index.verify()
    assert any(found.endswith(problem) for found in problems), problems


def test_rebuilding_mends_lost_vectors(index: Index) -> None:
    before = index.search(QUESTION, top_k=9)
    raw(index, "DELETE FROM embedding")
    assert index.verify() == ["4 chunk rows without their embedding"]
    index.rebuild()
    assert index.verify() == []
    assert index.search(QUESTION, top_k=9) == before


def test_a_removed_index_answers_no_more_and_does_so_again_once_it_is_back(index: Index, tmp_path: Path) -> None:
    assert index.search("bridge", top_k=1)
    index.folder.rename(tmp_path / "elsewhere")
    for ask in (lambda: index.search("bridge"), index.page, index.tally, lambda: index.version, index.status):
        with pytest.raises(NoIndex, match=r"was removed\. Put it back"):
            ask()
    (tmp_path / "elsewhere").rename(index.folder)
    assert index.search("bridge", top_k=1)


def another_index(folder: Path, text: str) -> None:
    """An index of one article in `folder`."""
    folder.mkdir()
    (folder / "story.txt").write_text(f"Another story\n\n{text}\n")
    made = Index.create(folder, embedder=HashEmbedder())
    made.update([folder / "story.txt"])
    made.close()


def test_an_index_put_in_the_place_of_another_is_the_one_that_is_searched(index: Index, tmp_path: Path) -> None:
    another_index(tmp_path / "backup", "The lighthouse of Skerry was painted green.")
    assert len(index.search(QUESTION, top_k=9)) == 4
    index.folder.rename(tmp_path / "former")
    (tmp_path / "backup").rename(index.folder)
    assert [hit.article.title for hit in index.search("lighthouse", top_k=9)] == ["Another story"]
    assert (index.status().articles, len(list(index.articles()))) == (1, 1)
    (tmp_path / "new.txt").write_text("A third story\n\nA lorry overturned on the ring road.\n")
    assert len(index.update([tmp_path / "new.txt"]).added) == 1
    assert index.search("lorry", top_k=1)[0].article.title == "A third story"
    assert index.verify() == []


def test_an_index_of_a_later_format_put_in_the_place_is_refused(index: Index, tmp_path: Path) -> None:
    another_index(tmp_path / "later", "The lighthouse of Skerry was painted green.")
    with closing(sqlite3.connect(tmp_path / "later" / DATABASE)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    index.folder.rename(tmp_path / "former")
    (tmp_path / "later").rename(index.folder)
    for _ in range(2):  # not only the first time
        with pytest.raises(DamagedIndex, match="has format 99"):
            index.status()


@pytest.mark.parametrize("put_in_place", [True, False])
def test_an_update_of_an_index_that_goes_meanwhile_says_so(index: Index, tmp_path: Path, put_in_place: bool) -> None:
    another_index(tmp_path / "backup", "The lighthouse of Skerry was painted green.")
    (tmp_path / "new.txt").write_text("A third story\n\nA lorry overturned on the ring road.\n")

    class Meanwhile(HashEmbedder):
        def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
            index.folder.rename(tmp_path / "former")
            if put_in_place:
                (tmp_path / "backup").rename(index.folder)
            return super().embed_passages(passages)

    writer = Index.open(index.folder, embedder=Meanwhile())
    message = "was removed or replaced while it was being changed" if put_in_place else "was removed. Put it back"
    with pytest.raises(CannotRun, match=message):
        writer.update([tmp_path / "new.txt"])
    writer.close()
    if put_in_place:
        assert [article.title for article in index.articles()] == ["Another story"]


def test_status_while_files_come_and_go(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    passing = index.folder / "vectors-0.1.tmp"
    passing.touch()
    real = Path.is_file

    def seen_just_before_it_goes(path: Path) -> bool:
        found = real(path)
        if path == passing:
            path.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "is_file", seen_just_before_it_goes)
    assert index.status().articles == 4
    assert not passing.exists()


@pytest.mark.parametrize("kind", ["vectors", "words"])
def test_a_file_that_somebody_writes_into_is_made_anew(index: Index, articles_folder: Path, kind: str) -> None:
    before = index.search(QUESTION, top_k=9)
    for _ in range(2):
        (file,) = index.folder.glob(f"{kind}-*")
        whole = file.read_bytes()
        with file.open("rb+") as opened:
            opened.write(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
        assert index.search(QUESTION, top_k=9) == before
        (made,) = index.folder.glob(f"{kind}-*")
        assert (made, made.read_bytes()) == (file, whole)
    file.write_bytes(bytes(len(whole)))
    (articles_folder / "new.txt").write_text(NEW)
    index.update([articles_folder])  # what it takes over from the version before is not that
    assert index.verify() == []


CUT_OFF = """
import os, sys
from pathlib import Path
from standins import HashEmbedder
from index import Index
index = Index.open(Path(sys.argv[1]), embedder=HashEmbedder())
before = index.search("bridge river", top_k=9)
for file in index.folder.glob(f"{sys.argv[2]}-*"):
    os.truncate(file, 0)
assert index.search("bridge river", top_k=9) == before
assert index.verify() == []
print(len(before))
"""


@pytest.mark.parametrize("kind", ["vectors", "words"])
def test_a_file_that_is_cut_off_while_it_is_searched_in_does_not_end_the_process(index: Index, kind: str) -> None:
    index.close()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", CUT_OFF, str(index.folder), kind],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests' / 'helpers'}"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "4\n", "")


def test_nobody_waits_while_an_update_makes_its_files(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.search(QUESTION)
    seen: list[object] = []
    with ThreadPoolExecutor(1) as pool:

        def ask() -> tuple[int, int]:
            return index.version, len(index.search("lorry", top_k=9))

        for kind in (VectorIndex, Postings):
            made = kind.updated

            def updated(*arguments: Any, made: Any = made) -> Any:
                seen.append(pool.submit(ask).result(20))
                return made(*arguments)

            monkeypatch.setattr(kind, "updated", updated)
        (articles_folder / "new.txt").write_text(NEW)
        index.update([articles_folder])
    assert seen == [(1, 4), (1, 4)]
    assert (index.version, len(index.search("lorry", top_k=9))) == (2, 5)
    assert len(derived_files(index)) == 2


def test_a_new_version_comes_with_its_files(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Index.open(index.folder, embedder=HashEmbedder())
    reader.search(QUESTION)
    real = Store.transaction
    found: list[int] = []

    @contextmanager
    def transaction(store: Store, *, write: bool = True) -> Iterator[None]:
        with real(store, write=write):
            yield
        if write and store.meta.version > 1:  # it is there, and the writer has done no more yet
            found.append(len(reader.search("lorry", top_k=9)))

    (articles_folder / "new.txt").write_text(NEW)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "transaction", transaction)
        for kind in (VectorIndex, Postings):
            patch.setattr(kind, "from_vectors" if kind is VectorIndex else "from_passages", None)  # from the database
        index.update([articles_folder])
    assert found == [5]
    reader.close()


def test_articles_without_a_date_are_counted_where_days_are_limited(index: Index) -> None:
    assert index.undated(Filters()) == index.undated(Filters(source="Gazette")) == 0
    assert index.undated(Filters(after=date(2021, 1, 1))) == index.status().undated == 1
