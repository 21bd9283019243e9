"""The command `clippings`, and `python -m ui`: the entry point, which runs before anything else is imported.

It is here and not in `rag`, because that package takes a second to load, and Ctrl-C in that second must not print a
traceback.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""Exit status after Ctrl-C, as in a shell: 128 plus the number of the signal."""


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        from ui.cli.parser import main as run
    except KeyboardInterrupt:
        print("Stopped before anything was done.", file=sys.stderr)
        return INTERRUPTED
    from ui.shutdown import end_soon

    return end_soon(run())


if __name__ == "__main__":
    sys.exit(main())
