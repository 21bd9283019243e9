"""Convert a model, once, from a weight type that llama.cpp runs slowly to one that it runs fast.

While loading, llama.cpp rearranges weights of some types for the processor's vector units, but not those of others,
among them Q4_1, the type of the embedded model. The copy is stored in the user's cache folder, named after the hash of
the original file. If anything fails, the original file is used.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
from pathlib import Path

import filelock
import platformdirs

from index.atomic_write import appearing
from rag.llm.gguf_header import file_type
from rag.llm.llama_file import listening

LARGEST_BYTES = 1_000_000_000
"""Larger files are not converted: it takes too long for most people, and fills the disk."""

SLOW = (0, 1, 3, 8, 9, 32)
"""llama.cpp's numbers (llama_ftype) of F32, F16, Q4_1, Q5_0, Q5_1 and BF16."""

FAST = 7
"""Q8_0: more precise than all quantised types of `SLOW`, so the model's output stays the same."""

LOCK_SECONDS = 120.0
"""Longest wait for another process that makes the same copy; a gigabyte takes that long on a slow machine."""

_log = logging.getLogger(__name__)


def faster_copy(path: Path) -> Path:
    """Returns a copy of the GGUF file that llama.cpp runs faster, made at the first call, or else the file itself.

    The file itself is returned if it is fast already, has more than a gigabyte, does not load (the caller gets the
    error when it loads the file), or if the copy cannot be written, which is logged in one line.
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
    except OSError as error:  # a timeout of the lock is an OSError, too
        if _loads(path):
            _log.warning("%s stays as it is, which is slower: no faster copy could be made (%s).", path.name, error)
        return path


def _make(path: Path, copy: Path) -> None:
    """Makes the copy, unless another process did so first. Raises OSError if that fails."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{copy}.lock", timeout=LOCK_SECONDS):
        if copy.is_file():
            return
        for left in copy.parent.glob(f"{copy.stem}.*.tmp"):  # of a process that was killed
            left.unlink()
        with appearing(copy) as temporary:
            _quantise(path, temporary)


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
    """Whether llama.cpp can load the file as a model."""
    import llama_cpp

    with listening():
        model = llama_cpp.llama_model_load_from_file(os.fsencode(path), llama_cpp.llama_model_default_params())
    if model:
        llama_cpp.llama_model_free(model)
    return bool(model)
