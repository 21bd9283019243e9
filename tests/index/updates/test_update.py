"""Files change, the index follows: only what changed is embedded, and the result is that of a fresh index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import BRIEFS, FLOOD
from standins import HashEmbedder

from index import Index
from index.embedding.embedder import Embedder, Passage, Vectors
from index.errors import WrongUse
from index.sources import sources
from index.updates import embed
from index.updates.report import Move, Progress, UpdateReport

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
    assert (
        str(report)
        == "4 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 0 failed; 4 passages embedded; index version 1"
    )
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
    report = index.update([articles_folder])
    assert summary(report) == {"unchanged": ALL[:3]}
    assert short(report.gone) == ["flood.txt"]
    assert str(report).endswith("; index version 1; 1 whose file is gone are kept (--prune removes them)")
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


# Files that moved


@pytest.mark.parametrize("prune", [False, True])
def test_a_renamed_file_is_a_move_that_needs_no_model(index: Index, articles_folder: Path, prune: bool) -> None:
    index.close()
    (articles_folder / "flood.txt").rename(articles_folder / "deluge.txt")
    without = Index.open(index.folder)  # "hash@1" cannot be loaded
    report = without.update([articles_folder], prune=prune)
    assert summary(report) == {"unchanged": ALL[:3]}
    assert report.moved == [Move(str(articles_folder / "flood.txt"), str(articles_folder / "deluge.txt"))]
    assert (report.embedded, report.version, report.removed) == (0, 2, [])
    assert "0 added, 0 changed, 3 unchanged, 1 moved, 0 removed" in str(report)
    assert len(titles(without)) == 4
    assert without.find("deluge.txt").title == "Flood in the Arle valley"
    assert without.verify() == []
    assert summary(without.update([articles_folder])) == {"unchanged": [*ALL[:3], "deluge.txt"]}
    without.close()


def test_a_file_that_moved_to_another_folder_is_a_move(index: Index, articles_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (articles_folder / "briefs.jsonl").rename(other / "briefs.jsonl")
    report = index.update([other])
    assert [short([move.old, move.new]) for move in report.moved] == [[uri, uri] for uri in ALL[1:3]]
    assert all(move.new.startswith(f"{other}/") for move in report.moved)
    assert len(titles(index)) == 4
    (other / "briefs.jsonl").rename(articles_folder / "briefs.jsonl")
    assert len(index.update([articles_folder]).moved) == 2  # not taken for the file that was indexed there before
    assert summary(index.update([articles_folder], prune=True)) == {"unchanged": ALL}


def test_a_copy_is_no_move(index: Index, articles_folder: Path) -> None:
    (articles_folder / "copy.txt").write_text(FLOOD)
    report = index.update([articles_folder])
    assert (summary(report)["added"], report.moved) == (["copy.txt"], [])


def test_a_row_with_another_id_is_a_move(index: Index, articles_folder: Path) -> None:
    (articles_folder / "briefs.jsonl").write_text(BRIEFS.replace('"airline"', '"skerry"'))
    report = index.update([articles_folder])
    assert short([report.moved[0].old, report.moved[0].new]) == ["briefs.jsonl#airline", "briefs.jsonl#skerry"]
    assert (report.embedded, report.removed, len(titles(index))) == (0, [], 4)


def test_one_file_becomes_two_and_only_one_is_the_move(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").rename(articles_folder / "b.txt")
    (articles_folder / "a.txt").write_text(FLOOD)
    report = index.update([articles_folder])
    assert short([report.moved[0].new]) == ["a.txt"]
    assert summary(report)["added"] == ["b.txt"]
    assert len(titles(index)) == 5


def test_a_file_that_moved_and_changed_is_added_and_gone(index: Index, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").unlink()
    (articles_folder / "deluge.txt").write_text(FLOOD.replace("thirty-one", "thirty-two"))
    report = index.update([articles_folder])
    assert (short(report.added), short(report.gone), report.moved) == (["deluge.txt"], ["flood.txt"], [])
    assert len(titles(index)) == 5


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
        assert report.failed[0].reason == "is empty"
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
    assert report.failed[1].reason == "is a link to a file that is not there"
    assert "2 failed" in str(report)


def test_a_link_that_leads_out_is_reported_and_not_read(index: Index, articles_folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The key to the archive lies beneath the third flowerpot on the left.")
    link = articles_folder / "link.txt"
    link.symlink_to(secret)
    report = index.update([articles_folder])
    assert [(failure.uri, failure.reason) for failure in report.failed] == [(str(link), sources.LEADS_OUT)]
    assert not report.added
    assert index.update([articles_folder, secret]).added == [str(link), str(secret)]


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
        assert short(report.unchanged + report.changed) == ["briefs.jsonl#vaccine"]
    file.write_text(vaccine)
    assert summary(index.update([file])) == {"removed": ["briefs.jsonl#airline"], "unchanged": ["briefs.jsonl#vaccine"]}


def test_good_rows_are_not_read_again_for_a_bad_one_in_an_unchanged_file(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = articles_folder / "briefs.jsonl"
    file.write_text(f"{{}}\n{BRIEFS}")
    first = index.update([file])
    (articles_folder / "flood.txt").write_bytes(b"")
    index.update([articles_folder])
    read: list[str] = []
    real = sources.read_drafts
    monkeypatch.setattr(sources, "read_drafts", lambda path, columns: (read.append(path.name), real(path, columns))[1])
    again = index.update([articles_folder])
    assert read == ["flood.txt"]  # a file that failed as a whole is tried again
    assert [str(failure) for failure in again.failed[:1]] == [str(failure) for failure in first.failed]
    assert "line 1 has no text" in again.failed[0].reason
    assert short(again.unchanged) == ALL[:3]


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
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 2)
    index = Index.create(tmp_path / "index", embedder=embedder)
    watch = StopAt(-1)
    index.update([many(tmp_path / "a", 5)], progress=watch)
    assert watch.seen == [
        *(("reading", n, 5) for n in range(6)),
        *(("cutting", n, 5) for n in range(6)),
        *(("embedding", n, 5) for n in (0, 2, 4, 5)),
    ]
    index.close()


def test_a_stop_keeps_the_old_version_and_the_work_done(
    index: Index, articles_folder: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 2)
    many(articles_folder, 7)
    (articles_folder / "bridge.md").unlink()
    reader = Index.open(index.folder, embedder=HashEmbedder())
    before = reader.search("Which bridge crosses the valley?", top_k=9)
    with pytest.raises(KeyboardInterrupt):
        index.update([articles_folder], prune=True, progress=StopAt(4))
    later = Index.open(index.folder, embedder=HashEmbedder())
    for each in (index, reader, later):
        assert each.version == 1
        assert each.search("Which bridge crosses the valley?", top_k=9) == before
        assert each.verify() == []

    report = index.update([articles_folder], prune=True)
    assert summary(report) == {"added": [f"{n}.txt" for n in range(7)], "removed": ["bridge.md"], "unchanged": ALL[1:]}
    assert (report.embedded, report.version) == (3, 2)  # what was on its way beside the stored four is lost
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
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 1)
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


def test_a_stopped_rebuild_with_the_same_model_goes_on(
    index: Index, articles_folder: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "PASSAGES_PER_COMMIT", 2)
    index.update([many(articles_folder, 4)])
    before = index.search("Which bridge crosses the valley?", top_k=9)
    embedder.passages.clear()
    with pytest.raises(KeyboardInterrupt):
        index.rebuild(progress=StopAt(4))
    assert (index.version, index.verify()) == (2, [])
    assert index.search("Which bridge crosses the valley?", top_k=9) == before
    index.remove(["0.txt"])  # what was made for it is not needed any more
    assert index.rebuild().embedded == 7 - 3
    assert len({(p.title, p.text) for p in embedder.passages}) == 8
    assert (index.version, index.verify()) == (4, [])
    assert index.rebuild().embedded == 7  # nothing is left over
    assert index.verify() == []


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
