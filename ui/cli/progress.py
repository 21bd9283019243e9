"""Progress of long work on standard error: a bar for each stage, with rates and the time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from index.updates.report import Progress, ProgressCallback

UNITS = {"reading": "files", "cutting": "articles", "embedding": "passages"}

# tqdm's default, but without its change from units per second to seconds per unit for rates below one.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}{postfix}]"


@contextmanager
def shown(*, quiet: bool) -> Iterator[ProgressCallback]:
    """Yields a callback that draws the bars; it draws nothing with `quiet`, or if standard error is no terminal."""
    stages = _Stages(quiet=quiet)
    try:
        yield stages.show
    finally:
        stages.close()


class _Stages:
    """Draws one bar at a time; the bar of a finished stage stays as it ended."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._stage = ""
        self._bar: tqdm[Any] | None = None
        self._started = 0.0

    def show(self, progress: Progress) -> None:
        """Draw the current progress."""
        if progress.stage != self._stage:
            self._begin(progress)
        if self._bar is None:  # this stage has ended
            return
        self._bar.set_postfix_str(_articles(progress, time.monotonic() - self._started), refresh=False)
        self._bar.update(progress.done - self._bar.n)
        if progress.done >= progress.total:
            self.close()

    def close(self) -> None:
        """Close the bar, which stays visible."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def _begin(self, progress: Progress) -> None:
        self.close()
        self._stage, self._started = progress.stage, time.monotonic()
        self._bar = tqdm(
            total=progress.total,
            desc=progress.stage,
            unit=f" {UNITS[progress.stage]}",
            bar_format=_BAR,
            disable=self._quiet or None,
        )


def _articles(progress: Progress, seconds: float) -> str:
    """Returns the number of articles done, and their rate per second; empty if the bar counts articles anyway."""
    if not progress.articles or UNITS[progress.stage] == "articles":
        return ""
    rate = f", {progress.articles / seconds:,.0f}/s" if seconds >= 1 else ""
    return f"{progress.articles:,} articles{rate}"
