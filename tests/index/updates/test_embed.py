"""Embedding while articles are still being read."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Article, Index
from index.embedding.embedder import Embedder, Passage, Vectors
from index.storage.store import Store
from index.updates import embed
from index.updates.embed import Pipeline
from index.updates.report import Progress


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "ARTICLES_AHEAD", 2)
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "index", embedder="hash@1", dimension=256)


def report(number: int, text: str = "") -> Article:
    return Article(f"/{number}", "Report", text or f"The council met for meeting{number} and agreed on nothing.")


def unloaded() -> Embedder:
    raise AssertionError("there was nothing to embed")


class Noticed(HashEmbedder):
    """Says when it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        self.began.set()
        return super().embed_passages(passages)


def test_passages_are_embedded_while_files_are_still_read(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(report(number).text)
    embedder = Noticed()
    seen: list[tuple[str, int, int]] = []

    def watch(progress: Progress) -> None:
        if (progress.stage, progress.done) == ("reading", 5):
            assert embedder.began.wait(20)
        seen.append((progress.stage, progress.done, progress.total))

    index = Index.create(tmp_path / "index", embedder=embedder)
    found = index.update([folder], progress=watch)
    assert (found.embedded, embedder.embedded, index.verify()) == (6, 6, [])
    assert index.search("meeting4", top_k=1)[0].article.uri.endswith("/4.txt")
    assert [entry for entry in seen if entry[0] == "reading"] == [("reading", n, 6) for n in range(7)]
    stage, done, total = seen[-1]
    assert stage == "embedding"
    assert done == total
    index.close()


def test_text_of_a_file_that_was_given_up_serves_the_next_file_that_has_it(store: Store) -> None:
    staging, embedder = store.staging(), HashEmbedder()
    with Pipeline(store, staging, lambda: embedder) as running:
        for number in range(2):
            staging.add(report(number), "/torn")
            running.take(report(number).id)
        staging.drop_file("/torn")
        for number, again in ((2, report(0)), (3, report(3))):
            staging.add(Article(f"/{number}", again.title, again.text), "/whole")
            running.take(Article(f"/{number}", "", "").id)
        assert running.finish(lambda _: None) == 3
    assert sorted(passage.text for passage in embedder.passages) == sorted(report(n).text for n in (0, 1, 3))
    with store.transaction():
        for revision in staging.revisions():
            store.put_revision(revision)
        store.next_version("test")
    assert [article.uri for article in store.articles.all()] == ["/2", "/3"]
    assert store.problems() == []
    store.close()


def test_articles_that_were_given_up_before_they_were_cut_are_left_out(store: Store) -> None:
    staging = store.staging()
    with Pipeline(store, staging, unloaded) as running:
        staging.add(report(0), "/torn")
        running.take(report(0).id)
        staging.drop_file("/torn")
        running.take(report(0).id)
        assert running.finish(lambda _: None) == 0
    store.close()


def test_the_interpreter_is_left_as_it_was(store: Store) -> None:
    before = sys.getswitchinterval()
    with pytest.raises(KeyboardInterrupt), Pipeline(store, store.staging(), unloaded):
        assert sys.getswitchinterval() == pytest.approx(embed.SWITCH_SECONDS)
        raise KeyboardInterrupt
    assert sys.getswitchinterval() == pytest.approx(before)
    store.close()
