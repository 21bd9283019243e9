"""Every page of an index's files flipped, zeroed or cut off: it is reported, with what to do, and repair saves what is sound."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from standins import HashEmbedder
from works import write_reports

from index import Index
from index.errors import CannotRun, DamagedIndex, NoIndex
from index.storage.database.connection import DATABASE
from index.storage.salvage import salvage

PAGE = 4096
ADVICE = "clippings index repair"

Content = tuple[Any, ...]


def embedder() -> HashEmbedder:
    """A small one, so that vectors are not most of the pages."""
    return HashEmbedder(dimension=16)


@dataclass(frozen=True)
class Place:
    """An index of two updates that is never touched, its articles' folder, and where copies of it are damaged."""

    sound: Path
    articles: Path
    copy: Path
    content: Content

    @contextmanager
    def copied(self) -> Iterator[Path]:
        """A fresh copy."""
        shutil.copytree(self.sound, self.copy)
        try:
            yield self.copy
        finally:
            shutil.rmtree(self.copy)


def content_of(folder: Path) -> Content:
    """What `verify` says, and if that is nothing, all that can be asked for."""
    opened = Index.open(folder, embedder=embedder())
    try:
        problems = opened.verify()
        if problems:
            return (problems,)
        return problems, list(opened.articles()), opened.search("Which report names word3?", top_k=99)
    finally:
        opened.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    base = tmp_path_factory.mktemp("damage")
    articles = base / "articles"
    articles.mkdir()
    made = Index.create(base / "index", embedder=embedder())
    for round_, names in enumerate((range(8), range(3)), 1):
        write_reports(articles, names, round_)
        made.update([articles])
    made.close()
    return Place(base / "index", articles, base / "copy", content_of(base / "index"))


def reported(folder: Path) -> list[str]:
    """What is said of the damage; nothing where it does no harm."""
    size = (folder / DATABASE).stat().st_size
    try:
        return list(content_of(folder)[0])
    except NoIndex as error:
        assert size < 512, "only SQLite's own idea of an empty file"
        return [str(error)]
    except DamagedIndex as error:
        assert ADVICE in str(error)
        return [str(error)]


def flip(data: bytearray, page: int, dice: random.Random) -> None:
    """One bit; as often as not in the page's head, where most of what SQLite goes by is."""
    place = page * PAGE + dice.choice([dice.randrange(100), dice.randrange(PAGE)])
    data[min(place, len(data) - 1)] ^= 1 << dice.randrange(8)


def zero(data: bytearray, page: int, _: random.Random) -> None:
    """The whole page."""
    size = len(data[page * PAGE : (page + 1) * PAGE])
    data[page * PAGE : page * PAGE + size] = bytes(size)


@pytest.mark.parametrize("damage", [flip, zero])
def test_damage_on_any_page_of_the_database_is_reported_and_repaired(
    place: Place,
    damage: Callable[[bytearray, int, random.Random], None],
) -> None:
    pages = (place.sound / DATABASE).stat().st_size // PAGE
    dice = random.Random(damage.__name__)
    noticed = 0
    for page in range(0, pages, 3):
        with place.copied() as copy:
            data = bytearray((copy / DATABASE).read_bytes())
            damage(data, page, dice)
            (copy / DATABASE).write_bytes(data)
            if not reported(copy):
                assert content_of(copy) == place.content
                continue
            noticed += 1
            repair_and_read_again(copy, place)
            assert content_of(copy) == place.content, f"page {page}"
    assert noticed > pages // 10


def repair_and_read_again(folder: Path, place: Place) -> None:
    """What the messages say."""
    try:
        Index.repaired(folder, embedder=embedder())
    except (DamagedIndex, NoIndex) as error:
        assert re.search("(Move the folder away and build it again|Build one) with: clippings index update", str(error))
        shutil.rmtree(folder)
    opened = Index.create(folder, embedder=embedder())
    opened.update([place.articles])
    opened.close()


def test_a_database_that_was_cut_off_is_reported_and_what_is_left_is_saved(place: Place) -> None:
    data = (place.sound / DATABASE).read_bytes()
    for left in (len(data) - 1, len(data) - 3 * PAGE, len(data) // 2, 100):
        with place.copied() as copy:
            (copy / DATABASE).write_bytes(data[:left])
            assert reported(copy) != []
            repair_and_read_again(copy, place)
            assert content_of(copy) == place.content


def test_articles_are_saved_without_their_files_and_the_others_named(place: Place) -> None:
    with place.copied() as copy:
        data = (copy / DATABASE).read_bytes()
        (copy / DATABASE).write_bytes(data[: -2 * PAGE])
        assert reported(copy) != []
        report = Index.repaired(copy, embedder=embedder())
        problems, saved, _ = content_of(copy)
        assert (problems, len(saved) + len(report.read_again)) == ([], 8)
        assert [a for a in place.content[1] if a.uri not in report.read_again] == saved
        assert saved


def test_a_repair_that_stopped_after_saving_goes_on(place: Place) -> None:
    with place.copied() as copy:
        data = bytearray((copy / DATABASE).read_bytes())
        zero(data, 0, random.Random(0))
        (copy / DATABASE).write_bytes(data)
        with pytest.raises(DamagedIndex, match=ADVICE):
            Index.open(copy)
        (root,) = [row[0] for row in rows(place.sound, "SELECT rootpage FROM sqlite_master WHERE name = 'likeness'")]
        whole = bytearray((place.sound / DATABASE).read_bytes())
        zero(whole, root - 1, random.Random(0))
        (copy / DATABASE).write_bytes(whole)
        assert salvage(copy) == []
        opened = Index.open(copy, embedder=embedder())
        assert {problem.partition(": ")[2] for problem in opened.verify()} == {"there are no chunks of the text"}
        opened.close()
        repair_and_read_again(copy, place)
        assert content_of(copy) == place.content


def test_others_see_the_repaired_index_without_opening_it_again(place: Place) -> None:
    with place.copied() as copy:
        other = Index.open(copy, embedder=embedder())
        (root,) = [row[0] for row in rows(copy, "SELECT rootpage FROM sqlite_master WHERE name = 'likeness_story'")]
        data = bytearray((copy / DATABASE).read_bytes())
        zero(data, root - 1, random.Random(0))
        (copy / DATABASE).write_bytes(data)
        Index.repaired(copy, embedder=embedder())
        assert other.verify() == []
        assert list(other.articles()) == place.content[1]
        other.close()


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / DATABASE)
    found = connection.execute(sql).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("left", ["nothing", "half", "a flip", "no file"])
@pytest.mark.parametrize("kind", ["vectors", "words"])
def test_a_damaged_derived_file_is_reported_and_made_anew(place: Place, kind: str, left: str) -> None:
    with place.copied() as copy:
        (file,) = copy.glob(f"{kind}-*")
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes({"nothing": b"", "half": bytes(data[: len(data) // 2])}.get(left, bytes(data)))
        if left == "no file":
            file.unlink()
        opened = Index.open(copy, embedder=embedder())
        assert (opened.verify() == []) == (left == "no file")
        opened.close()
        Index.repaired(copy, embedder=embedder())
        assert content_of(copy) == place.content


def test_what_is_in_the_way_of_a_repair_is_named(place: Place) -> None:
    with place.copied() as copy:
        (copy / f"{DATABASE}.mended").mkdir()
        with pytest.raises(CannotRun, match=r"clippings\.sqlite\.mended is in the way of the repair"):
            Index.repaired(copy, embedder=embedder())


def test_a_database_that_is_gone_or_empty_is_no_index(place: Place) -> None:
    for empty in (True, False):
        with place.copied() as copy:
            (copy / DATABASE).write_bytes(b"") if empty else (copy / DATABASE).unlink()
            with pytest.raises(NoIndex, match="Build one with"):
                Index.repaired(copy, embedder=embedder())
            repair = Index.create(copy, embedder=embedder())
            repair.update([place.articles])
            repair.close()
            assert content_of(copy) == place.content


def test_a_log_that_was_damaged_leaves_an_earlier_version_whole(place: Place, tmp_path: Path) -> None:
    with place.copied() as copy:
        (place.copy.parent / "more.txt").write_text("Report 99\n\nA ninth report names word3, too. " * 30)
        opened = Index.open(copy, embedder=embedder())
        opened.update([place.copy.parent / "more.txt"])
        later = content_of(copy)
        held = tmp_path / "held"
        shutil.copytree(copy, held)  # as a kill leaves it, with the log
        opened.close()
        log = held / f"{DATABASE}-wal"
        data = log.read_bytes()
        dice = random.Random(1)
        for turn in range(12):
            shutil.rmtree(copy)
            shutil.copytree(held, copy)
            damaged = bytearray(data)
            if turn % 2:
                del damaged[dice.randrange(len(damaged)) :]
            else:
                damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
            (copy / log.name).write_bytes(damaged)
            assert content_of(copy) in (later, place.content)
