"""Files change, the index follows: only what changed is embedded, and the result is that of a fresh index."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import BRIEFS, FLOOD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standins import HashEmbedder

from index import Index, sources
from index import update as update_module
from index.embedding import Embedder, Passage, Vectors
from index.errors import WrongUse
from index.update import Progress, UpdateReport

NEW = "A lorry overturned\n\nA lorry overturned on the ring road. Nobody was hurt, the police said."


def short(uris: Sequence[str]) -> list[str]:
    return [uri.rpartition("/")[2] for uri in uris]


def summary(report: UpdateReport) -> dict[str, object]:
    """What is not empty in a report, with file names in place of paths."""
    kinds = {kind: short(getattr(report, kind)) for kind in ("added", "changed", "unchanged", "removed")}
    failed = short([failure.uri for failure in report.failed])
    return {kind: names for kind, names in (kinds | {"failed": failed}).items() if names}


def titles(index: Index) -> list[str]:
    return sorted(article.title for article in index.articles())


ALL = ["bridge.md", "briefs.jsonl#airline", "briefs.jsonl#vaccine", "flood.txt"]


def test_new_articles_are_added(tmp_path: Path, articles_folder: Path, embedder: HashEmbedder) -> None:
    index = Index.create(tmp_path / "index", embedder=embedder)
    report = index.update([articles_folder])
    assert summary(report) == {"added": ALL}
    assert (report.embedded, report.version, index.version) == (4, 1, 1)
    assert str(report) == "4 added, 0 changed, 0 unchanged, 0 removed, 0 failed; 4 passages embedded; index version 1"
    assert embedder.embedded == 4
    assert titles(index) == ["Airline grounded", "Bridge bill climbs", "Flood in the Arle valley", "Vaccine licensed"]
    index.close()


def test_a_second_update_embeds_nothing_and_makes_no_version(
    index: Index, articles_folder: Path, embedder: HashEmbedder
) -> None:
    before = sorted(file.name for file in index.folder.iterdir())
    report = index.update([articles_folder])
    assert summary(report) == {"unchanged": ALL}
    assert (report.embedded, report.version, index.version, embedder.embedded) == (0, 1, 1, 4)
    assert sorted(file.name for file in index.folder.iterdir()) == before


def test_an_update_without_changes_needs_no_model(index: Index, articles_folder: Path) -> None:
    index.close()
    # Without an embedder the recorded one would be loaded, and "hash@1" cannot be.
    without = Index.open(index.folder)
    assert summary(without.update([articles_folder])) == {"unchanged": ALL}
    (articles_folder / "bridge.md").unlink()
    assert summary(without.update([articles_folder], prune=True))["removed"] == ["bridge.md"]
    without.close()


def test_only_what_changed_is_embedded(index: Index, articles_folder: Path, embedder: HashEmbedder) -> None:
    (articles_folder / "flood.txt").write_text(FLOOD.replace("thirty-one", "thirty-two"))
    (articles_folder / "new.txt").write_text(NEW)
    report = index.update([articles_folder])
    assert summary(report) == {"changed": ["flood.txt"], "added": ["new.txt"], "unchanged": ALL[:3]}
    assert (report.embedded, report.version) == (2, 2)
    assert [p.title for p in embedder.passages[4:]] == ["Flood in the Arle valley", "A lorry overturned"]
    assert "thirty-two people" in index.find("flood.txt").text
    assert index.search("thirty-one")[0].lexical == index.search("thirty-two")[0].lexical == 1.0
    assert "thirty-two" in index.search("How many people drowned? thirty-two?")[0].text
    assert index.verify() == []


def test_a_changed_date_embeds_nothing(index: Index, articles_folder: Path) -> None:
    file = articles_folder / "bridge.md"
    file.write_text(file.read_text().replace("2021-03-14", "2021-03-15"))
    report = index.update([articles_folder])
    assert summary(report) == {"changed": ["bridge.md"], "unchanged": ALL[1:]}
    assert (report.embedded, report.version) == (0, 2)
    assert str(index.find("bridge.md").published) == "2021-03-15"


def test_a_changed_title_embeds_its_article_again(index: Index, articles_folder: Path, embedder: HashEmbedder) -> None:
    file = articles_folder / "bridge.md"
    file.write_text(file.read_text().replace("Bridge bill climbs", "Sound bridge dearer"))
    assert index.update([articles_folder]).embedded == 1
    assert embedder.passages[-1].title == "Sound bridge dearer"
    assert index.search("sound dearer")[0].dense > 0.1  # no word of the text, none of the old title


def test_a_file_that_is_only_touched_or_reads_the_same_is_unchanged(index: Index, articles_folder: Path) -> None:
    os.utime(articles_folder / "bridge.md", (1, 1))
    (articles_folder / "flood.txt").write_text(FLOOD + "\n\n")
    report = index.update([articles_folder])
    assert summary(report) == {"unchanged": ALL}
    assert (report.embedded, report.version) == (0, 1)


def test_the_same_text_twice_is_embedded_once(index: Index, articles_folder: Path, embedder: HashEmbedder) -> None:
    for name in ("copy.txt", "again.txt"):
        (articles_folder / name).write_text(NEW)
    report = index.update([articles_folder])
    assert summary(report)["added"] == ["again.txt", "copy.txt"]
    assert (report.embedded, embedder.embedded) == (1, 5)
    (articles_folder / "third.txt").write_text(NEW)
    assert index.update([articles_folder]).embedded == 0
    hits = index.search("Which lorry overturned on the ring road?", top_k=3)
    assert sorted(short([hit.article.uri for hit in hits])) == ["again.txt", "copy.txt", "third.txt"]
    assert len({hit.score for hit in hits}) == 1


def test_a_copy_keeps_its_vectors_when_the_other_goes(index: Index, articles_folder: Path) -> None:
    (articles_folder / "copy.txt").write_text(FLOOD)
    index.update([articles_folder])
    (articles_folder / "flood.txt").unlink()
    report = index.update([articles_folder], prune=True)
    assert summary(report) == {"removed": ["flood.txt"], "unchanged": [*ALL[:3], "copy.txt"]} | {
        "unchanged": ["bridge.md", "briefs.jsonl#airline", "briefs.jsonl#vaccine", "copy.txt"]
    }
    assert index.verify() == []
    assert short([index.search("Who drowned?")[0].article.uri]) == ["copy.txt"]


def test_rows_are_added_changed_and_removed_one_by_one(
    index: Index, articles_folder: Path, embedder: HashEmbedder
) -> None:
    file = articles_folder / "briefs.jsonl"
    file.write_text(
        BRIEFS.splitlines()[1].replace("sixteen", "eighteen")
        + '\n{"id": "lorry", "text": "A lorry overturned on the road."}\n'
    )
    report = index.update([file])
    assert summary(report) == {
        "added": ["briefs.jsonl#lorry"],
        "changed": ["briefs.jsonl#vaccine"],
        "removed": ["briefs.jsonl#airline"],
    }
    assert (report.embedded, embedder.embedded) == (2, 6)
    assert index.search("Skerry Air bankruptcy aircraft")[0].lexical == 0
    assert index.verify() == []


# Files that are gone


def test_without_prune_what_is_gone_stays(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").unlink()
    assert summary(index.update([articles_folder])) == {"unchanged": ALL[:3]}
    assert index.find("flood.txt").title == "Flood in the Arle valley"


def test_prune_removes_what_is_gone(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").unlink()
    (articles_folder / "briefs.jsonl").unlink()
    report = index.update([articles_folder], prune=True)
    assert summary(report) == {
        "removed": ["briefs.jsonl#airline", "briefs.jsonl#vaccine", "flood.txt"],
        "unchanged": ["bridge.md"],
    }
    assert (report.embedded, report.version) == (0, 2)
    assert titles(index) == ["Bridge bill climbs"]
    assert len(index.search("Who drowned in the Arle?")) == 1
    assert index.verify() == []


def test_prune_looks_only_under_the_paths_given(index: Index, articles_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "articles2"
    other.mkdir()
    (other / "new.txt").write_text(NEW)
    index.update([other])
    for file in [*articles_folder.iterdir(), *other.iterdir()]:
        file.unlink()
    assert summary(index.update([other], prune=True)) == {"removed": ["new.txt"]}
    assert len(titles(index)) == 4


@pytest.mark.parametrize("path", [".", "../articles", "sub/..", "./"])
def test_prune_understands_relative_paths(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (articles_folder / "sub").mkdir()
    (articles_folder / "flood.txt").unlink()
    monkeypatch.chdir(articles_folder)
    assert summary(index.update([path], prune=True)) == {"removed": ["flood.txt"], "unchanged": ALL[:3]}


def test_prune_keeps_what_cannot_be_reached(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = articles_folder / "flood.txt"
    real = os.stat

    def stat(path: object, *arguments: object, **options: object) -> os.stat_result:
        if str(path) == str(hidden):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(
        sources, "find_files", lambda paths: [articles_folder / "bridge.md", articles_folder / "briefs.jsonl"]
    )
    monkeypatch.setattr(os, "stat", stat)
    assert summary(index.update([articles_folder], prune=True)) == {"unchanged": ALL[:3]}
    monkeypatch.undo()
    assert len(titles(index)) == 4


def test_a_renamed_file_is_pruned_and_added_without_embedding(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").rename(articles_folder / "deluge.txt")
    report = index.update([articles_folder], prune=True)
    assert summary(report) == {"added": ["deluge.txt"], "removed": ["flood.txt"], "unchanged": ALL[:3]}
    assert report.embedded == 0
    assert index.verify() == []


def test_a_path_that_does_not_exist_changes_nothing(index: Index, articles_folder: Path) -> None:
    with pytest.raises(WrongUse, match="there is no such file or folder"):
        index.update([articles_folder, articles_folder / "nowhere"], prune=True)
    assert index.version == 1
    assert len(titles(index)) == 4


# Files that fail


def test_a_failing_file_keeps_what_was_indexed_and_is_tried_again(index: Index, articles_folder: Path) -> None:
    file = articles_folder / "flood.txt"
    file.write_bytes(b"")
    for _ in range(2):
        report = index.update([articles_folder], prune=True)
        assert summary(report) == {"failed": ["flood.txt"], "unchanged": ALL[:3]}
        assert report.failed[0].reason == "has no article text in it"
        assert (report.version, report.embedded) == (1, 0)
        assert "thirty-one people" in index.find("flood.txt").text
    file.write_text(FLOOD)  # what is indexed already
    assert summary(index.update([articles_folder])) == {"unchanged": ALL}
    file.write_text(NEW)
    assert summary(index.update([articles_folder])) == {"changed": ["flood.txt"], "unchanged": ALL[:3]}


def test_a_failing_file_that_is_deleted_is_pruned(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").write_bytes(b"")
    index.update([articles_folder])
    (articles_folder / "flood.txt").unlink()
    assert summary(index.update([articles_folder], prune=True)) == {"removed": ["flood.txt"], "unchanged": ALL[:3]}


def test_a_failing_new_file_does_not_stop_the_others(index: Index, articles_folder: Path) -> None:
    (articles_folder / "a-broken.txt").write_bytes(b"")
    (articles_folder / "b-dangling.txt").symlink_to(articles_folder / "nowhere.txt")
    (articles_folder / "c-new.txt").write_text(NEW)
    report = index.update([articles_folder])
    assert summary(report) == {"failed": ["a-broken.txt", "b-dangling.txt"], "added": ["c-new.txt"], "unchanged": ALL}
    assert report.failed[1].reason == "cannot be read: No such file or directory"
    assert "2 failed" in str(report)


def test_a_failing_row_keeps_its_article_and_the_other_rows_go_on(index: Index, articles_folder: Path) -> None:
    file = articles_folder / "briefs.jsonl"
    vaccine = BRIEFS.splitlines()[1].replace("sixteen", "eighteen")
    file.write_text(f'{{"id": "airline", "text": \n{vaccine}\n')
    for _ in range(2):
        report = index.update([file])
        assert short([failure.uri for failure in report.failed]) == ["briefs.jsonl:1"]
        assert index.find("airline").title == "Airline grounded"
        assert "eighteen" in index.find("vaccine").text
        assert report.version == 2
    file.write_text(vaccine)
    assert summary(index.update([file])) == {"removed": ["briefs.jsonl#airline"], "unchanged": ["briefs.jsonl#vaccine"]}


def test_a_file_that_failed_and_is_then_put_back_is_read_again(index: Index, articles_folder: Path) -> None:
    file = articles_folder / "briefs.jsonl"
    file.write_text(f"{{}}\n{BRIEFS.replace('sixteen', 'eighteen')}")
    assert summary(index.update([file])) == {
        "failed": ["briefs.jsonl:1"],
        "changed": ["briefs.jsonl#vaccine"],
        "unchanged": ["briefs.jsonl#airline"],
    }
    file.write_text(BRIEFS)
    assert summary(index.update([file])) == {
        "changed": ["briefs.jsonl#vaccine"],
        "unchanged": ["briefs.jsonl#airline"],
    }
    assert "sixteen" in index.find("vaccine").text


def test_a_new_reader_reads_every_file_again(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = sources.read_drafts
    monkeypatch.setattr(sources, "read_drafts", lambda path, columns: (read.append(path.name), real(path, columns))[1])
    index.update([articles_folder])
    assert read == []
    monkeypatch.setattr(sources, "READER_VERSION", "next")
    assert summary(index.update([articles_folder])) == {"unchanged": ALL}
    assert read == ["bridge.md", "briefs.jsonl", "flood.txt"]


# Progress and stopping


def many(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.txt").write_text(
            f"Report number {number}\n\nThe council met for meeting{number} and agreed on nothing."
        )
    return folder


@dataclass
class StopAt:
    """Stops an update, as Ctrl-C would, when so many passages are embedded."""

    done: int
    seen: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        self.seen.append((progress.stage, progress.done, progress.total))
        if progress.stage == "embedding" and progress.done == self.done:
            raise KeyboardInterrupt


def test_progress_counts_files_then_passages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: HashEmbedder
) -> None:
    monkeypatch.setattr(update_module, "PASSAGES_PER_COMMIT", 2)
    index = Index.create(tmp_path / "index", embedder=embedder)
    watch = StopAt(-1)
    index.update([many(tmp_path / "a", 5)], progress=watch)
    reading = [("reading", n, 5) for n in range(5)]
    assert watch.seen == [*reading, ("embedding", 0, 5), ("embedding", 2, 5), ("embedding", 4, 5), ("embedding", 5, 5)]
    index.close()


def test_a_stop_keeps_the_old_version_and_the_work_done(
    index: Index, articles_folder: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_module, "PASSAGES_PER_COMMIT", 2)
    many(articles_folder, 7)
    (articles_folder / "bridge.md").unlink()
    reader = Index.open(index.folder, embedder=HashEmbedder())
    before = reader.search("Which bridge crosses the valley?", top_k=9)
    with pytest.raises(KeyboardInterrupt):
        index.update([articles_folder], prune=True, progress=StopAt(4))
    assert embedder.embedded == 4 + 4
    later = Index.open(index.folder, embedder=HashEmbedder())
    for each in (index, reader, later):
        assert each.version == 1
        assert each.search("Which bridge crosses the valley?", top_k=9) == before
        assert each.verify() == []

    report = index.update([articles_folder], prune=True)
    assert summary(report) == {"added": [f"{n}.txt" for n in range(7)], "removed": ["bridge.md"], "unchanged": ALL[1:]}
    assert (report.embedded, report.version) == (3, 2)
    assert embedder.embedded == 4 + 7
    assert len({p.text for p in embedder.passages}) == 11
    assert reader.search("meeting6", top_k=1)[0].article.uri.endswith("/6.txt")
    reader.close()
    later.close()


def test_a_stop_while_reading_changes_nothing(index: Index, articles_folder: Path) -> None:
    many(articles_folder, 3)

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update([articles_folder], progress=stop)
    assert (index.version, len(titles(index))) == (1, 4)
    assert len(index.update([articles_folder]).added) == 3


class Broken(HashEmbedder):
    """Fails at the third passage."""

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        if self.embedded == 2:
            raise MemoryError
        return super().embed_passages(passages)


def test_a_failing_model_leaves_the_index_as_it_was_and_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_module, "PASSAGES_PER_COMMIT", 1)
    folder = many(tmp_path / "a", 4)
    broken = Index.create(tmp_path / "index", embedder=Broken())
    with pytest.raises(MemoryError):
        broken.update([folder])
    assert (broken.version, titles(broken), broken.search("council")) == (0, [], [])
    broken.close()
    index = Index.open(tmp_path / "index", embedder=HashEmbedder())
    assert index.update([folder]).embedded == 2
    index.close()


# Rebuild


def test_rebuild_embeds_everything_and_searches_the_same(
    index: Index, embedder: HashEmbedder, articles_folder: Path
) -> None:
    before = index.search("Who drowned in the Arle?", top_k=9)
    report = index.rebuild()
    assert summary(report) == {"changed": ALL}
    assert (report.embedded, report.version, embedder.embedded) == (4, 2, 8)
    assert index.search("Who drowned in the Arle?", top_k=9) == before
    assert index.verify() == []
    assert summary(index.update([articles_folder])) == {"unchanged": ALL}


def test_rebuild_needs_no_files(index: Index, articles_folder: Path) -> None:
    before = index.search("Who drowned in the Arle?", top_k=9)
    for file in articles_folder.iterdir():
        file.unlink()
    index.rebuild()
    assert index.search("Who drowned in the Arle?", top_k=9) == before


def test_rebuild_with_another_model_takes_its_place(index: Index, articles_folder: Path) -> None:
    other: Embedder = HashEmbedder(name="hash@2", dimension=64)
    report = index.rebuild(embedder=other)
    assert report.embedded == 4
    assert index.status().embedder == "hash@2"
    assert index.embedder is other
    assert index.search("Kelvora")[0].article.title == "Vaccine licensed"
    assert index.verify() == []
    (articles_folder / "new.txt").write_text(NEW)
    assert index.update([articles_folder]).embedded == 1
    fresh = Index.create(index.folder.parent / "fresh", embedder=HashEmbedder(name="hash@2", dimension=64))
    fresh.update([articles_folder])
    assert index.search("lorry", top_k=9) == fresh.search("lorry", top_k=9)
    fresh.close()


# An update equals an index made from scratch

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
EDITS = st.one_of(
    st.tuples(st.just("write"), NAMES, TEXTS),
    st.tuples(st.just("write"), NAMES, TEXTS),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("delete"), NAMES, st.just("")),
)
QUESTIONS = ["Which river rose?", "How many drowned in Hollin?", "bridge votes clay", "Nothing of the sort"]


def edit(folder: Path, kind: str, name: str, value: str) -> None:
    file = folder / name
    if kind == "write":
        file.write_text(value)
    elif kind == "delete":
        file.unlink(missing_ok=True)
    elif file.exists():
        file.rename(folder / value)


def everything(index: Index) -> list[tuple[str, str, int, int, int, float, float, float, float]]:
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


@pytest.fixture(scope="module")
def workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=st.lists(st.lists(EDITS, min_size=1, max_size=4), min_size=2, max_size=4))
def test_an_updated_index_equals_one_made_from_scratch(
    workplace: Path, rounds: list[list[tuple[str, str, str]]]
) -> None:
    place = Path(tempfile.mkdtemp(dir=workplace))
    folder = place / "articles"
    (folder / "sub").mkdir(parents=True)
    updated = Index.create(place / "updated", embedder=HashEmbedder())
    for edits in rounds:
        for kind, name, value in edits:
            edit(folder, kind, name, value)
        updated.update([folder], prune=True)
    fresh = Index.create(place / "fresh", embedder=HashEmbedder())
    fresh.update([folder])
    assert everything(updated) == everything(fresh)
    assert list(updated.articles()) == list(fresh.articles())
    assert updated.verify() == []
    updated.close()
    fresh.close()
