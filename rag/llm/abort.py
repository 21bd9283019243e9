"""Cancel work that runs in another thread: a llama.cpp computation, or anything that a function call can end."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

POLL_SECONDS = 0.05
"""Polling interval, in seconds, of the stop event; `Generator.stream` promises to end within half a second."""


@contextmanager
def when_set(stop: threading.Event, act: Callable[[], object]) -> Iterator[None]:
    """Within the context, `act` is called once, in a separate thread, soon after `stop` is set."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if stop.wait(POLL_SECONDS):
                act()
                return

    threading.Thread(target=watch, name="clippings-stop", daemon=True).start()
    try:
        yield
    finally:
        over.set()


@contextmanager
def abortable(context: Any, stop: threading.Event) -> Iterator[None]:
    """Within the context, `llama_decode` on this llama_context_p aborts (returns 2) soon after `stop` is set.

    The llama.cpp context stays usable. llama.cpp calls an abort callback after every operation, several hundred times
    per token. A Python function would wait for the interpreter lock each time, so the callback is the C library's
    `strlen` on a buffer: "" (length 0) continues, "x" (length 1) aborts.
    """
    import llama_cpp

    libc = ctypes.CDLL("msvcrt" if os.name == "nt" else None)
    is_set = ctypes.cast(libc.strlen, llama_cpp.ggml_abort_callback)
    never = ctypes.cast(0, llama_cpp.ggml_abort_callback)
    flag = ctypes.create_string_buffer(2)

    def set_flag() -> None:
        flag.value = b"x"

    llama_cpp.llama_set_abort_callback(context, is_set, ctypes.addressof(flag))
    try:
        with when_set(stop, set_flag):
            yield
    finally:
        llama_cpp.llama_set_abort_callback(context, never, None)
