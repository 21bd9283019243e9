"""The command `clippings`: what starts before anything is loaded.

Here and not in `rag`, because that package takes a second to load, and Ctrl-C in that second must not print a
traceback.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell gives it: 128 and the number of the signal."""


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        from rag.cli import main as run
    except KeyboardInterrupt:
        print("Stopped before anything was done.", file=sys.stderr)
        return INTERRUPTED
    from rag.ending import end_soon

    return end_soon(run())
