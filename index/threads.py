"""Threads for PyTorch that each compute alone, instead of sharing every product.

Shared products are no faster where they are small, and on a busy machine far slower: at each one all wait for the
thread that the system has put aside (docs/decisions.md).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def lone_threads() -> ThreadPoolExecutor:
    """As many threads as PyTorch would use, all started."""
    import torch

    count = torch.get_num_threads()
    pool = ThreadPoolExecutor(count, initializer=_compute_alone)
    started = Barrier(count)
    for waiting in [pool.submit(started.wait) for _ in range(count)]:
        waiting.result()
    torch.set_num_threads(count)  # what a thread sets for itself becomes the default of threads to come
    return pool


def _compute_alone() -> None:
    import torch

    torch.get_num_threads()  # takes the default, which would else be taken later and undo the next line
    torch.set_num_threads(1)
