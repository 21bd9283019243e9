"""Changes of files are noticed, once a burst; what does not count is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import WrongUse
from index.sources import watch as watch_module
from index.sources.watch import changes


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watch_module, "QUIET_MS", 60)
    monkeypatch.setattr(watch_module, "BEAT_MS", 300)
    (tmp_path / "articles" / "sub").mkdir(parents=True)
    (tmp_path / "articles" / "index").mkdir()
    return tmp_path / "articles"


def begun(*paths: Path) -> Iterator[bool]:
    """A watch that has begun: it has given its first beat."""
    found = changes(paths, ignored=paths[0] / "index")
    assert next(found) is False
    return found


def test_a_burst_of_changes_is_noticed_once(watched: Path) -> None:
    found = begun(watched)
    for number in range(20):
        (watched / "sub" / f"{number}.txt").write_text("new")
    assert next(found) is True
    assert next(found) is False
    (watched / "sub" / "3.txt").unlink()
    assert next(found) is True


def test_what_is_hidden_or_in_the_index_does_not_count(watched: Path) -> None:
    found = begun(watched)
    (watched / ".hidden.txt").write_text("new")
    (watched / "index" / "clippings.sqlite-wal").write_text("new")
    assert next(found) is False


def test_a_single_file_is_watched_though_it_is_replaced(watched: Path) -> None:
    file = watched / "one.txt"
    file.write_text("old")
    found = begun(file)
    (watched / "other.txt").write_text("new")
    assert next(found) is False
    (watched / ".one.tmp").write_text("new")
    (watched / ".one.tmp").rename(file)
    assert next(found) is True


def test_it_ends_when_told(watched: Path) -> None:
    stop = threading.Event()
    found = changes([watched], ignored=watched / "index", stop=stop)
    next(found)
    stop.set()
    assert list(found) == []


def test_nothing_to_watch_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"There is nothing to watch: .*nowhere"):
        next(changes([tmp_path / "nowhere"], ignored=tmp_path))
