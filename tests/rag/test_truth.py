"""After any sequence of updates and rollbacks an index is what an index made from scratch of its articles would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standins import HashEmbedder

from index import Article, Index
from index.search import search as search_module
from index.updates import embed
from index.updates.embed import embed_staged
from index.updates.report import Progress

SENTENCES = st.sampled_from(
    [
        "The river rose.",
        "The bridge fell.",
        "Clay was found.",
        "Thirty drowned in Hollin.",
        "Votes were counted twice.",
        "x " * 140 + "end.",
    ]
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join)
NAMES = st.sampled_from(["a.txt", "b.txt", "sub/c.txt", "d.md", "e.txt"])
STEPS = st.one_of(
    *[st.tuples(st.just("write"), NAMES, TEXTS)] * 4,
    *[st.tuples(st.just("rename"), NAMES, NAMES)] * 2,
    *[st.tuples(st.just("copy"), NAMES, NAMES)] * 2,
    st.tuples(st.just("delete"), NAMES),
    *[st.tuples(st.just("update"), st.booleans())] * 3,
    st.tuples(st.just("rollback"), st.integers(1, 3)),
    st.tuples(st.just("rebuild"), st.just("")),
)
QUESTIONS = ["Which river rose?", "How many drowned in Hollin?", "bridge votes clay", "Nothing of the sort"]

Found = tuple[str, str, int, int, int, float, float, float, float]


def edit(folder: Path, kind: str, name: str, value: str = "") -> None:
    file = folder / name
    if kind == "write":
        file.write_text(value)
    elif kind == "delete":
        file.unlink(missing_ok=True)
    elif kind == "copy" and file.exists():
        (folder / value).write_bytes(file.read_bytes())
    elif file.exists():
        file.rename(folder / value)


def everything(index: Index) -> list[Found]:
    return [
        (
            question,
            hit.article.uri,
            hit.chunk.ordinal,
            hit.chunk.start,
            hit.chunk.end,
            hit.score,
            hit.dense,
            hit.sentence,
            hit.lexical,
        )
        for question in QUESTIONS
        for hit in index.search(question, top_k=20)
    ]


def silent(_: Progress) -> None:
    pass


def from_scratch(folder: Path, articles: list[Article]) -> Index:
    """An index with these articles and no past."""
    made = Index.create(folder, embedder=HashEmbedder())
    store = made._store
    staging = store.staging()
    for article in articles:
        staging.add(article, article.uri)
    embed_staged(store, staging, HashEmbedder(), silent)
    with store.transaction():
        for revision in staging.revisions():
            store.put_revision(revision)
        store.next_version("test")
    return made


class Archive:
    """A folder that changes, an index that follows, and what each version of it answered."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place / "articles"
        (self.folder / "sub").mkdir(parents=True)
        self.embedder = HashEmbedder()
        self.index = Index.create(place / "index", embedder=self.embedder)
        self.answers: dict[int, tuple[list[Article], list[Found]]] = {}
        self.remember()

    def remember(self) -> None:
        self.answers[self.index.version] = list(self.index.articles()), everything(self.index)

    def take(self, kind: str, *values: object) -> None:
        version = self.index.version
        if kind == "update":
            self.index.update([self.folder], prune=bool(values[0]))
        elif kind == "rebuild":
            self.index.rebuild()
        elif kind == "rollback":
            kept = [version.number for version in self.index.status().versions]
            to = kept[min(len(kept) - 1, int(str(values[0])))]
            if to == version:
                return
            self.index.rollback(to)
            assert (list(self.index.articles()), everything(self.index)) == self.answers[to]
        else:
            edit(self.folder, kind, *map(str, values))
        if kind in ("update", "rebuild", "rollback"):
            assert self.index.verify() == []
            self.remember()

    def check(self) -> None:
        """Against scratch as it is, and again when it has followed the folder to the end."""
        fresh = from_scratch(self.place / "fresh", list(self.index.articles()))
        assert everything(self.index) == everything(fresh)
        fresh.close()
        self.index.update([self.folder], prune=True)
        read = Index.create(self.place / "read", embedder=HashEmbedder())
        read.update([self.folder])
        assert list(self.index.articles()) == list(read.articles())
        assert everything(self.index) == everything(read)
        read.close()
        self.index.close()


@pytest.fixture(scope="module")
def workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedding goes on while articles are read, and in several batches, even of these few."""
    monkeypatch.setattr(embed, "ARTICLES_AHEAD", 2)
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 2)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=16))
def test_any_sequence_equals_an_index_made_from_scratch(workplace: Path, steps: list[tuple[str, object]]) -> None:
    archive = Archive(Path(tempfile.mkdtemp(dir=workplace)))
    for kind, *values in steps:
        archive.take(kind, *values)
    archive.check()


@pytest.mark.parametrize("question", ["Which river rose?", "Nothing of the sort"])
def test_what_is_found_does_not_depend_on_the_order_of_storing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    # More texts alike than are looked at: 40 passages for 3 places among the candidates.
    monkeypatch.setattr(search_module, "CANDIDATE_VECTORS", 3)
    monkeypatch.setattr(search_module, "CANDIDATE_CHUNKS", 3)
    archive = Archive(tmp_path)
    for number in reversed(range(40)):
        (archive.folder / f"{number:02}.txt").write_text("The river rose. It fell again.")
        if number % 10 == 0:
            archive.index.update([archive.folder])
    fresh = from_scratch(tmp_path / "fresh", list(archive.index.articles()))
    found, expected = (
        [(hit.article.uri, hit.score) for hit in index.search(question, top_k=5)] for index in (archive.index, fresh)
    )
    assert len(found) == 5
    assert found == expected
    fresh.close()
    archive.index.close()


def test_text_that_was_embedded_is_not_embedded_again_whatever_happens(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    texts = [f"Text number {number} says this." for number in range(3)]
    for step in (
        *(("write", f"{number}.txt", text) for number, text in enumerate(texts)),
        ("write", "again.txt", texts[0]),
        ("update", False),
        ("rename", "1.txt", "sub/1.txt"),
        ("copy", "2.txt", "copy.txt"),
        ("delete", "0.txt"),
        ("update", True),
        ("rollback", 1),
        ("delete", "again.txt"),
        ("update", True),
        ("write", "0.txt", texts[0]),
        ("update", False),
    ):
        archive.take(*step)
    assert sorted(passage.text for passage in archive.embedder.passages) == texts
    archive.check()
