"""Threads for PyTorch that each compute alone, instead of sharing every matrix product.

Sharing is no faster for small products, and far slower on a busy machine: at each product, all threads wait for the
one that the operating system has suspended (docs/measured.md).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def lone_threads() -> ThreadPoolExecutor:
    """Returns as many threads as PyTorch would use, all started."""
    import torch

    count = torch.get_num_threads()
    pool = ThreadPoolExecutor(count, initializer=_compute_alone)
    started = Barrier(count)
    for waiting in [pool.submit(started.wait) for _ in range(count)]:
        waiting.result()
    torch.set_num_threads(count)  # a thread's own setting becomes the default of later threads
    return pool


def _compute_alone() -> None:
    import torch

    torch.get_num_threads()  # reads the default now; read later, it would undo the next line
    torch.set_num_threads(1)
