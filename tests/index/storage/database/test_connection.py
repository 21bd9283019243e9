"""An index is read where nothing can be written, and a full disk loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Index
from index.errors import CannotRun
from index.storage.database import connection as connection_module
from index.storage.database.connection import DATABASE

QUESTION = "How many people drowned in Hollin?"
NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere, so be somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def read_only(index: Index) -> Iterator[Path]:
    """A copy of the index that may only be read, in a folder that others reach, too."""
    index.close()
    with tempfile.TemporaryDirectory() as outer:
        os.chmod(outer, 0o755)
        folder = Path(outer) / "read only?#%"
        shutil.copytree(index.folder, folder)
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def hits(folder: Path) -> list[object]:
    opened = Index.open(folder, embedder=HashEmbedder())
    found: list[object] = [(hit.article, hit.score) for hit in opened.search(QUESTION, top_k=9)]
    opened.close()
    return found


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
@pytest.mark.parametrize("lacking", ["nothing", "vectors", "words"])
def test_an_index_that_may_only_be_read_is_searched(read_only: Path, index: Index, lacking: str) -> None:
    for file in read_only.glob(f"{lacking}-*"):
        file.unlink()
    with as_nobody():
        found = hits(read_only)
        opened = Index.open(read_only, embedder=HashEmbedder())
        assert (opened.status().articles, opened.version, opened.verify()) == (4, 1, [])
        opened.close()
    assert found == hits(index.folder)
    assert len(found) == 4


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_writing_to_an_index_that_may_only_be_read_says_what_to_do(read_only: Path, articles_folder: Path) -> None:
    with as_nobody():
        opened = Index.open(read_only, embedder=HashEmbedder())
        for write in (opened.rollback, opened.rebuild, opened.repair, lambda: opened.remove(["flood.txt"])):
            with pytest.raises(CannotRun) as caught:
                write()
            assert str(caught.value) == (
                f"The index in {read_only} cannot be written: Permission denied. It can be searched as it is. To change "
                "it, make the folder writable, or copy it and name the copy with --index."
            )
        opened.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_a_read_only_reader_sees_what_somebody_else_has_written(read_only: Path, articles_folder: Path) -> None:
    with as_nobody():
        reader = Index.open(read_only, embedder=HashEmbedder())
        assert [hit.lexical for hit in reader.search("lorry")] == [0.0] * 4
    read_only.chmod(0o755)
    (read_only / DATABASE).chmod(0o644)
    (articles_folder / "new.txt").write_text("A lorry overturned\n\nA lorry overturned on the ring road.")
    writer = Index.open(read_only, embedder=HashEmbedder())
    writer.update([articles_folder])
    writer.close()
    with as_nobody():
        assert reader.version == 2
        assert reader.search("lorry")[0].lexical == 1.0
    reader.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_what_changes_while_it_is_read_without_locks_is_not_believed(read_only: Path) -> None:
    with as_nobody():
        reader = Index.open(read_only, embedder=HashEmbedder())
    (read_only / DATABASE).chmod(0o644)
    with pytest.raises(CannotRun, match=r"was changed while it was read\. Try again\."):  # noqa: SIM117
        with reader._store.transaction(write=False):
            os.utime(read_only / DATABASE, (1, 1))
    assert reader.version == 1
    reader.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_a_read_only_index_left_in_an_update_says_so(read_only: Path) -> None:
    (read_only / f"{DATABASE}-wal").write_bytes(b"unfinished")
    with as_nobody(), pytest.raises(CannotRun, match="was left in the middle of an update, and the folder cannot be"):
        Index.open(read_only)


# A full disk


def page_count(index: Index) -> int:
    return int(index._store.database.execute("PRAGMA page_count").fetchone()[0])


def limited(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """From now on no database grows beyond so many pages, as on a full disk."""
    real = connection_module._writable

    def connect(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(connection_module, "_writable", connect)


def test_a_full_disk_loses_nothing_and_the_same_command_goes_on(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.search(QUESTION, top_k=9)
    for number in range(40):
        text = " ".join(f"word{number}x{n}" for n in range(400))
        (articles_folder / f"{number}.txt").write_text(f"Report {number}\n\n{text}.")
    pages = page_count(index)
    for more in (10, 60, 110):  # while vectors are stored, and while all is put in place
        with monkeypatch.context() as patch:
            limited(patch, pages + more)
            with pytest.raises(CannotRun) as caught:
                index.update([articles_folder])
        assert str(caught.value) == (
            f"The disk is full: neither the index in {index.folder} nor its temporary files can grow. Nothing that was "
            "indexed is lost. Free some space, then run the same command again; it goes on from there."
        )
        assert (index.version, index.search(QUESTION, top_k=9), index.verify()) == (1, before, [])
    assert len(index.update([articles_folder]).added) == 40
    assert index.verify() == []
    assert page_count(index) > pages + 110


@pytest.mark.parametrize("error", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN])
def test_a_disk_too_full_even_to_open_can_be_read_and_says_so_when_written(
    index: Index, articles_folder: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    before = index.search(QUESTION, top_k=9)
    index.close()

    def fail(_: Path) -> sqlite3.Connection:
        failure = sqlite3.OperationalError("no room")
        failure.sqlite_errorcode = error
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(connection_module, "_writable", fail)
        opened = Index.open(index.folder, embedder=HashEmbedder())
        assert opened.search(QUESTION, top_k=9) == before
        (articles_folder / "new.txt").write_text("New\n\nA new article.")
        with pytest.raises(
            CannotRun, match="cannot be written, only read: the folder is read-only, or the disk is full"
        ):
            opened.update([articles_folder])
        opened.close()
    again = Index.open(index.folder, embedder=HashEmbedder())
    assert len(again.update([articles_folder]).added) == 1
    again.close()


def test_a_full_folder_for_temporary_files_is_said_for_people(index: Index, articles_folder: Path) -> None:
    (articles_folder / "new.txt").write_text("New\n\nA new article.")

    class Full(HashEmbedder):
        def embed_passages(self, passages: object) -> object:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    opened = Index.open(index.folder, embedder=Full())
    with pytest.raises(CannotRun, match="The disk is full: "):
        opened.update([articles_folder])
    opened.close()
