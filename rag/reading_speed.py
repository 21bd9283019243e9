"""How fast this machine reads a prompt with one model: measured once, then remembered in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

TRIAL_TOKENS = 32
"""Enough for llama.cpp to work on a whole batch; a slow machine with a large model takes 2 s for so many."""


def measured_speed(path: Path, read: Callable[[int], object]) -> float:
    """Prompt tokens a second of the model file; `read` makes the model read so many tokens, from an empty context."""
    note = _note(path)
    try:
        return float(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        speed = _measure(read)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{speed:.1f}\n", encoding="utf-8")
    except OSError:
        pass  # a read-only cache folder costs the measurement at each start, nothing else
    return speed


def _measure(read: Callable[[int], object]) -> float:
    read(TRIAL_TOKENS)  # the first time, weights may still come from the disk
    start = time.perf_counter()
    read(TRIAL_TOKENS)
    return TRIAL_TOKENS / max(time.perf_counter() - start, 1e-6)


def _note(path: Path) -> Path:
    """Where the figure is kept: its name depends on everything that would change it."""
    state = path.stat()
    about = f"{path}|{state.st_size}|{state.st_mtime_ns}|{platform.node()}|{platform.machine()}|{os.cpu_count()}"
    name = hashlib.sha256(about.encode()).hexdigest()[:24]
    return Path(platformdirs.user_cache_dir("clippings")) / "speed" / name
