"""What a server that runs for weeks has freed goes back to the system, where the C library would keep it.

glibc gives threads heaps of their own ("arenas", up to eight a core), and each keeps what its fullest moment took.
Every question is answered in a new thread, which brings more along, so in time each heap has met the largest question.
With glibc (Linux) there are a few heaps here, and what is free in them is given back now and then; on other systems
nothing is done.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import NoReturn

HEAPS = 2
"""For all threads to come. More make nothing faster: what allocates much waits for a processor or the GIL anyway."""

EVERY_SECONDS = 5.0
"""How often memory is given back under load. It takes 10 to 50 ms, for which only those wait that allocate."""

WORK_SECONDS = 0.5
"""Processor time that makes it worth while; a server that nobody asks is left in peace."""

_M_ARENA_MAX = -8  # of malloc.h


def few_heaps() -> None:
    """Let threads to come share heaps. Whoever has set `MALLOC_ARENA_MAX` has chosen another number."""
    libc = _glibc()
    if libc is not None and "MALLOC_ARENA_MAX" not in os.environ:
        libc.mallopt(_M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Give the system what is free of the memory that was allocated."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def keep_low() -> NoReturn:
    """Give memory back whenever work was done, for ever."""
    given_at = 0.0
    while True:
        if (spent := time.process_time()) - given_at > WORK_SECONDS:
            give_back()
            given_at = spent
        time.sleep(EVERY_SECONDS)


def _glibc() -> ctypes.CDLL | None:
    """The C library of this process, if it is glibc: musl, for one, has no `malloc_trim`."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
