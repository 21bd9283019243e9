"""Watches files for changes.

The operating system reports changes, through watchfiles. It does not report those on network drives or behind links out
of the folders; these must be looked for from time to time, for which a signal is given at regular intervals.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

from index.errors import CannotRun, WrongUse

QUIET_MS = 400
"""Time without changes that ends a burst of changes, such as the copying of many files."""

LONGEST_BURST_MS = 5_000

BEAT_MS = 5_000


def changes(paths: Sequence[Path | str], *, ignored: Path, stop: threading.Event | None = None) -> Iterator[bool]:
    """Yields True after each burst of changes under `paths`, False after five seconds without one, until `stop` is set.

    Changes of hidden files and in the folder `ignored` do not count. KeyboardInterrupt ends it, too.
    Raises WrongUse if none of the paths exists, CannotRun if the system cannot watch them.
    """
    local = [Path(os.path.abspath(path)) for path in paths if os.path.exists(path)]
    if not local:
        raise WrongUse(f"There is nothing to watch: {', '.join(map(str, paths))}")

    def counts(_: Change, name: str) -> bool:
        file = Path(name)
        roots = [root for root in local if file.is_relative_to(root)]
        return any(_is_visible(file, root) for root in roots) and not file.is_relative_to(ignored)

    # Watches the folder of a file, since the replacement of a file by another of its name is reported only there.
    watched = {path if path.is_dir() else path.parent for path in local}
    try:
        for found in watch(
            *watched,
            watch_filter=counts,
            debounce=LONGEST_BURST_MS,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=BEAT_MS,
            yield_on_timeout=True,
            recursive=any(path.is_dir() for path in local),
            ignore_permission_denied=True,
        ):
            yield bool(found)
    except OSError as error:
        raise CannotRun(
            f"The files cannot be watched: {error}. Run clippings index update from time to time instead."
        ) from error


def _is_visible(file: Path, root: Path) -> bool:
    return not any(part.startswith(".") for part in file.relative_to(root).parts)
