"""What programs of scripts/ share: rows, tables, and a server in a process of its own."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "index" / "sample_articles"

START_SECONDS = 900.0
"""Until a server answers: a few alone, minutes on a machine that works for others, too."""


def load_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a `.jsonl` or `.jsonl.gz` file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def print_table(table: Mapping[str, Any], corner: str = "figure") -> None:
    """As Markdown: a row for each entry, with its value, or a column for each of its values' names."""
    rows = {name: row if isinstance(row, Mapping) else {"value": row} for name, row in table.items()}
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    print("| " + " | ".join([corner, *columns]) + " |\n|" + " --- |" * (len(columns) + 1))
    for name, row in rows.items():
        print("| " + " | ".join([name, *(str(row.get(column, "")) for column in columns)]) + " |")


def report(table: Mapping[str, Any], corner: str = "figure") -> None:
    """A table for people and, as the last line, one JSON object."""
    print_table(table, corner)
    print(json.dumps(table))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def homes(folder: Path) -> dict[str, str]:
    """The environment of a `clippings` that keeps everything of its user in `folder`, and asks no model hub."""
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    own = {name: str(folder / name.lower()) for name in names}
    return os.environ | own | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}


@contextmanager
def serving(
    folder: Path, *options: str, program: Sequence[str] = ("-m", "ui")
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`clippings chat` over the sample articles in a process of its own: its address and the process.

    Everything lies in `folder`: the index in `index`, what the server prints in `server.log`. SystemExit if it does not
    start.
    """
    url = f"http://127.0.0.1:{(port := free_port())}"
    chat = ["--index", str(folder / "index"), "chat", str(SAMPLES), "--no-browser", "--port", str(port), *options]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *program, *chat], cwd=folder, env=homes(folder), stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + START_SECONDS
            while not _is_ready(url):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"the server did not start:\n{(folder / 'server.log').read_text()}")
                time.sleep(0.2)
            yield url, server
        finally:
            server.terminate()
            server.wait(60)


def _is_ready(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/readyz", timeout=30).status_code == 200
    return False
