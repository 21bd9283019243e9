"""Weights of a type that llama.cpp runs slowly, turned once into one that it runs fast.

llama.cpp rearranges weights of some types for the processor's vector units while it loads them; of others it does
not. The embedded model's Q4_1 is one of those. The copy lies in the user's cache folder, named after the hash of the
file that it was made from. Whatever goes wrong, the file itself is used.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
from pathlib import Path

import filelock
import platformdirs

from rag.gguf_header import file_type
from rag.llama_file import listening

LARGEST_BYTES = 1_000_000_000
"""Larger files take longer to turn than most people's patience, and fill the disk."""

SLOW = (0, 1, 3, 8, 9, 32)
"""llama.cpp's numbers (llama_ftype) of F32, F16, Q4_1, Q5_0, Q5_1 and BF16."""

FAST = 7
"""Q8_0: finer than all of `SLOW` that are quantised, so the model stays what it was."""

LOCK_SECONDS = 120.0
"""Another process may be making the same copy; a gigabyte takes that long on a slow machine."""

_log = logging.getLogger(__name__)


def faster_copy(path: Path) -> Path:
    """A copy of the GGUF file that llama.cpp runs faster, made at the first call; the file itself where there is none.

    There is none for a file that is fast already, has more than a gigabyte, or does not load (whoever loads it hears
    why), or when the copy cannot be written: that is logged in one line.
    """
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_BYTES or file_type(path) not in SLOW:
            return path
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        copy = Path(platformdirs.user_cache_dir("clippings")) / "models" / f"{digest[:16]}-q8_0.gguf"
        if not copy.is_file():
            _make(path, copy)
        return copy
    except OSError as error:  # a time-out of the lock is one, too
        if _loads(path):
            _log.warning("%s stays as it is, which is slower: no faster copy could be made (%s).", path.name, error)
        return path


def _make(path: Path, copy: Path) -> None:
    """Make the copy, unless another process did so first. OSError if it cannot be done."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{copy}.lock", timeout=LOCK_SECONDS):
        if copy.is_file():
            return
        part = copy.with_suffix(".part")
        try:
            _quantise(path, part)
            os.replace(part, copy)
        finally:
            part.unlink(missing_ok=True)


def _quantise(path: Path, target: Path) -> None:
    import llama_cpp

    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = FAST
    wanted.allow_requantize = True
    with listening() as lines:
        failed = llama_cpp.llama_model_quantize(os.fsencode(path), os.fsencode(target), ctypes.byref(wanted))
    if failed or not _loads(target):
        raise OSError(next((line for line in reversed(lines) if "fail" in line or "error" in line), "no reason given"))


def _loads(path: Path) -> bool:
    """Whether llama.cpp takes the file for a model."""
    import llama_cpp

    with listening():
        model = llama_cpp.llama_model_load_from_file(os.fsencode(path), llama_cpp.llama_model_default_params())
    if model:
        llama_cpp.llama_model_free(model)
    return bool(model)
