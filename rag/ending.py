"""How a process ends that was told to: in order at the first signal, at once at the second, and in time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SECONDS = 10.0
"""How long threads may take to end once the work is over; one of them may wait for a client for ever."""

_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C; systemd, docker, kill; a terminal that is closed
    if hasattr(signal, name)
]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Meanwhile SIGTERM and SIGHUP do what Ctrl-C does: KeyboardInterrupt. A second signal ends the process at once.

    What is ignored stays so (nohup). Does nothing but in the main thread, which is the one that signals come to.
    """
    told = False

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal told
        if told:
            os._exit(128 + number)
        told = True
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heeded() -> list[signal.Signals]:
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def end_soon(status: int) -> int:
    """The last thing that a program does: from now on it ends within ten seconds with this status, which is given back.

    Another signal ends it at once. Nothing is lost by it: whatever is written can bear a power cut.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # nobody reads it, or there is none
            stream.flush()
    for number in _heeded():
        signal.signal(number, lambda *_: os._exit(status))
    last = threading.Timer(SECONDS, os._exit, (status,))
    last.daemon = True
    last.start()
    return status
