"""What the programs of scripts/ share: rows, timing, tables, a server in a process of its own, a browser."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "index" / "sample_articles"

START_SECONDS = 900.0
"""Until a server answers: a few alone, minutes on a machine that works for others, too."""


def load_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a `.jsonl` or `.jsonl.gz` file. SystemExit if it is missing."""
    if not path.exists():
        raise SystemExit(f"{path} is missing")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One object a line."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def plain(text: str) -> str:
    """The text with single spaces for all white space, and none at its ends."""
    return " ".join(text.split())


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def timed(questions: Sequence[Any], run: Callable[[Any], object]) -> tuple[list[float], list[float]]:
    """For each question seconds, and seconds of processor time, which a busy machine changes less."""
    took, busy = [], []
    for question in questions:
        began = time.process_time()
        took.append(seconds(lambda question=question: run(question)))
        busy.append(time.process_time() - began)
    return took, busy


def milliseconds(times: Sequence[float], percentile: float = 50, digits: int = 1) -> float:
    """A percentile of times in seconds, by default the median."""
    return round(1000 * float(np.percentile(times, percentile)), digits)


def peak_mb() -> int:
    """Most memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


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


@contextmanager
def page_over(index: Path, data: Path, *, use_llm: bool = True) -> Iterator[str]:
    """The page over an index, in this process: its address. `data` is where conversations go."""
    from rag import Settings, open_chatbot
    from ui.server.serve import start

    chatbot = open_chatbot(Settings.load({"index": str(index)}), use_llm=use_llm)
    chatbot.warm()
    page = start(chatbot, port=free_port(), folder=data)
    try:
        yield page.local_url
    finally:
        page.close(verbose=False)


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser of playwright's. SystemExit without Chromium on the path; nothing is downloaded."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise SystemExit("no browser on the path: install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()
