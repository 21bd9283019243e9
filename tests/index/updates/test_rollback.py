"""Every version can be returned to as long as it is kept, whole, and that can be taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import BRIEFS, FLOOD
from standins import HashEmbedder

from index import Index
from index.errors import CannotRun, WrongEmbedder, WrongUse
from index.search.search import Hit
from index.storage import versions

QUESTION = "How many people drowned in Hollin?"
NEW = "A lorry overturned\n\nA lorry overturned on the ring road. Nobody was hurt, the police said."


def hits(index: Index) -> list[Hit]:
    return index.search(QUESTION, top_k=99)


def short(uris: list[str]) -> list[str]:
    return [uri.rpartition("/")[2] for uri in uris]


def change(folder: Path) -> None:
    """One article is added, one changed, one row and one file removed."""
    (folder / "new.txt").write_text(NEW)
    (folder / "flood.txt").write_text(FLOOD.replace("thirty-one", "thirty-two"))
    (folder / "briefs.jsonl").write_text(BRIEFS.splitlines()[0])
    (folder / "bridge.md").unlink()


def test_rollback_undoes_an_update_and_is_undone(index: Index, articles_folder: Path, embedder: HashEmbedder) -> None:
    first, articles = hits(index), list(index.articles())
    change(articles_folder)
    index.update([articles_folder], prune=True)
    second, embedded = hits(index), embedder.embedded
    coming = index.rollback_preview(1)
    assert (hits(index), index.version) == (second, 2)
    report = index.rollback()
    assert replace(coming, version=3) == report
    assert short(report.added) == ["bridge.md", "briefs.jsonl#vaccine"]
    assert (short(report.changed), short(report.removed), report.version) == (["flood.txt"], ["new.txt"], 3)
    assert (hits(index), list(index.articles())) == (first, articles)
    assert index.verify() == []
    report = index.rollback()
    assert (short(report.added), report.version) == (["new.txt"], 4)
    assert hits(index) == second
    assert index.verify() == []
    assert embedder.embedded == embedded
    assert [version.what for version in index.status().versions] == [
        "rollback to version 2",
        "rollback to version 1",
        "update",
        "update",
        "made empty",
    ]


def test_the_update_after_a_rollback_follows_the_files_again_and_embeds_nothing(
    index: Index, articles_folder: Path
) -> None:
    change(articles_folder)
    index.update([articles_folder], prune=True)
    second = hits(index)
    index.rollback()
    report = index.update([articles_folder], prune=True)
    assert (short(report.added), short(report.changed)) == (["new.txt"], ["flood.txt"])
    assert short(report.removed) == ["bridge.md", "briefs.jsonl#vaccine"]
    assert report.embedded == 0
    assert hits(index) == second
    assert index.verify() == []


def test_rollback_goes_over_several_versions(index: Index, articles_folder: Path) -> None:
    first = hits(index)
    for number in range(3):
        (articles_folder / "flood.txt").write_text(FLOOD.replace("thirty-one", f"{number} hundred"))
        (articles_folder / f"{number}.txt").write_text(NEW + str(number))
        index.update([articles_folder])
    index.remove(["1.txt"])
    report = index.rollback(1)
    assert (report.added, short(report.changed), short(report.removed)) == ([], ["flood.txt"], ["0.txt", "2.txt"])
    assert hits(index) == first
    assert short(index.rollback(5).added) == ["0.txt", "2.txt"]
    assert index.version == 7
    assert index.verify() == []


def test_a_removed_article_comes_back(index: Index) -> None:
    before = hits(index)
    index.remove(["flood.txt"])
    assert short(index.rollback().added) == ["flood.txt"]
    assert hits(index) == before


def test_a_move_is_taken_back(index: Index, articles_folder: Path) -> None:
    before = hits(index)
    (articles_folder / "flood.txt").rename(articles_folder / "deluge.txt")
    index.update([articles_folder])
    index.rollback()
    assert hits(index) == before
    report = index.update([articles_folder])
    assert short([report.moved[0].old, report.moved[0].new]) == ["flood.txt", "deluge.txt"]


def test_only_the_last_versions_are_kept(index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEEP_VERSIONS", 2)
    for number in range(4):
        (articles_folder / "flood.txt").write_text(FLOOD.replace("thirty-one", f"number{number}"))
        index.update([articles_folder])
    assert [version.number for version in index.status().versions] == [5, 4, 3]
    # The current articles have 4 passages; versions 3 and 4 had another text of one of them each.
    assert index._store.database.execute("SELECT count(*) FROM embedding").fetchone() == (6,)
    with pytest.raises(WrongUse) as caught:
        index.rollback(2)
    assert str(caught.value) == "Version 2 is not kept. Return to one of: 4, 3 (the index is at 5)."
    index.rollback(3)
    assert "number1" in index.find("flood.txt").text
    assert index.verify() == []


@pytest.mark.parametrize("number", [-1, 1, 2, 99])
def test_a_version_that_is_not_earlier_is_wrong_use(index: Index, number: int) -> None:
    with pytest.raises(WrongUse, match=f"Version {number} is not kept. Return to one of: 0"):
        index.rollback(number)
    assert index.version == 1


def test_a_new_index_has_nothing_to_return_to(tmp_path: Path, embedder: HashEmbedder) -> None:
    index = Index.create(tmp_path / "index", embedder=embedder)
    with pytest.raises(CannotRun, match=r"has no earlier version to return to\. From now on the last 5 are kept\."):
        index.rollback()
    index.close()


def test_a_rebuild_is_taken_back_with_its_model(index: Index) -> None:
    before = hits(index)
    other = HashEmbedder(name="hash@2", dimension=64)
    index.rebuild(embedder=other)
    index.rollback()
    assert index.status().embedder == "hash@1"
    assert index.verify() == []
    index.close()
    again = Index.open(index.folder, embedder=HashEmbedder())
    assert hits(again) == before
    with pytest.raises(WrongEmbedder):
        Index.open(index.folder, embedder=other)
    again.close()


def test_a_reader_follows_versions_and_models_by_itself(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> HashEmbedder:
        loaded.append(name)
        return HashEmbedder(name=name, dimension=64 if name == "hash@2" else 256)

    monkeypatch.setattr("index.index.load_embedder", load)
    reader = Index.open(index.folder)
    before = hits(reader)
    index.rebuild(embedder=HashEmbedder(name="hash@2", dimension=64))
    assert hits(reader)[0].article == before[0].article
    assert hits(reader) == hits(index)
    index.rollback()
    assert hits(reader) == before
    assert loaded == ["hash@1", "hash@2", "hash@1"]
    reader.close()
