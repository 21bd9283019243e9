"""`clippings index update --watch`: every round says what changed, troubles are waited out, Ctrl-C ends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from standins import HashEmbedder

from index import Index
from ui.cli import watch as watching
from ui.cli.parser import main

Round = Callable[[], bool]


@pytest.fixture
def run(
    tmp_path: Path, articles_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[str], list[str]]]:
    """Runs the command; each round is done to the files, says whether that is noticed, and the last is Ctrl-C."""
    monkeypatch.setattr("index.index.load_embedder", lambda name: HashEmbedder())

    def run(rounds: list[Round], *options: str) -> tuple[int, list[str], list[str]]:
        def changes(paths: object, *, ignored: Path) -> Iterator[bool]:
            assert ignored == tmp_path / "index"
            for round_ in rounds:
                yield round_()
            raise KeyboardInterrupt

        monkeypatch.setattr(watching, "changes", changes)
        arguments = ["--index", str(tmp_path / "index"), "index", "update", str(articles_folder), "--watch", *options]
        status = main(arguments)
        said = capfd.readouterr()
        return status, said.out.splitlines(), said.err.splitlines()

    return run


def test_each_round_says_what_changed_and_nothing_else(
    run: Callable[..., tuple[int, list[str], list[str]]], articles_folder: Path, tmp_path: Path
) -> None:
    def add() -> bool:
        (articles_folder / "new.txt").write_text("New\n\nA new article.")
        return True

    def delete() -> bool:
        (articles_folder / "new.txt").unlink()
        return True

    status, out, err = run([lambda: False, add, lambda: False, lambda: True, delete], "--prune")
    counts = [line.partition(";")[0] for line in out if "unchanged" in line]
    assert counts == [
        "4 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 0 failed",
        "1 added, 0 changed, 4 unchanged, 0 moved, 0 removed, 0 failed",
        "0 added, 0 changed, 4 unchanged, 0 moved, 1 removed, 0 failed",
    ]
    assert f"+ {articles_folder}/new.txt" in out
    assert (status, out[-1], err) == (0, "Stopped watching.", ["Watching for changes; Ctrl-C ends it."])


def test_what_changed_before_the_watch_began_is_found_at_the_first_beat(
    run: Callable[..., tuple[int, list[str], list[str]]], articles_folder: Path, tmp_path: Path
) -> None:
    def unnoticed() -> bool:
        (articles_folder / "new.txt").write_text("New\n\nA new article.")
        return False

    run([unnoticed, unnoticed])
    index = Index.open(tmp_path / "index")
    assert index.status().articles == 5
    index.close()


def test_failures_are_said_once_and_give_the_status(
    run: Callable[..., tuple[int, list[str], list[str]]], articles_folder: Path
) -> None:
    def spoil() -> bool:
        (articles_folder / "flood.txt").write_bytes(b"")
        return True

    status, out, err = run([spoil, lambda: True], "--json")
    assert status == 1
    failure = f"{articles_folder}/flood.txt: is empty"
    assert err == ["Watching for changes; Ctrl-C ends it.", failure, failure]  # when it came, and at the end
    assert [json.loads(line)["counts"]["failed"] for line in out] == [0, 1, 1]


def test_another_writer_and_a_lost_folder_are_waited_for(
    run: Callable[..., tuple[int, list[str], list[str]]], articles_folder: Path, tmp_path: Path
) -> None:
    lock = FileLock(tmp_path / "index" / "writer.lock")
    aside = tmp_path / "aside"

    def busy() -> bool:
        (articles_folder / "new.txt").write_text("New\n\nA new article.")
        lock.acquire()
        return True

    def free() -> bool:
        lock.release()
        return False

    def lose() -> bool:
        shutil.move(articles_folder, aside)
        return True

    def return_() -> bool:
        shutil.move(aside, articles_folder)
        (articles_folder / "bridge.md").unlink()
        return True

    _, out, err = run([lambda: False, busy, lambda: False, free, lose, return_])
    assert [line.partition(". ")[0] for line in err[1:]] == [
        f"The index in {tmp_path / 'index'} is being written by another process",
        f"{articles_folder}: there is no such file or folder.",
    ]
    assert f"+ {articles_folder}/new.txt" in out
    assert f"? {articles_folder}/bridge.md" in out


def test_addresses_are_refused_before_an_index_is_made(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["--index", str(tmp_path / "index"), "index", "update", str(tmp_path), "https://example.org/feed.xml"]
    assert main([*arguments, "--watch"]) == 2
    assert capfd.readouterr().err == (
        "--watch follows files and folders, not addresses: https://example.org/feed.xml. "
        "Update those without --watch, from time to time.\n"
    )
    assert not (tmp_path / "index").exists()
