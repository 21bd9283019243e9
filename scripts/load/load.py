#!/usr/bin/env python3
"""Many users at once against a real server on this machine: is every answer right, is memory flat, are waits fair?

    scripts/load/load.py [--users 50] [--minutes 10] [--questions N]

Starts `clippings chat` over the sample articles in a process of its own, asks every question alone through each door
(HTTP, events, OpenAI, the page's API), then lets Locust's users ask them at random through all. Every tenth user leaves
in mid-answer, always; every 30 s an article comes, by upload or by the command line in turn, and an old one goes.

An answer must be the one that was given alone; one in other words must rest on a quotation of that one. A wait is what
an answer took longer than alone. Exit status 1, and what failed, if an answer is lost, wrong or another question's, an
update fails, the server ends, memory after the first minute rises by more than 5 %, or the 95th percentile of the waits
is more than 3 times the median. Ends with one JSON line. Needs the extra `load`.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import gevent
import httpx
import psutil
import typer
from locust import User, between, constant_pacing, task
from locust.env import Environment

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import SAMPLES, homes, load_rows, report, serving
from verdict import Asked, Load, Reading, Received, kind, verdict

PATIENCE_SECONDS = 900.0
"""After that an answer counts as lost."""

KEPT = 6
"""Articles of ours that are in the index at the same time."""


class Left(Exception):
    """The user has closed the connection."""


# The doors: each asks once. A user who leaves does so after `leave_after` events, or fifths of a second; 0 for never.


def by_http(http: httpx.Client, question: str, leave_after: int) -> Received:
    """`POST /api/ask`."""
    try:
        timeout = leave_after / 5 or PATIENCE_SECONDS
        return Received.of(
            http.post("/api/ask", json={"question": question}, timeout=timeout).raise_for_status().json()
        )
    except httpx.TimeoutException:
        raise (Left if leave_after else TimeoutError) from None


def by_events(http: httpx.Client, question: str, leave_after: int) -> Received:
    """`POST /api/ask` with `stream`: the sentences that come one by one must be those of the answer."""
    said, answer = [], None
    for name, data in _events(http, "/api/ask", leave_after, {"question": question, "stream": True}):
        if name == "said":
            said.append(data["sentence"]["text"])
        answer = data if name == "answer" else answer
    assert answer is not None, "the stream ended without an answer"
    assert said == [sentence["text"] for sentence in answer["sentences"]], "the sentences are another answer's"
    return Received.of(answer)


def by_openai(http: httpx.Client, question: str, leave_after: int) -> Received:
    """`POST /v1/chat/completions`, streamed."""
    body = {"model": "clippings", "messages": [{"role": "user", "content": question}], "stream": True}
    parts = [data for _, data in _events(http, "/v1/chat/completions", leave_after, body)]
    assert parts and parts[-1]["choices"][0]["finish_reason"] == "stop", "the stream ended without an answer"
    text = "".join(data["choices"][0]["delta"].get("content") or "" for data in parts)
    return Received.of(parts[-1]["clippings"], text)


def by_gradio(http: httpx.Client, question: str, leave_after: int) -> Received:
    """The page's own API, `/answer`, with its queue."""
    began = http.post("/gradio_api/call/answer", json={"data": [question, [], "", "", "", ""]}).raise_for_status()
    path = f"/gradio_api/call/answer/{began.json()['event_id']}"
    if leave_after:
        with http.stream("GET", path):
            raise Left
    for name, data in _events(http, path, 0):
        if name == "complete":
            return Received.of(data[0])
    raise AssertionError("the stream ended without an answer")


DOORS = {"http": by_http, "events": by_events, "openai": by_openai, "gradio": by_gradio}


def _events(
    http: httpx.Client, path: str, leave_after: int, body: dict[str, Any] | None = None
) -> Iterator[tuple[str, Any]]:
    """Name and data of each server-sent event. RuntimeError for one that reports an error."""
    name, number = "", 0
    with http.stream("POST" if body else "GET", path, json=body) as response:
        for line in response.raise_for_status().iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and line != "data: [DONE]":
                if (number := number + 1) == leave_after:
                    raise Left
                data = json.loads(line.removeprefix("data: "))
                if name == "error" or (isinstance(data, dict) and "error" in data):
                    raise RuntimeError(f"an event reports an error: {data}")
                yield name, data


def ask(http: httpx.Client, door: str, question: str, at: float = 0.0, leave_after: int = 0) -> Asked:
    """Ask once."""
    began = time.perf_counter()
    received, left, error = None, False, ""
    try:
        with gevent.Timeout(PATIENCE_SECONDS, TimeoutError(f"no answer after {PATIENCE_SECONDS:.0f} s")):
            received = DOORS[door](http, question, leave_after)
    except Left:
        left = True
    except Exception as problem:  # whatever it is, it is counted and shown
        error = f"{type(problem).__name__}: {problem}"
    return Asked(door, question, at, time.perf_counter() - began, received, left, error)


class Visitor(User):
    """Asks, waits for the answer, thinks and asks again."""

    weight = 9
    wait_time = between(1, 5)
    leaves = False
    load: ClassVar[Load]
    http: ClassVar[httpx.Client]
    began: ClassVar[float]

    @task
    def ask(self) -> None:
        """One question through one door."""
        leave_after = random.randint(1, 4) if self.leaves else 0
        door, question = random.choice(list(DOORS)), random.choice(list(self.load.alone))
        self.load.asked.append(ask(self.http, door, question, time.perf_counter() - self.began, leave_after))


class Leaver(Visitor):
    """Always leaves in mid-answer."""

    weight = 1
    leaves = True


class Editor(User):
    """Lets articles come and go, by upload and by the command line in turn, about what nobody asks."""

    fixed_count = 1
    wait_time = constant_pacing(30)
    folder: ClassVar[Path]

    def on_start(self) -> None:
        """Nothing has been added."""
        self.number, self.ours = -1, []

    @task
    def update(self) -> None:
        """Add an article, which must be found at once, and remove the oldest of ours."""
        self.number += 1  # not `updates`: what failed half-way may be there already
        load, word = Visitor.load, _word(self.number)
        way, add = ("command", self._by_command) if self.number % 2 else ("upload", self._by_upload)
        try:
            began = time.perf_counter()
            added = add(f"stock-{self.number}.txt", _article(word))["added"]
            load.slowest[way] = max(load.slowest.get(way, 0.0), time.perf_counter() - began)
            assert len(added) == 1, f"article {self.number} was not added"
            (article,) = Visitor.http.get("/api/articles", params={"title": word}).json()["articles"]
            self.ours.append(article["id"])
            if len(self.ours) > KEPT:
                Visitor.http.delete("/api/articles", params={"id": self.ours.pop(0)}).raise_for_status()
            load.updates += 1
        except Exception as problem:  # counted and shown
            load.problems.append(f"{type(problem).__name__}: {problem}")

    def _by_upload(self, name: str, text: str) -> dict[str, Any]:
        sent = Visitor.http.post("/api/articles", files=[("files", (name, text.encode()))])
        return dict(sent.raise_for_status().json())

    def _by_command(self, name: str, text: str) -> dict[str, Any]:
        (self.folder / name).write_text(text, encoding="utf-8")
        options = ["--index", str(self.folder / "index"), "--json", "--quiet"]
        command = [sys.executable, "-m", "ui", *options, "index", "update", str(self.folder / name)]
        done = subprocess.run(command, env=homes(self.folder), stdout=subprocess.PIPE, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))


def _word(number: int) -> str:
    """A word that no other article holds."""
    dice = random.Random(number)
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4)).capitalize()


def _article(word: str) -> str:
    """About yarn, of which no question asks."""
    dice = random.Random(word)
    lines = [f"{word} yarn went for {dice.randint(11, 99)} groats a skein at stall {stall}." for stall in range(12)]
    return f"{word} yarn prices\n\n" + "\n\n".join(" ".join(lines[at : at + 4]) for at in range(0, 12, 4)) + "\n"


def alone(http: httpx.Client, questions: Sequence[str]) -> Load:
    """Each question's own answer, which all doors must give alike, and its time by door. SystemExit if they do not.

    Of questions with the same answer none stays: a mix-up of them could not be seen.
    """
    found: dict[str, Asked] = {}
    times: dict[str, list[float]] = {door: [] for door in DOORS}
    for number, question in enumerate(questions):
        doors = [list(DOORS)[(number + turn) % len(DOORS)] for turn in range(len(DOORS) + 1)]
        first, *others = [ask(http, door, question) for door in doors]  # the first loads what the later ones use
        for one in others:
            if first.received is None or one.received is None:
                raise SystemExit(f"“{question}”, asked alone, had no answer: {first.error or one.error}")
            if first.received.text != one.received.text:
                raise SystemExit(f"“{question}”, asked alone, has another answer by {one.door} than by {first.door}")
            times[one.door].append(one.seconds)
        found[question] = others[-1]
    texts = Counter(asked.received.text for asked in found.values() if asked.received)
    unlike = {
        question: asked for question, asked in found.items() if asked.received and texts[asked.received.text] == 1
    }
    return Load(unlike, {door: statistics.median(seconds) for door, seconds in times.items()})


def run(load: Load, users: int, seconds: float, read: Callable[[float], Reading]) -> None:
    """Let users come for so many seconds; those who wait at the end are still answered."""
    environment = Environment(user_classes=[Visitor, Leaver, Editor], stop_timeout=PATIENCE_SECONDS)
    runner = environment.create_local_runner()

    def readings() -> None:
        with suppress(psutil.Error):  # it has ended
            while True:
                load.readings.append(read(time.perf_counter() - Visitor.began))
                gevent.sleep(1)

    load.before, Visitor.began = read(0.0), time.perf_counter()
    reading = gevent.spawn(readings)
    runner.start(users + 1, spawn_rate=max(1, users / 5))
    gevent.sleep(seconds)
    runner.stop()
    reading.kill()
    gevent.sleep(5)  # what was left alone has ended by then
    with suppress(psutil.Error):
        load.after = read(time.perf_counter() - Visitor.began)


def main(users: int = 50, minutes: float = 10, questions: int | None = None) -> None:
    """Many users at once against a real server; --questions asks only the first N."""
    asked = [row["question"] for row in load_rows(SAMPLES / "questions.jsonl") if not row.get("history")][:questions]
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(Path(scratch)) as (url, server),
        httpx.Client(base_url=url, timeout=PATIENCE_SECONDS, limits=httpx.Limits()) as Visitor.http,
    ):
        process, Editor.folder = psutil.Process(server.pid), Path(scratch)

        def read(at: float) -> Reading:
            if server.poll() is not None:
                raise psutil.NoSuchProcess(server.pid)
            with process.oneshot():
                return Reading(at, process.memory_info().rss / 2**20, process.num_threads(), process.num_fds())

        load = Visitor.load = alone(Visitor.http, asked)
        run(load, users, 60 * minutes, read)
        log = (Path(scratch) / "server.log").read_text(encoding="utf-8", errors="replace")
    for one in load.asked:
        if kind(one, load.alone) in ("error", "wrong", "mixed up"):
            print(f"{one.door}, {one.at:.0f} s: {one.question}\n  {one.error or one.received}", file=sys.stderr)
    print(*load.problems, log, sep="\n", file=sys.stderr)
    figures = {"users": users, "minutes": minutes} | verdict(load)
    report(figures)
    sys.exit(bool(figures["failed"]))


if __name__ == "__main__":
    typer.run(main)
