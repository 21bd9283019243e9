"""The log of a server: one JSON object a line, without questions, articles or secrets unless asked for."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import COST, QUESTION, Served, chatbot_of, serving

from index import Index
from index.errors import WrongUse
from ui import event_log
from ui.access import passwords
from ui.access.accounts import Accounts

PASSWORD = "correct horse"
ROOT = Path(__file__).parents[2]


@contextmanager
def logged(path: Path, *, private: bool = False) -> Iterator[None]:
    """Log to a file until the end of the block."""
    root = logging.getLogger()
    before, level = list(root.handlers), logging.getLogger("ui.events").level
    handler = event_log.write_to(str(path), private=private)
    try:
        yield
    finally:
        handler.close()
        root.handlers[:] = before
        logging.getLogger("ui.events").setLevel(level)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setattr(passwords._scrypt, "__defaults__", (16, 8, 1))
    for name, value in (("_COST", 16), ("_PARALLEL", 1), ("NOBODY", passwords.NOBODY.replace("32768", "16"))):
        monkeypatch.setattr(passwords, name, value)
    made = Accounts(tmp_path / "accounts.json")
    made.add("ann", PASSWORD)
    return made


def ask_everywhere(found: Served, headers: dict[str, str]) -> None:
    """Through each door; one of them fails inside, with the question in the exception."""
    with httpx.Client(base_url=found.url, headers=headers, timeout=60) as http:
        http.post("/api/ask", json={"question": QUESTION})
        http.post("/api/ask", json={"question": QUESTION, "stream": True})
        http.get("/api/articles", params={"title": "Bridge bill"})
        http.post("/api/articles", files=[("files", ("soft-clay.txt", b"Soft clay\n\nSoft clay is under the piers."))])
        asked = {"model": "clippings", "messages": [{"role": "user", "content": QUESTION}]}
        http.post("/v1/chat/completions", json=asked)
        found.chatbot.index.search = fails  # type: ignore[method-assign]
        http.post("/api/ask", json={"question": QUESTION})
        http.post("/api/ask", json={"question": QUESTION, "stream": True})
        del found.chatbot.index.search


def fails(question: str, **_: Any) -> None:
    raise RuntimeError(f"cannot search for {question}, which {COST} answers")


def test_a_line_for_each_event_and_no_word_of_questions_or_articles(index: Index, tmp_path: Path) -> None:
    with logged(tmp_path / "log.jsonl"), serving(chatbot_of(index)) as found:
        ask_everywhere(found, {})
    found_lines = lines(tmp_path / "log.jsonl")
    text = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert not [word for word in ("Calder", "587", "Bridge bill", "clay", "piers", "cannot search") if word in text]
    answers = [line for line in found_lines if line["event"] == "answer"]
    assert [line["outcome"] for line in answers] == ["answered"] * 3 + ["failed"] * 2
    assert [line.get("kind") for line in answers] == ["fact"] * 3 + [None] * 2
    assert answers[0]["tokens_written"] == 1
    assert answers[0]["index_version"] == 1
    assert answers[0]["seconds"]["whole"] >= answers[0]["seconds"]["evidence"] >= 0
    requests = [(line["method"], line["path"], line["status"]) for line in found_lines if line.get("door") == "api"]
    assert requests[:3] == [("POST", "/api/ask", 200), ("POST", "/api/ask", 200), ("GET", "/api/articles", 200)]
    assert requests[-2:] == [("POST", "/api/ask", 500)] * 2
    faults = [line for line in found_lines if line["level"] == "error"]
    assert [line["error"] for line in faults] == ["RuntimeError"] * len(faults)
    assert any("test_event_log.py" in frame and frame.endswith(" fails") for frame in faults[0]["at"])
    (update,) = [line for line in found_lines if line["event"] == "update"]
    assert (update["added"], update["version"]) == (1, 2)


def test_questions_stand_there_if_asked_for(index: Index, tmp_path: Path) -> None:
    with logged(tmp_path / "log.jsonl", private=True), serving(chatbot_of(index)) as found:
        ask_everywhere(found, {})
    found_lines = lines(tmp_path / "log.jsonl")
    answer = next(line for line in found_lines if line["event"] == "answer")
    assert (answer["question"], answer["answer"]) == (QUESTION, f"{COST} [1]")
    assert any("cannot search for" in line.get("error_message", "") for line in found_lines)


@pytest.mark.parametrize("private", [False, True])
def test_nothing_hushed_is_ever_logged(
    index: Index,
    tmp_path: Path,
    people: Accounts,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    *,
    private: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "gradio", "asyncio", "ui", "rag", "index"):
        caplog.set_level(logging.DEBUG, logger=name)
    for name in ("httpx", "httpcore"):  # the client's own log is not the server's
        caplog.set_level(logging.CRITICAL, logger=name)
    key = people.add_key("robot")
    path = tmp_path / "log.jsonl"
    with (
        logged(path, private=private),
        serving(chatbot_of(index), auth=str(people.path)) as found,
        httpx.Client(base_url=found.url, timeout=60) as http,
    ):
        http.post("/login", data={"username": "ann", "password": PASSWORD})
        http.post("/login", data={"username": "typed hush-hush", "password": "a wrong hush-hush"})
        token = http.cookies[f"clippings-{found.port}"]
        http.get("/gradio_api/user")
        visitor = http.get("/", headers={"Accept": "text/html"}).cookies["clippings"]
        ask_everywhere(found, {"Authorization": f"Bearer {key}"})
        http.get("/api/status", headers={"Authorization": "Bearer clippings-a-wrong-one"})
        http.get("/api/status", headers={"Authorization": "Basic YW5uOmh1c2g="})
        http.get("/api/status", params={"key": "in-the-address"})
    secrets = [PASSWORD, "hush-hush", key, "a-wrong-one", "YW5uOmh1c2g=", token, visitor, "in-the-address"]
    messages = [repr((r.getMessage(), r.args, getattr(r, "fields", ""))) for r in caplog.records]
    everything = [*messages, *capfd.readouterr()]
    everything.append(path.read_text(encoding="utf-8"))
    assert any(line["event"] == "request" and line["path"] == "/login" for line in lines(path))
    assert any(line.get("user") == "robot" for line in lines(path))
    assert [secret for secret in secrets if any(secret in text for text in everything)] == []


def test_the_words_of_other_packages_are_left_out(tmp_path: Path) -> None:
    with logged(tmp_path / "log.jsonl"):
        logging.getLogger("somebody.else").warning("parsing %s failed", "The Calder bridge will cost …")
        logging.getLogger("ui.page.ask_flow").warning("two\nlines")
    other, ours = lines(tmp_path / "log.jsonl")
    assert (other["logger"], other["event"]) == ("somebody.else", "a message of another package")
    assert ours["event"] == "two\nlines"


def test_the_terminal_shows_faults_and_no_events(tmp_path: Path) -> None:
    program = (
        f"import logging; from ui import event_log; event_log.write_to({str(tmp_path / 'log.jsonl')!r}); event_log.event('started');"
        "logging.getLogger('ui.page.ask_flow').warning('a fault')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr == "a fault\n"
    assert [line["event"] for line in lines(tmp_path / "log.jsonl")] == ["started", "a fault"]


def test_a_log_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"The log cannot be written to .*none/log: No such file"):
        event_log.write_to(str(tmp_path / "none" / "log"))


def test_only_its_owner_reads_a_new_log(tmp_path: Path) -> None:
    with logged(tmp_path / "log.jsonl"):
        event_log.event("started")
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o077 == 0


def test_a_log_that_was_moved_away_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with logged(path):
        event_log.event("one")
        path.rename(tmp_path / "log.1")
        event_log.event("two")
    assert [line["event"] for line in lines(path)] == ["two"]
