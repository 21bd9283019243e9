"""What scripts/load/load.py takes for a fault: each kind is planted, and must be found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "load"))

from verdict import Asked, Load, Reading, Received, kind, verdict

ALONE = {
    name: Asked("http", name, 0.0, 1.0, Received(f"The answer to {name}.", frozenset({f"Quote of {name}"}), name))
    for name in ("first", "second")
}


def asked(question: str, text: str = "", *, seconds: float = 5.0, quote: str = "", repeated: str = "") -> Asked:
    received = Received(text or f"The answer to {question}.", frozenset({quote or f"Quote of {question}"}), repeated)
    return Asked("events", question, 0.0, seconds, received)


def load(*more: Asked, **changed: Any) -> Load:
    """A load without a fault but those that are given."""
    still = [Reading(float(at), 1000.0, 10, 20) for at in range(0, 120, 10)]
    good = [asked(name) for name in ("first", "second") for _ in range(10)]
    facts: dict[str, Any] = {
        "readings": still,
        "updates": 4,
        "slowest": {"upload": 1.23},
        "before": still[0],
        "after": still[-1],
    } | changed
    return Load(ALONE, {"http": 1.0}, [*good, *more], **facts)


def test_a_load_without_a_fault() -> None:
    left = Asked("http", "first", 0.0, 1.0, left=True)
    figures = verdict(load(left))
    assert figures["failed"] == []
    assert (figures["asked"], figures["same"], figures["left"], figures["updates"]) == (21, 20, 1, 4)
    assert (figures["alone by http, s"], figures["slowest upload, s"]) == (1.0, 1.2)
    assert (figures["wait median, s"], figures["p95 / median"]) == (4.0, 1.0)


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (asked("first"), "same"),
        (asked("first", "In other words.", quote="Quote of first"), "reworded"),
        (asked("first", "The answer to second."), "mixed up"),
        (asked("first", "The answer to second.", quote="Quote of second"), "mixed up"),
        (asked("first", repeated="second"), "mixed up"),
        (asked("first", "Something else.", quote="Quote of nobody"), "wrong"),
        (Asked("http", "first", 0.0, 1.0, error="status 500"), "error"),
        (Asked("http", "first", 0.0, 1.0, left=True), "left"),
    ],
)
def test_kinds_of_answers(one: Asked, what: str) -> None:
    assert kind(one, ALONE) == what
    assert (what in verdict(load(one))["failed"]) == (what in ("mixed up", "wrong", "error"))


def test_memory_that_grows_is_found_and_that_of_the_first_minute_is_not() -> None:
    grown = [Reading(float(at), 1000.0 + max(0, at - 60), 10, 20) for at in range(0, 180, 10)]
    assert verdict(load(readings=grown))["failed"] == ["memory"]
    early = [Reading(float(at), min(1000.0, 500.0 + 10 * at), 10, 20) for at in range(0, 180, 10)]
    assert verdict(load(readings=early))["failed"] == []


def test_some_who_wait_much_longer_are_found() -> None:
    assert verdict(load(*[asked("first", seconds=60.0) for _ in range(3)]))["failed"] == ["fairness"]


def test_updates_that_fail_and_a_load_without_answers_are_found() -> None:
    assert verdict(load(problems=["409"]))["failed"] == ["failed updates"]
    nobody = Load(ALONE, readings=load().readings, before=load().before, after=load().after)
    assert verdict(nobody)["failed"] == ["nothing was answered"]


def test_a_server_that_has_ended_is_found() -> None:
    figures = verdict(load(after=None))
    assert figures["failed"] == ["the server ended"]
    assert figures["threads before, most, after"] == [10, 10, None]


def test_a_citation_of_no_passage_shown_is_an_error() -> None:
    answer = {"text": "x", "citations": [{"quote": "q", "article_id": "b"}], "passages": [{"article_id": "a"}]}
    with pytest.raises(AssertionError, match="another question"):
        Received.of(answer)
