"""A clippings server in a process of its own, what it needs of the machine, and updates of its index."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]

START_SECONDS = 900.0
"""A few alone; on a machine that works for others, too, it has taken minutes."""

UPDATE_SECONDS = 30.0

KEPT = 6
"""Articles of ours that are in the index at the same time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server's process holds at a time: resident memory in MB, threads, open files."""

    at: float
    megabytes: float
    threads: int
    files: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` has no slash at its end."""

    url: str
    process: subprocess.Popen[bytes]
    index: Path
    environment: dict[str, str]

    def reading(self, at: float) -> Reading:
        """Its process now. OSError once it has ended."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        kilobytes, threads = (
            int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[1])  # type: ignore[index]
            for name in ("VmRSS", "Threads")
        )
        return Reading(at, kilobytes / 1024, threads, len(os.listdir(f"/proc/{self.process.pid}/fd")))


@contextmanager
def server(folder: Path, articles: Path, *options: str) -> Iterator[Server]:
    """Index the articles and serve them until the end of the block; everything lies in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CONFIG", "CACHE")}
    environment = {**os.environ, **homes, "HF_HUB_OFFLINE": "1"}
    index = folder / "index"
    command = [sys.executable, "-m", "ui", "--index", str(index)]
    started = [*command, "chat", str(articles), "--no-browser", "--port", str(port), *options]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(started, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process)
            yield Server(url, process, index, environment)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", timeout=30).status_code == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"the server did not start in {START_SECONDS:.0f} s, or ended with status {process.poll()}")


async def readings(served: Server, began: float, done: asyncio.Event) -> list[Reading]:
    """One a second until it is done, or the server has ended."""
    found: list[Reading] = []
    while not done.is_set():
        try:
            found.append(served.reading(time.perf_counter() - began))
        except OSError:
            break
        await asyncio.sleep(1.0)
    return found


@dataclass(slots=True)
class Updates:
    """Articles that come and go, by upload and by the command line in turn, about what nobody asks."""

    served: Server
    http: httpx.AsyncClient
    folder: Path
    done: int = 0
    slowest: dict[str, float] = field(default_factory=lambda: {"upload": 0.0, "command": 0.0})
    """Seconds that adding an article took at most, by how it came."""
    problems: tuple[str, ...] = ()

    async def every(self, seconds: float, ended: asyncio.Event) -> None:
        """Update again and again until it has ended."""
        ours: list[str] = []
        for number in count():  # not `done`: what failed half-way may be there already
            if ended.is_set():
                return
            began = time.perf_counter()
            try:
                ours.append(await self._add(number))
                if len(ours) > KEPT:
                    await self._removed(ours.pop(0))
                self.done += 1
            except Exception as problem:  # counted and shown
                self.problems += (f"{type(problem).__name__}: {problem}",)
            try:
                await asyncio.wait_for(ended.wait(), max(0.0, began + seconds - time.perf_counter()))
            except TimeoutError:
                continue

    async def _add(self, number: int) -> str:
        """The id of a new article, which can be found at once."""
        name, word = f"stock-{number}.txt", _word(number)
        text = _article(number, word)
        way, began = "command" if number % 2 else "upload", time.perf_counter()
        if way == "command":
            file = self.folder / name
            file.write_text(text, encoding="utf-8")
            report = await self._command("index", "update", str(file))
        else:
            sent = await self.http.post("/api/articles", files=[("files", (name, text.encode()))])
            assert sent.status_code == 200, f"an upload had status {sent.status_code}"
            report = sent.json()
        self.slowest[way] = max(self.slowest[way], time.perf_counter() - began)
        assert len(report["added"]) == 1, f"{name} was not added"
        listed = await self.http.get("/api/articles", params={"title": word})
        (article,) = listed.json()["articles"]
        return str(article["id"])

    async def _removed(self, article: str) -> None:
        gone = await self.http.request("DELETE", "/api/articles", params={"id": article})
        assert gone.status_code == 200, f"removing had status {gone.status_code}"

    async def _command(self, *arguments: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ui", "--index", str(self.served.index), "--json", "--quiet", *arguments),
            cwd=ROOT, env=self.served.environment, stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode == 0, f"clippings {' '.join(arguments)} had status {process.returncode}"
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found


def _word(number: int) -> str:
    """A word that no other article holds."""
    dice = random.Random(number)
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4)).capitalize()


def _article(number: int, word: str) -> str:
    """About yarn, of which no question asks."""
    dice = random.Random(number)
    shades = ("crimson", "ochre", "teal", "ivory", "umber", "lilac")
    lines = [
        f"{word} yarn in {dice.choice(shades)} went for {dice.randint(11, 99)} groats a skein at stall {stall}."
        for stall in range(12)
    ]
    return f"{word} yarn prices\n\n" + "\n\n".join(" ".join(lines[at : at + 4]) for at in range(0, 12, 4)) + "\n"
