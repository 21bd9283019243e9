"""Ends the process after a stop signal: in order at the first, at once at the second, and within a time limit."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SECONDS = 10.0
"""Seconds that threads may take to end when the work is done; one of them may wait for a client for ever."""

_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C; systemd, docker, kill; a terminal that is closed
    if hasattr(signal, name)
]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise KeyboardInterrupt within the block, as Ctrl-C does.

    A second signal ends the process at once. Ignored signals stay ignored (nohup). Has no effect outside the main
    thread, the only one that receives signals.
    """
    signalled = False

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal signalled
        if signalled:
            os._exit(128 + number)
        signalled = True
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
    """End the process within ten seconds with this status, and return the status; call it last.

    Another signal ends the process at once. No data is lost, because every write survives even a power cut.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # nobody reads the stream, or there is none
            stream.flush()
    for number in _heeded():
        signal.signal(number, lambda *_: os._exit(status))
    last = threading.Timer(SECONDS, os._exit, (status,))
    last.daemon = True
    last.start()
    return status
