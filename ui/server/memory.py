"""Returns freed memory of a server that runs for weeks to the system; the C library would keep it.

glibc gives threads heaps of their own ("arenas", up to eight per core), and each keeps the memory of its peak use.
Every question is answered in a new thread, which starts more threads, so in time each heap has served the largest
question. With glibc (Linux) this module limits the number of heaps, and returns their free memory from time to time; on
other systems it does nothing.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import NoReturn

HEAPS = 2
"""Number of heaps for all threads started later. More are not faster: threads that allocate much wait for a processor
or the GIL anyway."""

EVERY_SECONDS = 5.0
"""Seconds between two returns of memory under load. One takes 10 to 50 ms, and delays only threads that allocate."""

WORK_SECONDS = 0.5
"""Seconds of processor time after which a return is worthwhile; an idle server does nothing."""

_M_ARENA_MAX = -8  # from malloc.h


def few_heaps() -> None:
    """Let threads started later share heaps, unless the user has set another number with `MALLOC_ARENA_MAX`."""
    libc = _glibc()
    if libc is not None and "MALLOC_ARENA_MAX" not in os.environ:
        libc.mallopt(_M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Return allocated memory that is free to the system."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def keep_low() -> NoReturn:
    """Return free memory whenever work was done; runs for ever."""
    given_at = 0.0
    while True:
        if (spent := time.process_time()) - given_at > WORK_SECONDS:
            give_back()
            given_at = spent
        time.sleep(EVERY_SECONDS)


def _glibc() -> ctypes.CDLL | None:
    """Returns the C library of this process if it is glibc; musl, for one, has no `malloc_trim`."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
