"""Twenty people who ask at the same time, through the page, as their browsers do it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from served import COST, QUESTION, Served, chatbot_of, serving

from index import Index
from rag.llm.generation import cores

PEOPLE = 20


@pytest.fixture
def served(index: Index) -> Iterator[Served]:
    with serving(chatbot_of(index)) as found:
        yield found


def asking(config: dict[str, Any]) -> dict[str, Any]:
    """The page's function that answers a question: the one that the box of questions calls."""
    (box,) = (part["id"] for part in config["components"] if part["props"].get("elem_id") == "question")
    return next(each for each in config["dependencies"] if [box, "submit"] in each["targets"])


def ask_as_a_browser(url: str, config: dict[str, Any], name: str) -> list[str]:
    """Everything that the page is told while it answers, as text."""
    what = asking(config)
    kept = {part["id"]: part["props"].get("value") for part in config["components"]}
    values = [None, QUESTION, *(kept[part] for part in what["inputs"][2:])]
    with httpx.Client(base_url=f"{url}/gradio_api", timeout=120) as client:
        body = {"data": values, "fn_index": what["id"], "session_hash": name, "trigger_id": what["targets"][0][0]}
        client.post("/queue/join", json=body).raise_for_status()
        updates = []
        with client.stream("GET", "/queue/data", params={"session_hash": name}) as events:
            for line in events.iter_lines():
                if line.startswith("data: "):
                    said = json.loads(line.removeprefix("data: "))
                    if said["msg"] in ("process_generating", "process_completed"):
                        assert said["success"], said
                        updates.append(json.dumps(said["output"]))
                    if said["msg"] == "process_completed":
                        return updates
    raise AssertionError("the stream ended before the answer")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Gradio makes event loops that it never closes
@pytest.mark.slow
def test_twenty_people_see_their_places_and_all_get_answers(served: Served) -> None:
    config = httpx.get(f"{served.url}/config").json()
    searches = served.chatbot.searches
    held = [searches.join() for _ in range(cores())]  # until all have asked

    def let_them_in() -> None:
        while len(searches._line) < PEOPLE + len(held):
            if done.wait(0.01):
                return
        for ticket in held:
            ticket.leave()

    done = threading.Event()
    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        door = pool.submit(let_them_in)
        people = [pool.submit(ask_as_a_browser, served.url, config, f"person{n}") for n in range(PEOPLE)]
        try:
            updates = [person.result(120) for person in people]
        finally:
            done.set()
            door.result(10)
    first_places = [int(re.search(r"(\d+)(?:st|nd|rd|th) in the queue", " ".join(steps))[1]) for steps in updates]
    assert sorted(first_places) == list(range(1, PEOPLE + 1))
    assert [COST in " ".join(steps) and "answered in" in " ".join(steps) for steps in updates] == [True] * PEOPLE
