"""Runs commands of clippings that are to suffer a fault, each in a fork of its own, so that starting costs nothing.

Orders come as JSON lines on standard input and are answered with one each; `harness.Workshop` gives them. The models are
stand-ins, and batches are small, so that there are many moments to be hit.
"""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import os
import select
import signal
import struct
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import faiss  # noqa: F401  (here, not in every fork)
from standins import HashEmbedder

import index.index
from index.storage.store import Store
from index.updates import embed
from rag.llm import hub
from ui.cli import index_commands, parser

CLASSES = 10
"""Of file operations, in shim.c."""

LIMIT = 60.0
"""Seconds after which a command counts as hung."""


def load_embedder(name: str) -> HashEmbedder:
    """The stand-in for the model of this name."""
    return HashEmbedder(name="hash@2", dimension=64) if name == "hash@2" else HashEmbedder()


index.index.load_embedder = load_embedder
index_commands.load_embedder = load_embedder
embed.PASSAGES_PER_COMMIT = 4
embed.ARTICLES_AHEAD = 2
hub.WAIT = 0.0


def arm(root: Path, fault: dict[str, int], reported: mmap.mmap) -> None:
    """From now on file operations below the root are counted, and the fault waits for its turn."""
    call = ctypes.CDLL(None).faults_arm
    call.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_long, ctypes.c_int]
    call.argtypes += [ctypes.c_ulong, ctypes.c_void_p]
    numbers = [fault[name] for name in ("kind", "error", "classes", "at", "lasting", "seed")]
    call(os.fsencode(root), *numbers, ctypes.addressof(ctypes.c_char.from_buffer(reported)))


def _no_transaction(store: Store, *, write: bool = True) -> AbstractContextManager[None]:
    return nullcontext()


PLANTED = {
    "no transaction": (Store, "transaction", _no_transaction),
    "no fsync": (os, "fsync", lambda _: None),
}
"""Faults of the product itself, which the experiments must notice: what is put in the place of what."""


def suffer(order: dict[str, Any], reported: mmap.mmap) -> None:
    """The fork: one command. Does not return."""
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    root = Path(order["root"])
    os.environ["SQLITE_TMPDIR"] = str(root / "tmp")
    status = 70
    try:
        if order["planted"] is not None:
            setattr(*PLANTED[order["planted"]])
        if order["fault"] is not None:
            arm(root, order["fault"], reported)
        status = parser.main(order["command"])
        gc.collect()  # closes the database, as the end of a program does
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Have an order done: exit status (negative: the signal that ended it), and what the shim reported."""
    reported = mmap.mmap(-1, mmap.PAGESIZE)
    child = os.fork()
    if child == 0:
        suffer(order, reported)
    watched = os.pidfd_open(child)
    limit = LIMIT if order["seconds"] is None else order["seconds"]
    ended = select.select([watched], [], [], limit)[0]
    if not ended:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(watched)
    *counts, class_hit, hits = struct.unpack(f"{CLASSES + 2}q", reported[: 8 * (CLASSES + 2)])
    hung = not ended and order["seconds"] is None
    return {"status": status, "hung": hung, "counts": counts, "hit": class_hit if hits else None}


def warm_up() -> None:
    """Load what a first update loads, and the client of the model hub."""
    import huggingface_hub.file_download  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "a.txt"
        article.write_text("Report\n\n" + "A report names what there is to be known. " * 20)
        parser.main(["--index", f"{folder}/index", "--quiet", "index", "update", str(article)])
        index.Index.open(f"{folder}/index").search("report")
    gc.collect()


def main() -> None:
    """Take orders from standard input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warm_up()
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
