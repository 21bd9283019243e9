"""kill -9 at any moment: the index is the old one or the new one, whole, and the same command finishes the work."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Article, Index
from index.search import Hit

ROOT = Path(__file__).parent.parent
KILLS = 4
"""Moments at which each kind of work is killed, spread over the whole of it."""

State = tuple[str, list[Article], list[Hit]]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def embedder_of(folder: Path) -> HashEmbedder:
    opened = Index.open(folder)
    name = opened.status().embedder
    opened.close()
    return HashEmbedder(name=name, dimension=64 if name == "hash@2" else 256)


def state(folder: Path) -> State:
    opened = Index.open(folder, embedder=embedder_of(folder))
    assert opened.verify() == []
    found = (opened.status().embedder, list(opened.articles()), opened.search("Which report names word3?", top_k=99))
    opened.close()
    return found


def write(folder: Path, names: range, round_: int) -> None:
    for number in names:
        text = f"Report {number}\n\nReport {number} of round {round_} names word{number % 7}. " + "More follows. " * 120
        (folder / f"{number}.txt").write_text(text)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Folders `articles` and `index`; version 2 of the index is not up to date with the articles."""
    articles = tmp_path / "articles"
    articles.mkdir()
    write(articles, range(12), 1)
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    index.update([articles])
    write(articles, range(4), 2)
    index.update([articles])
    write(articles, range(2, 16), 3)
    (articles / "0.txt").unlink()
    (articles / "1.txt").rename(articles / "moved.txt")
    index.close()
    return tmp_path


@pytest.fixture
def worker() -> Iterator[Callable[..., int | None]]:
    """Does the work in another process; the number of its steps, None if it was killed at the `last`."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, str(ROOT / "tests" / "killed.py")]
    environment = os.environ | {"PYTHONPATH": path}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def order(what: str, place: Path, index: Path, last: int = 0) -> int | None:
            assert process.stdin is not None and process.stdout is not None
            line = {"what": what, "articles": str(place / "articles"), "index": str(index), "last": last}
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            return None if answer is None else int(answer)

        yield order
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("what", ["update", "rebuild", "rollback"])
def test_killed_work_leaves_the_old_or_the_new_and_can_be_finished(
    place: Path, worker: Callable[..., int | None], what: str
) -> None:
    old = state(place / "index")
    shutil.copytree(place / "index", place / "done")
    steps = worker(what, place, place / "done")
    assert steps is not None and steps > 50
    new = state(place / "done")
    assert old != new
    dice = random.Random(what)
    seen = []
    for turn in range(KILLS):
        copy = place / f"killed {turn}"
        shutil.copytree(place / "index", copy)
        last = dice.randint(steps * turn // KILLS + 1, steps * (turn + 1) // KILLS - 1)
        assert worker(what, place, copy, last) is None
        after = state(copy)
        assert after in (old, new)
        seen.append(after == new)
        assert worker(what, place, copy) is not None
        assert state(copy) == new
        assert not list(copy.glob("*.tmp"))
    assert seen == sorted(seen), "once it is new, it stays new"
    assert not seen[0]
