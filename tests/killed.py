"""A program that works on an index and kills itself at a chosen moment; `test_kill` gives it its orders.

Each order is a JSON line: what to do, where, and at which step to die. Steps are SQL statements and events of the file
system. The work is done in a fork, so that starting again costs nothing; the answer is how many steps it took, or null
if it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from pathlib import Path

from standins import HashEmbedder

from index import Index, connection, pipeline

pipeline.PASSAGES_PER_COMMIT = 4
pipeline.ARTICLES_AHEAD = 2


class Steps:
    """Counts, and kills at step `last`."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self.last = last

    def __call__(self, *_: object) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def work(order: dict[str, object], steps: Steps) -> None:
    """One update, rebuild or rollback."""
    real = connection._writable

    def traced(path: Path) -> sqlite3.Connection:
        made = real(path)
        made.set_trace_callback(steps)
        return made

    connection._writable = traced
    sys.addaudithook(lambda event, _: steps() if event in ("open", "os.rename", "os.remove") else None)
    folder = Path(str(order["index"]))
    if order["what"] == "rebuild":
        Index.open(folder).rebuild(embedder=HashEmbedder(name="hash@2", dimension=64))
    elif order["what"] == "rollback":
        Index.open(folder, embedder=HashEmbedder()).rollback(1)
    else:
        Index.open(folder, embedder=HashEmbedder()).update([str(order["articles"])], prune=True)


def main() -> None:
    """Take orders from standard input."""
    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            steps = Steps(order["last"])
            work(order, steps)
            os.write(writer, str(steps.count).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or status == 0, f"the work ended with {status}"
        sys.stdout.write(json.dumps(None if killed else int(said)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
