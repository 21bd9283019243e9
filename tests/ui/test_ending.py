"""A process that is told to end does so: in order, with its status, and whatever its threads wait for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of another kind")

BEGIN = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from ui import shutdown
def kill(name): os.kill(os.getpid(), getattr(signal, name))
"""

IN_ORDER = """
with shutdown.ended_by_signals():
    try:
        kill(sys.argv[1])
        threading.Event().wait(60)
    except KeyboardInterrupt:
        print("in order")
    if len(sys.argv) > 2:
        sys.stdout.flush()
        kill(sys.argv[2])
        threading.Event().wait(60)
        print("never")
"""

IGNORED = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with shutdown.ended_by_signals():
    kill("SIGHUP")
shutdown.end_soon(0)
kill("SIGHUP")
print("goes on")
"""

AFTERWARDS = """
with shutdown.ended_by_signals():
    pass
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
"""

WAITING = """
waiting = threading.Event()
threading.Thread(target=waiting.wait).start()  # as for a client that never sends the rest
print("said")
"""


def run(program: str, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program, *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_first_signal_is_a_ctrl_c(name: str) -> None:
    assert run(IN_ORDER, name) == (0, "in order\n", "")


@pytest.mark.parametrize(("first", "second", "status"), [("SIGTERM", "SIGINT", 130), ("SIGINT", "SIGTERM", 143)])
def test_the_second_ends_the_process_at_once(first: str, second: str, status: int) -> None:
    assert run(IN_ORDER, first, second) == (status, "in order\n", "")


def test_what_is_ignored_stays_so() -> None:
    assert run(IGNORED) == (0, "goes on\n", "")


def test_afterwards_signals_mean_what_they_meant() -> None:
    assert run(AFTERWARDS) == (0, "", "")


def test_a_thread_that_waits_for_ever_does_not_keep_the_process() -> None:
    assert run(f"{WAITING}shutdown.SECONDS = 0.1\nsys.exit(shutdown.end_soon(3))") == (3, "said\n", "")


def test_a_signal_ends_at_once_a_process_whose_work_is_over() -> None:
    assert run(f"{WAITING}shutdown.SECONDS = 3600\nshutdown.end_soon(3)\nkill('SIGINT')") == (3, "said\n", "")


def test_a_process_without_streams_ends_as_well() -> None:
    assert run("sys.stdout = sys.stderr = None\nsys.exit(shutdown.end_soon(3))") == (3, "", "")
