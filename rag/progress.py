"""Progress of long work on standard error: a bar for each stage, with rates and the time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from index.report import Progress, ProgressCallback

UNITS = {"reading": "files", "cutting": "articles", "embedding": "passages"}


@contextmanager
def shown(*, quiet: bool) -> Iterator[ProgressCallback]:
    """A callback that draws the bars; nothing with `quiet`, and where nobody watches standard error."""
    bars: dict[str, tqdm[Any]] = {}
    started: dict[str, float] = {}

    def show(progress: Progress) -> None:
        stage = progress.stage
        if stage not in bars:
            started[stage] = time.monotonic()
            bars[stage] = tqdm(total=progress.total, desc=stage, unit=f" {UNITS[stage]}", disable=quiet or None)
        bars[stage].set_postfix_str(_articles(progress, time.monotonic() - started[stage]), refresh=False)
        bars[stage].update(progress.done - bars[stage].n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()


def _articles(progress: Progress, seconds: float) -> str:
    """How many articles that was, and how many a second; empty where articles are what is counted anyway."""
    if not progress.articles or UNITS[progress.stage] == "articles":
        return ""
    rate = f", {progress.articles / seconds:,.0f}/s" if seconds >= 1 else ""
    return f"{progress.articles:,} articles{rate}"
