"""What a person sees of long work: drawn for a terminal, looked at as text."""

from __future__ import annotations

import io
import sys
import time
from itertools import pairwise

import pytest

from index.updates.report import Progress
from ui.cli import progress


class Terminal(io.StringIO):
    """Standard error that somebody watches."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in standard error's place; no fixture, since pytest has its own there again before the test."""
    drawn = Terminal()
    monkeypatch.setattr(sys, "stderr", drawn)
    return drawn


def work(*, quiet: bool = False) -> None:
    with progress.shown(quiet=quiet) as show:
        for done in range(4):
            show(Progress("reading", done, 3, 100 * done))
        for done in (0, 20, 300):
            show(Progress("cutting", done, 300, done))
        for done in (0, 256, 500):
            show(Progress("embedding", done, 500, done))


def test_a_bar_ends_when_its_stage_does(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    work()
    drawn = terminal.getvalue()
    order = ["reading:", "cutting:", "embedding:"]
    assert sorted(order, key=drawn.index) == order
    for stage, following in pairwise(order):
        assert drawn.rindex(stage) < drawn.index(following)
    # Each on a line of its own, so the terminal needs no moving up.
    assert "\x1b[A" not in drawn
    lines = [line.rpartition("\r")[2] for line in drawn.split("\n")]
    assert [line.partition(":")[0].strip() for line in lines] == ["reading", "cutting", "embedding", ""]
    assert "| 3/3 [" in lines[0]
    assert "files/s, 300 articles" in lines[0]
    assert "| 500/500 [" in lines[2]
    assert "passages/s, 500 articles" in lines[2]


def test_a_slow_rate_is_still_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    now = 1000.0
    monkeypatch.setattr("tqdm.std.time", lambda: now)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with progress.shown(quiet=False) as show:
        show(Progress("reading", 0, 4))
        now += 10
        show(Progress("reading", 1, 4, 500))
    last = terminal.getvalue().rpartition("\r")[2]
    assert "1/4 [00:10<00:30,  0.10 files/s, 500 articles, 50/s]" in last


def test_nothing_is_drawn_where_quiet_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    work(quiet=True)
    assert terminal.getvalue() == ""


def test_nothing_is_drawn_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    work()
    assert capfd.readouterr().err == ""
