"""Health and metrics of a real server, read as Prometheus reads them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from served import QUESTION, UNANSWERED, Served, chatbot_of, serving

from index import Index
from rag.llm.fair_queue import Turns
from ui.access.accounts import Accounts
from ui.server.metrics import OUTCOMES
from ui.server.request_log import door_of


@pytest.fixture
def served(index: Index) -> Iterator[Served]:
    with serving(chatbot_of(index)) as found:
        yield found


def metrics_of(found: Served, **headers: str) -> dict[str, float]:
    """Each sample by its name and labels, as in the text."""
    response = httpx.get(f"{found.url}/metrics", headers=headers, timeout=60)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    return {
        "".join([sample.name, *(f" {name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def ask(found: Served, question: str, **more: object) -> httpx.Response:
    return httpx.post(f"{found.url}/api/ask", json={"question": question, **more}, timeout=60)


def test_answers_times_and_tokens_are_counted(served: Served) -> None:
    before = metrics_of(served)
    assert {before[f"clippings_answers_total outcome={name}"] for name in OUTCOMES} == {0}
    assert set(OUTCOMES) > {"not said", "outside the limits", "talk", "stopped"}
    for _ in range(3):
        ask(served, QUESTION)
    ask(served, QUESTION, stream=True)
    ask(served, UNANSWERED)
    ask(served, " ")
    after = metrics_of(served)
    outcomes = {name: after[f"clippings_answers_total outcome={name}"] for name in OUTCOMES}
    counted = {"answered": 4, "not covered": 1, "invalid": 1}
    assert outcomes == dict.fromkeys(OUTCOMES, 0) | counted
    assert after["clippings_answer_seconds_count until=whole"] == 5
    assert after["clippings_answer_seconds_count until=first_word"] == 4
    assert after["clippings_answer_seconds_sum until=whole"] >= after["clippings_answer_seconds_sum until=evidence"] > 0
    prompts = served.generator.prompts
    assert after["clippings_tokens_total kind=read"] == sum(map(served.generator.count_tokens, prompts))
    assert after["clippings_tokens_total kind=written"] == 4
    assert after["clippings_answers_in_progress"] == 0
    assert after["clippings_requests_total door=api status=200"] == 5
    assert after["clippings_requests_total door=api status=422"] == 1
    assert after["clippings_requests_total door=metrics status=200"] == 1
    assert after["process_resident_memory_bytes"] > 10_000_000
    assert not [name for name in after if "Calder" in name]


def test_the_index_is_reported_also_when_another_process_changes_it(
    served: Served, index: Index, tmp_path: Path
) -> None:
    before = metrics_of(served)
    assert (before["clippings_index_version"], before["clippings_index_articles"]) == (1, 4)
    assert before["clippings_index_passages"] == index.status().chunks
    (tmp_path / "storm.txt").write_text("A storm\n\nThe storm took four roofs in Wexmoor.\n", encoding="utf-8")
    with_another_door = Index.open(index.folder, embedder=index.embedder)
    with_another_door.update([tmp_path / "storm.txt"])
    with_another_door.close()
    after = metrics_of(served)
    assert (after["clippings_index_version"], after["clippings_index_articles"]) == (2, 5)
    assert after["clippings_index_passages"] == before["clippings_index_passages"] + 1
    assert after["clippings_index_updates_total"] == 1


def test_the_queue_for_the_model_is_reported_and_who_leaves_is_counted(served: Served) -> None:
    generator = served.generator
    generator.held = True
    looked_at = threading.Event()
    leavers = [threading.Thread(target=_ask_and_leave, args=(served, looked_at)) for _ in range(3)]
    for leaver in leavers:
        leaver.start()
    try:
        assert generator.began.wait(30)
        _until(lambda: metrics_of(served)["clippings_queue_length queue=model"] == 2)
        during = metrics_of(served)
        assert during["clippings_answers_in_progress"] == 3
        assert during["clippings_queue_length queue=search"] == 0
        assert during["clippings_queue_length queue=doors"] == 0
    finally:
        looked_at.set()
        for leaver in leavers:
            leaver.join(60)
    _until(lambda: metrics_of(served)["clippings_answers_in_progress"] == 0)
    after = metrics_of(served)
    assert after["clippings_answers_total outcome=stopped"] == 3
    assert after["clippings_queue_length queue=model"] == 0


def _ask_and_leave(found: Served, leave: threading.Event) -> None:
    body = {"question": QUESTION, "stream": True}
    with httpx.stream("POST", f"{found.url}/api/ask", json=body, timeout=60) as response:
        lines = response.iter_lines()  # kept, for the response is closed with it
        next(lines)
        leave.wait(60)


def _until(true: object) -> None:
    for _ in range(600):
        if true():  # type: ignore[operator]
            return
        threading.Event().wait(0.05)
    pytest.fail("it did not become so in 30 s")


def test_who_waits_is_counted_and_who_is_served_is_not() -> None:
    turns = Turns(2)
    assert turns.waiting == 0
    tickets = [turns.join() for _ in range(5)]
    assert turns.waiting == 3
    for ticket in tickets:
        ticket.leave()
    assert turns.waiting == 0


# Health


def test_ready_until_the_index_is_gone(served: Served, index: Index) -> None:
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{served.url}/readyz").json() == {"status": "ready"}
    shutil.move(index.folder, f"{index.folder}-away")
    gone = httpx.get(f"{served.url}/readyz")
    assert (gone.status_code, gone.json()["status"]) == (503, "not ready")
    assert "was removed" in gone.json()["problem"]
    assert httpx.get(f"{served.url}/healthz").status_code == 200
    assert metrics_of(served)["clippings_index_readable"] == 0
    shutil.move(f"{index.folder}-away", index.folder)
    assert httpx.get(f"{served.url}/readyz").status_code == 200
    assert metrics_of(served)["clippings_index_readable"] == 1


def test_a_fault_is_not_ready(served: Served, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(index, "status", fail)
    response = httpx.get(f"{served.url}/readyz")
    assert response.status_code == 503
    assert "clippings index verify" in response.json()["problem"]
    assert "secret" not in response.text


def test_strangers_hear_a_word_and_no_more(index: Index, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "accounts.json")
    key = {"Authorization": f"Bearer {accounts.add_key('prometheus')}"}
    with serving(chatbot_of(index), auth=str(accounts.path)) as found:
        assert httpx.get(f"{found.url}/metrics").status_code == 401
        assert httpx.get(f"{found.url}/metrics").headers["www-authenticate"] == "Bearer"
        for slash in ("", "/"):
            assert httpx.get(f"{found.url}/healthz{slash}").json() == {"status": "ok"}
            assert httpx.get(f"{found.url}/readyz{slash}").json() == {"status": "ready"}
        for method in ("POST", "DELETE", "PUT"):
            assert httpx.request(method, f"{found.url}/healthz").status_code == 401
        for path in ("/healthz/x", "/healthzx", "//healthz", "/healthz/../metrics"):
            assert httpx.get(f"{found.url}{path}").status_code == 401
        shutil.move(index.folder, f"{index.folder}-away")
        assert httpx.get(f"{found.url}/readyz").json() == {"status": "not ready"}
        assert "was removed" in httpx.get(f"{found.url}/readyz", headers=key).json()["problem"]
        shutil.move(f"{index.folder}-away", index.folder)
        assert metrics_of(found, **key)["clippings_requests_total door=metrics status=401"] == 3


def test_another_sites_page_reads_no_metrics(served: Served) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        for path in ("/metrics", "/healthz", "/readyz"):
            assert httpx.get(f"{served.url}{path}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/api/ask", "api"),
        ("/v1/models", "v1"),
        ("/mcp", "mcp"),
        ("/readyz", "health"),
        ("/healthz/", "health"),
        ("/healthz/x", "page"),
        ("/metrics", "metrics"),
        ("/login", "login"),
        ("/", "page"),
        ("", "page"),
        ("/anything/at-all", "page"),
    ],
)
def test_doors(path: str, door: str) -> None:
    assert door_of(path) == door
