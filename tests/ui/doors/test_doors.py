"""Every door of a real server, each through the client that people use for it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest
from conftest import BRIDGE, BRIEFS, FLOOD
from loopback_site import serve as serve_site
from served import COST, QUESTION, UNANSWERED, Served, chatbot_of, serving
from standins import HashEmbedder, ScriptedUnderstanding, reader_once

from index import Index
from index.embedding.embedder import Vectors
from rag import Chatbot, Kind, Outcome, Settings
from rag.llm.catalogue import load_generator
from rag.llm.generation import cores
from ui.archive import uploads
from ui.conversations.run import BEAT_SECONDS
from ui.doors import http_api, questions, schemas
from ui.page.components import AT_ONCE
from ui.server import app as front
from ui.server import body_limit

ANSWER = f"{COST} [1]"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("doors")
    for name, content in {"bridge.md": BRIDGE, "flood.txt": FLOOD, "briefs.jsonl": BRIEFS}.items():
        (folder / name).write_text(content, encoding="utf-8")
    index = Index.create(folder / "index", embedder=HashEmbedder())
    index.update([folder / "bridge.md", folder / "flood.txt", folder / "briefs.jsonl"])
    with serving(chatbot_of(index)) as found:
        yield found
    index.close()


@pytest.fixture
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield client


def ask(http: httpx.Client, **asked: Any) -> httpx.Response:
    return http.post("/api/ask", json={"question": QUESTION, **asked})


def message_of(response: httpx.Response) -> str:
    """What an error says; asserts that it has the one shape."""
    error = response.json()["error"]
    assert set(error) == {"message", "advice"}
    assert error["advice"]
    return str(error["message"])


# /api


def test_an_answer_as_json(http: httpx.Client) -> None:
    found = ask(http).json()
    assert found["text"] == ANSWER
    (citation,) = found["citations"]
    assert (citation["quote"], citation["title"], citation["published"]) == (COST, "Bridge bill climbs", "2021-03-14")
    text = http.get(f"/api/articles/{citation['article_id']}").json()["text"]
    assert text[citation["start"] : citation["end"]] == COST
    schemas.Answer.model_validate(found)


def test_an_answer_as_events(http: httpx.Client) -> None:
    for asked, headers in (({"stream": True}, {}), ({}, {"Accept": "text/event-stream"})):
        with http.stream("POST", "/api/ask", json={"question": QUESTION, **asked}, headers=headers) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            events = [block.split("\n") for block in response.read().decode().strip().split("\n\n")]
        names = [event.removeprefix("event: ") for event, _ in events]
        expected = ["found", "lead", "reading", "said", "answer"]
        assert [name for name in names if name in expected] == expected
        data = {name: json.loads(data.removeprefix("data: ")) for name, (_, data) in zip(names, events, strict=True)}
        assert data["found"]["passages"][0]["title"] == "Bridge bill climbs"
        assert [data["found"][name] for name in ("standalone", "kind", "leans_on")] == [QUESTION, "fact", []]
        assert data["lead"] == {"text": "", "listed": False}
        assert data["reading"] == {"passages": 2}
        assert data["said"]["sentence"]["text"] == COST
        assert data["said"]["citations"] == data["answer"]["citations"]
        assert data["answer"]["text"] == ANSWER


def test_events_tell_of_the_queue_and_of_a_search_that_takes_long(
    http: httpx.Client, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_api, "SILENT_SECONDS", 0)  # every search takes longer
    searching = [served.chatbot.searches.join() for _ in range(cores())]
    names: list[str] = []
    with http.stream("POST", "/api/ask", json={"question": QUESTION, "stream": True}) as response:
        for line in response.iter_lines():
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
            elif line == 'data: {"place":1}':
                for ticket in searching:
                    ticket.leave()
    assert names[:4] == ["searching", "waiting", "waiting", "found"]
    assert names[-1] == "answer"


def test_a_refusal_is_an_answer(http: httpx.Client) -> None:
    response = ask(http, question=UNANSWERED)
    assert response.status_code == 200
    found = schemas.Answer.model_validate(response.json())
    assert (found.outcome, found.refused, found.sentences) == (Outcome.NOT_COVERED, True, [])
    assert found.text == found.lead == found.reason
    assert found.suggestions[0] == "What does “Vaccine licensed” say?"


FOLLOW_UP = "And when will it open?"


def test_what_a_follow_up_leans_on_is_searched_for_and_told(
    http: httpx.Client, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.chatbot, "understanding", ScriptedUnderstanding(leans_on=[QUESTION]))
    found = ask(http, question=FOLLOW_UP, history=[QUESTION]).json()
    assert (found["standalone"], found["leans_on"]) == (f"{QUESTION} {FOLLOW_UP}", [QUESTION])
    assert found["question"] == FOLLOW_UP


def test_filters_limit_what_is_asked(http: httpx.Client) -> None:
    def sources(**limit: str) -> set[str | None]:
        return {hit["source"] for hit in http.post("/api/search", json={"question": "a", **limit}).json()["hits"]}

    assert sources(after="2022-01-01") == {"Sandover Gazette", "The Perrine Mail"}
    assert sources(before="2021-12-31") == {"Port Calder Courier"}
    assert sources(source="perrine") == {"The Perrine Mail"}
    assert sources(author="oldacre") == {"Port Calder Courier"}
    assert {p["source"] for p in ask(http, source="perrine").json()["passages"]} == {"The Perrine Mail"}


def test_search_gives_as_many_passages_as_asked_for(http: httpx.Client) -> None:
    response = http.post("/api/search", json={"question": QUESTION, "top_k": 2})
    found = schemas.Found.model_validate(response.json())
    assert (found.hits[0].title, len(found.hits)) == ("Bridge bill climbs", 2)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "question: Field required"),
        ({"question": " "}, "The question is empty"),
        ({"question": "a" * 4001}, "question: String should have at most 4000"),
        ({"question": "a", "after": "soon"}, "after: "),
        ({"question": "a", "after": "2022-01-01", "before": "2021-01-01"}, "nothing lies between"),
        ({"question": "a", "sauce": "b"}, "sauce: Extra inputs"),
    ],
)
def test_what_cannot_be_asked_is_reported(http: httpx.Client, body: dict[str, Any], part: str) -> None:
    for door in ("/api/ask", "/api/search"):
        response = http.post(door, json=body)
        assert response.status_code == 422
        assert part in message_of(response)
    streamed = http.post("/api/ask", json=body, headers={"Accept": "text/event-stream"})
    assert streamed.status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ask", r'{"question": "Who \ud800 won?"}'),
        ("/api/ask", r'{"question": "Who won?", "history": ["\ud800"]}'),
        ("/api/ask", r'{"question": "Who won?", "source": "\udfff"}'),
        ("/api/search", r'{"question": "Who won?", "author": "\ud800"}'),
        ("/v1/chat/completions", r'{"messages": [{"role": "user", "content": "Who \ud800 won?"}]}'),
        ("/v1/chat/completions", r'{"messages": [{"role": "user", "content": [{"type": "text", "text": "\ud800"}]}]}'),
        ("/v1/chat/completions", r'{"model": "\ud800", "messages": [{"role": "user", "content": "Who won?"}]}'),
    ],
)
def test_half_a_character_is_reported(http: httpx.Client, path: str, body: str) -> None:
    refused = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    message = refused.json()["error"]["message"]
    assert "half of one" in message or "valid string" in message or "surrogate" in message


def test_errors_have_one_shape_everywhere(http: httpx.Client) -> None:
    assert http.get("/api/nothing").status_code == 404
    assert message_of(http.get("/api/nothing")) == "Not Found."
    assert message_of(http.get("/api/ask")) == "Method Not Allowed."
    assert message_of(http.post("/api/ask", content=b"{", headers={"Content-Type": "application/json"}))
    assert message_of(http.get("/api/articles", params={"limit": 0})).startswith("query.limit")


def test_a_fault_of_ours_tells_nothing(http: httpx.Client, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(served.chatbot, "stream", fail)
    for headers in ({}, {"Accept": "text/event-stream"}):
        response = http.post("/api/ask", json={"question": QUESTION}, headers=headers)
        assert response.status_code == 500
        assert message_of(response) == "Something went wrong inside clippings."
        assert "secret" not in response.text


def test_status(http: httpx.Client) -> None:
    found = schemas.Status.model_validate(http.get("/api/status").json())
    assert (found.articles, found.model, found.embedder) == (4, "scripted", "hash@1")


def test_the_description_names_every_route_and_its_errors(http: httpx.Client, served: Served) -> None:
    described = http.get("/api/openapi.json").json()
    assert set(described["paths"]) == {
        *("/api/ask", "/api/search", "/api/articles", "/api/articles/{article_id}", "/api/status"),
        *("/v1/models", "/v1/models/{name}", "/v1/chat/completions"),
    }
    for path in ("/api/ask", "/api/search"):
        body = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert described["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]["question"]["examples"]
        refused = described["paths"][path]["post"]["responses"]["422"]["content"]["application/json"]["schema"]
        assert refused["$ref"].endswith("/Error")
    adding = described["paths"]["/api/articles"]["post"]["requestBody"]["content"]
    assert set(adding) == {"multipart/form-data", "application/json"}


# Articles


STORM = b"A storm in Wexmoor\n\nThe storm took the roofs of four houses in Wexmoor on Monday night."


def upload(http: httpx.Client, *files: tuple[str, bytes]) -> httpx.Response:
    return http.post("/api/articles", files=[("files", file) for file in files])


def uploaded(served: Served) -> list[str]:
    return sorted(path.name for path in (served.chatbot.index.folder / "uploads").glob("*"))


def remove(http: httpx.Client, *ids: str) -> httpx.Response:
    return http.delete("/api/articles", params={"id": list(ids)})


def test_articles_are_listed_in_pages(http: httpx.Client) -> None:
    def titles(**options: Any) -> list[str]:
        page = schemas.ArticlePage.model_validate(http.get("/api/articles", params=options).json())
        return [article.title for article in page.articles]

    assert titles() == ["Vaccine licensed", "Airline grounded", "Bridge bill climbs", "Flood in the Arle valley"]
    assert titles(limit=1, offset=1) == ["Airline grounded"]
    assert titles(title="BRIDGE") == ["Bridge bill climbs"]
    assert titles(after="2022-01-01", source="perrine") == ["Vaccine licensed"]
    assert titles(author="nobody") == []
    assert titles(offset=10**9) == []
    assert http.get("/api/articles", params={"offset": 10**24}).status_code == 422  # no number that SQLite holds


def test_uploads_are_added_asked_and_removed(http: httpx.Client, served: Served) -> None:
    response = upload(http, ("../../wexmoor.txt", STORM), ("broken.pdf", b"%PDF-1.4 broken"), ("tool.exe", b"MZ"))
    assert response.status_code == 200
    report = schemas.Report.model_validate(response.json())
    assert [failure.name for failure in report.failed] == ["broken.pdf", "tool.exe"]
    (added,) = report.added
    assert uploaded(served) == ["wexmoor.txt"]
    hits = http.post("/api/search", json={"question": "How many roofs did the storm take in Wexmoor?"}).json()["hits"]
    assert hits[0]["article_id"] == added.id

    again = upload(http, ("wexmoor.txt", STORM)).json()
    assert [row["id"] for row in again["unchanged"]] == [added.id]
    changed = upload(http, ("wexmoor.txt", STORM.replace(b"four", b"five"))).json()
    assert [row["id"] for row in changed["changed"]] == [added.id]
    assert "five houses" in http.get(f"/api/articles/{added.id}").json()["text"]

    removed = schemas.Removed.model_validate(remove(http, added.id).json())
    assert [row.id for row in removed.removed] == [added.id]
    assert uploaded(served) == []
    assert http.get(f"/api/articles/{added.id}").status_code == 404


def test_a_broken_upload_leaves_the_good_one_before_it(http: httpx.Client, served: Served) -> None:
    (added,) = upload(http, ("wexmoor.txt", STORM)).json()["added"]
    response = upload(http, ("wexmoor.txt", b"MZ\0\0" * 100))
    assert response.status_code == 422
    assert "wexmoor.txt" in response.json()["error"]["message"]
    assert (served.chatbot.index.folder / "uploads" / "wexmoor.txt").read_bytes() == STORM
    assert uploaded(served) == ["wexmoor.txt"]
    assert upload(http, ("wexmoor.txt", STORM)).json()["unchanged"] == [added]
    assert remove(http, added["id"]).status_code == 200


def test_a_table_stays_until_its_last_row_is_removed(http: httpx.Client, served: Served) -> None:
    rows = [
        {"id": name, "title": f"{name} fair", "text": f"The fair in {name} was opened by the mayor on Sunday."}
        for name in ("Ulm", "Hof")
    ]
    table = "\n".join(map(json.dumps, rows)).encode()
    first, second = (row["id"] for row in upload(http, ("fairs.jsonl", table)).json()["added"])
    assert remove(http, first).status_code == 200
    assert uploaded(served) == ["fairs.jsonl"]
    assert remove(http, second).status_code == 200
    assert uploaded(served) == []


def test_removing_is_all_or_nothing(http: httpx.Client) -> None:
    known = http.get("/api/articles").json()["articles"][0]["id"]
    response = remove(http, known, "0123456789abcdef")
    assert response.status_code == 404
    assert "0123456789abcdef" in message_of(response)
    assert http.get(f"/api/articles/{known}").status_code == 200
    assert remove(http, "bridge.md").status_code == 404
    assert http.delete("/api/articles").status_code == 422


def test_an_address_is_read(http: httpx.Client) -> None:
    with serve_site() as site:
        page = site.put("/storm", f"<article><h1>A storm in Wexmoor</h1><p>{STORM.decode()} {FLOOD}</p></article>")
        report = http.post("/api/articles", json={"address": page}).json()
        (added,) = report["added"]
        assert added["uri"] == page
        assert remove(http, added["id"]).status_code == 200
        gone = http.post("/api/articles", json={"address": f"http://127.0.0.1:{site.port}/missing"})
    assert gone.status_code == 422
    assert "missing" in message_of(gone)


@pytest.mark.parametrize("body", [{"address": "/etc/passwd"}, {"address": "file:///etc/passwd"}, {"adress": "x"}, {}])
def test_what_is_no_address_is_refused(http: httpx.Client, body: dict[str, str]) -> None:
    response = http.post("/api/articles", json=body)
    assert response.status_code == 422
    assert "address" in message_of(response)


def test_an_upload_without_files_is_reported(http: httpx.Client) -> None:
    response = http.post("/api/articles", files={"files": (None, "text")})
    assert response.status_code == 422
    assert "No file was sent" in message_of(response)


def test_what_is_too_large_is_413_and_nothing_is_kept(
    http: httpx.Client, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "MOST_UPLOADED", 100_000)
    before = uploaded(served)
    response = upload(http, ("large.txt", b"word " * 100_000))
    assert response.status_code == 413
    assert "at once" in message_of(response)

    def in_pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(50):
            yield b"word " * 2_000
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert http.post("/api/articles", content=in_pieces(), headers=headers).status_code == 413
    assert uploaded(served) == before
    long = http.post("/api/ask", json={"question": "a" * 1_100_000})
    assert long.status_code == 413
    assert "Shorten" in long.json()["error"]["advice"]


def test_several_uploads_at_once_wait_for_each_other(http: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: upload(http, (f"s{n}.txt", STORM + b" %d." % n)), range(4)))
    assert [response.status_code for response in done] == [200] * 4
    ids = [row["id"] for response in done for row in response.json()["added"]]
    assert len(ids) == 4
    assert remove(http, *ids).status_code == 200


# A client that leaves, and many of them


@pytest.mark.parametrize("path", ["/api/ask", "/v1/chat/completions"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_stops_the_model(served: Served, path: str, *, stream: bool) -> None:
    generator = served.generator
    generator.began.clear()
    generator.stopped.clear()
    generator.held = True
    body = {"question": QUESTION, "stream": stream}
    if path.startswith("/v1"):
        body = {"model": "clippings", "messages": [{"role": "user", "content": QUESTION}], "stream": stream}

    async def leave() -> None:
        async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
            asking = asyncio.create_task(client.post(path, json=body))
            assert await asyncio.to_thread(generator.began.wait, 30)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    try:
        asyncio.run(leave())
        assert generator.stopped.wait(30)
    finally:
        generator.held = False
    assert httpx.post(f"{served.url}/api/ask", json={"question": QUESTION}, timeout=60).json()["text"] == ANSWER


@pytest.mark.slow
def test_many_who_wait_to_add_articles_keep_nobody_from_reading(http: httpx.Client, served: Served) -> None:
    many = 45  # more than there are threads for requests
    with ThreadPoolExecutor(many) as pool:
        with uploads.turn(served.chatbot.index.folder):  # as while a long update runs
            adding = [
                pool.submit(
                    httpx.post,
                    f"{served.url}/api/articles",
                    files=[("files", (f"story{n}.txt", f"Story {n}\n\nA lorry overturned on road {n}."))],
                    timeout=120,
                )
                for n in range(many)
            ]
            sleep(2)  # until they are there; too short a time would only make the test easier
            assert http.get("/api/status").json()["articles"] == 4
            assert http.get("/api/articles").json()["total"] == 4
        assert {added.result(120).status_code for added in adding} == {200}
    assert http.get("/api/articles").json()["total"] == 4 + many
    ids = [row["id"] for row in http.get("/api/articles", params={"limit": 500, "title": "Story"}).json()["articles"]]
    assert http.delete("/api/articles", params={"id": ids}).status_code == 200


def test_an_article_that_another_change_removes_first_is_not_found(http: httpx.Client, served: Served) -> None:
    added = http.post("/api/articles", files=[("files", ("twice.txt", "Twice\n\nA lorry overturned."))]).json()
    name = added["added"][0]["id"]
    with ThreadPoolExecutor(1) as pool:
        with uploads.turn(served.chatbot.index.folder):  # as while the page changes the archive
            removing = pool.submit(httpx.delete, f"{served.url}/api/articles?id={name}", timeout=60)
            sleep(1)  # until it waits; too short a time would only make the test easier
            served.chatbot.index.remove([name])
        assert removing.result(60).status_code == 404


def test_a_client_of_the_pages_own_interface_that_leaves_stops_the_model(served: Served) -> None:
    generator = served.generator
    generator.began.clear()
    generator.stopped.clear()
    generator.held = True
    call = f"{served.url}/gradio_api/call/answer"
    try:
        data = [QUESTION, [], "", "", "", ""]
        event = httpx.post(call, json={"data": data}, timeout=60).json()["event_id"]
        with httpx.stream("GET", f"{call}/{event}", timeout=60):
            assert generator.began.wait(30)
        assert generator.stopped.wait(30)
    finally:
        generator.held = False
    assert httpx.post(f"{served.url}/api/ask", json={"question": QUESTION}, timeout=60).json()["text"] == ANSWER


def test_twenty_at_once_all_get_answers(http: httpx.Client) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask(http).json()["text"], range(20)))
    assert answers == [ANSWER] * 20


def test_too_many_are_turned_away(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_WAITING", -questions.AT_ONCE)
    response = ask(http)
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert message_of(response) == "Too many questions are waiting."


# The other protocols


def client_of(served: Served) -> Any:
    openai = pytest.importorskip("openai")
    return openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0)


def test_openai_models(served: Served) -> None:
    with client_of(served) as client:
        assert [model.id for model in client.models.list()] == ["clippings"]
        assert client.models.retrieve("clippings").owned_by == "clippings"


def test_openai_completion(served: Served) -> None:
    with client_of(served) as client:
        found = client.chat.completions.create(
            model="clippings",
            messages=[
                {"role": "system", "content": "Answer in French."},
                {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
            ],
            temperature=0.3,
        )
    assert found.choices[0].message.content == ANSWER
    assert found.choices[0].finish_reason == "stop"
    assert found.clippings["citations"][0]["quote"] == COST
    assert found.clippings["refused"] is False


def test_openai_stream(served: Served) -> None:
    with client_of(served) as client:
        asked = [{"role": "user", "content": QUESTION}]
        chunks = list(client.chat.completions.create(model="clippings", messages=asked, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ANSWER
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[0].clippings["passages"][0]["title"] == "Bridge bill climbs"
    assert chunks[-1].clippings["citations"][0]["quote"] == COST


def test_openai_conversation_and_filters(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.chatbot, "understanding", ScriptedUnderstanding(leans_on=[QUESTION]))
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": ANSWER},
        {"role": "user", "content": FOLLOW_UP},
    ]
    with client_of(served) as client:
        found = client.chat.completions.create(
            model="clippings", messages=messages, extra_body={"clippings": {"source": "courier"}}
        )
    assert found.clippings["standalone"] == f"{QUESTION} {FOLLOW_UP}"
    assert {passage["source"] for passage in found.clippings["passages"]} == {"Port Calder Courier"}


def test_openai_refusal_is_text_and_a_flag(served: Served) -> None:
    asked = [{"role": "user", "content": UNANSWERED}]
    with client_of(served) as client:
        found = client.chat.completions.create(model="clippings", messages=asked)
        chunks = list(client.chat.completions.create(model="clippings", messages=asked, stream=True))
    assert (found.clippings["refused"], found.clippings["outcome"]) == (True, "not covered")
    assert found.choices[0].message.content == found.clippings["reason"]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == found.clippings["reason"]


@pytest.mark.parametrize(
    ("change", "status", "code", "part"),
    [
        ({"model": "gpt-4"}, 404, "model_not_found", "gpt-4"),
        ({"n": 2}, 400, None, "leave out n"),
        ({"messages": []}, 422, None, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, None, "last message"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, None, "image_url"),
        ({"messages": [{"role": "user", "content": ""}]}, 422, None, "question is empty"),
    ],
)
def test_openai_errors(served: Served, change: dict[str, Any], status: int, code: str | None, part: str) -> None:
    import openai

    body = {"model": "clippings", "messages": [{"role": "user", "content": QUESTION}], **change}
    with client_of(served) as client:
        for stream in (False, True):
            with pytest.raises(openai.APIStatusError) as raised:
                client.chat.completions.create(**body, stream=stream)
            assert raised.value.status_code == status
            assert raised.value.code == code
            assert part in raised.value.message


BOTH = "What will the Calder bridge cost, and what was licensed, the dengue vaccine Kelvora?"


@pytest.mark.parametrize(
    ("kind", "question", "outcome", "begins"),
    [
        (Kind.FACT, QUESTION, "answered", ANSWER),
        (Kind.FACT, UNANSWERED, "not covered", "The articles do not say. None of them is about"),
        (Kind.LIST, "Which bridge and which vaccine?", "not said", "The articles do not give an answer to"),
        (Kind.TIMELINE, BOTH, "answered", f"14 March 2021: {COST} [1]\n3 April 2025: "),
        (Kind.TALK, "hi", "talk", "Hello. I answer questions from the 4 articles"),
    ],
)
def test_every_door_says_the_same_and_says_it_once(
    served: Served,
    http: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    question: str,
    outcome: str,
    begins: str,
) -> None:
    mcp, gradio_client = pytest.importorskip("mcp"), pytest.importorskip("gradio_client")
    monkeypatch.setattr(served.chatbot, "understanding", ScriptedUnderstanding(kind))
    if kind is Kind.TIMELINE:
        monkeypatch.setattr(served.chatbot, "generator", None)
    answer = schemas.Answer.model_validate(ask(http, question=question).json())
    text = answer.text
    assert (answer.outcome.value, text[: len(begins)]) == (outcome, begins)

    asked = [{"role": "user", "content": question}]
    with client_of(served) as client:
        whole = client.chat.completions.create(model="clippings", messages=asked)
        chunks = list(client.chat.completions.create(model="clippings", messages=asked, stream=True))
    assert whole.choices[0].message.content == text
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    assert chunks[-1].clippings | {"timings": 0} == whole.clippings | {"timings": 0}

    async def by_mcp() -> str:
        async with mcp.Client(f"{served.url}/mcp") as client:
            return str((await client.call_tool("ask", {"question": question})).content[0].text)

    reply = asyncio.run(by_mcp())
    assert reply.startswith(text)
    assert reply.count(f"    “{COST}”") == text.count(COST)
    assert [f"    {each}" in reply for each in answer.suggestions] == [True] * len(answer.suggestions)
    client = gradio_client.Client(served.url, verbose=False, analytics_enabled=False)
    assert client.predict(question, api_name="/answer")["text"] == text

    data = {}
    with http.stream("POST", "/api/ask", json={"question": question, "stream": True}) as response:
        for block in response.read().decode().strip().split("\n\n"):
            name, _, line = block.removeprefix("event: ").partition("\ndata: ")
            data.setdefault(name, []).append(json.loads(line))
    assert [lead["text"] for lead in data["lead"]] == [answer.lead]
    assert [said["sentence"] for said in data.get("said", [])] == data["answer"][0]["sentences"]
    assert data["answer"][0]["text"] == text


def test_mcp_tools(served: Served) -> None:
    mcp = pytest.importorskip("mcp")

    async def talk() -> None:
        heard: list[tuple[float, str | None]] = []

        async def hear(done: float, _: float | None, message: str | None) -> None:
            heard.append((done, message))

        async with mcp.Client(f"{served.url}/mcp") as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"ask", "search", "open_article"}
            assert all(tool.annotations.read_only_hint for tool in tools.values())
            answer = await client.call_tool("ask", {"question": QUESTION}, progress_callback=hear)
            assert answer.content[0].text.splitlines()[0] == ANSWER
            assert f"“{COST}”" in answer.content[0].text
            assert answer.structured_content["citations"][0]["quote"] == COST
            news = [message for _, message in sorted(heard)]  # the client hears each in a task of its own
            steps = ["searching", "found 4 passages", "reading 2 passages", ANSWER]
            assert [said for said in news if said in steps] == steps
            found = await client.call_tool("search", {"question": QUESTION, "top_k": 1, "before": "2021-12-31"})
            (hit,) = found.structured_content["hits"]
            article = await client.call_tool("open_article", {"article_id": hit["article_id"], "start": 4})
            assert article.structured_content["text"].startswith("Calder bridge will cost 587")
            refused = await client.call_tool("ask", {"question": UNANSWERED})
            assert refused.content[0].text.startswith("The articles do not say.")

    asyncio.run(talk())


def test_an_assistant_that_leaves_stops_the_model(served: Served) -> None:
    mcp = pytest.importorskip("mcp")
    generator = served.generator
    generator.began.clear()
    generator.stopped.clear()
    generator.held = True

    async def leave() -> None:
        async with mcp.Client(f"{served.url}/mcp") as client:
            asking = asyncio.create_task(client.call_tool("ask", {"question": QUESTION}))
            assert await asyncio.to_thread(generator.began.wait, 30)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            assert await asyncio.to_thread(generator.stopped.wait, 30)

    try:
        asyncio.run(leave())
    finally:
        generator.held = False


def test_mcp_says_what_is_wrong(served: Served) -> None:
    mcp = pytest.importorskip("mcp")

    async def talk() -> list[str]:
        async with mcp.Client(f"{served.url}/mcp") as client:
            calls = [
                ("ask", {"question": " "}),
                ("ask", {"question": "a", "after": "2022-01-01", "before": "2021-01-01"}),
                ("search", {"question": "a", "after": "soon"}),
                ("open_article", {"article_id": "0123456789abcdef"}),
            ]
            results = [await client.call_tool(*call) for call in calls]
            assert all(result.is_error for result in results)
            return [result.content[0].text for result in results]

    empty, days, soon, missing = asyncio.run(talk())
    assert "The question is empty" in empty
    assert "nothing lies between" in days
    assert "after" in soon
    assert "0123456789abcdef" in missing


def test_without_its_package_mcp_says_what_to_install(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from starlette.testclient import TestClient

    monkeypatch.setattr(front, "find_spec", lambda name: None)
    made = front.Front(served.chatbot, served.front.access)
    response = TestClient(made.app).post("/mcp")
    assert response.status_code == 501
    assert "pip install" in response.json()["error"]["advice"]


def test_gradio_client(served: Served) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    client = gradio_client.Client(served.url, verbose=False, analytics_enabled=False)
    found = client.predict(QUESTION, api_name="/answer")
    assert found["text"] == ANSWER
    assert found["citations"][0]["quote"] == COST
    refused = client.predict(UNANSWERED, api_name="/answer")
    assert (refused["text"], refused["outcome"]) == (refused["lead"], "not covered")
    hits = client.predict(QUESTION, top_k=1, before="2021-12-31", api_name="/find_passages")
    assert [hit["title"] for hit in hits] == ["Bridge bill climbs"]
    with pytest.raises(gradio_client.exceptions.AppError, match="not a date"):
        client.predict(QUESTION, after="soon", api_name="/answer")


def test_gradio_keeps_nothing_of_a_call(served: Served, http: httpx.Client) -> None:
    kept = served.page.state_holder.session_data
    before = set(kept)
    for name, data in (("answer", [QUESTION, [], "", "", "", ""]), ("find_passages", [QUESTION, 5, "", "", "", ""])):
        event = http.post(f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
        assert "event: complete" in http.get(f"/gradio_api/call/{name}/{event}").text
    assert set(kept) == before


class Slow(HashEmbedder):
    """Questions wait until somebody lets them `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)

    def embed_question(self, question: str) -> Vectors:
        """A vector, late."""
        self.waiting.release()
        self.go.wait(60)
        return super().embed_question(question)


def test_the_gradio_client_waits_for_a_slow_answer_and_stops_the_model_when_it_gives_up(tmp_path: Path) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    (tmp_path / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    index = Index.create(tmp_path / "index", embedder=(slow := Slow()))
    index.update([tmp_path / "bridge.md"])
    with serving(chatbot_of(index)) as found, httpx.Client(base_url=found.url, timeout=20) as http:
        client = gradio_client.Client(found.url, verbose=False, analytics_enabled=False)
        waiting = client.submit(QUESTION, api_name="/answer")
        event = http.post("/gradio_api/call/answer", json={"data": [QUESTION, [], "", "", "", ""]}).json()["event_id"]
        threading.Timer(4 * BEAT_SECONDS, slow.go.set).start()
        *_, (last, data) = re.findall(r"event: (\w+)\ndata: (.*)\n", http.get(f"/gradio_api/call/answer/{event}").text)
        assert (last, json.loads(data)[0]["text"]) == ("complete", ANSWER)
        assert waiting.result(20)["text"] == ANSWER
        found.generator.held = True
        given_up = client.submit(QUESTION, api_name="/answer")
        assert found.generator.began.wait(20)
        given_up.cancel()
        assert found.generator.stopped.wait(10)
    index.close()


@pytest.mark.slow
def test_uploads_do_not_wait_behind_the_questions_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    index = Index.create(tmp_path / "index", embedder=(slow := Slow()))
    index.update([tmp_path / "bridge.md"])
    asked = {"answer": [QUESTION, [], "", "", "", ""], "find_passages": [QUESTION, 5, "", "", "", ""]}
    with serving(chatbot_of(index)) as busy, httpx.Client(base_url=busy.url, timeout=20) as http:
        try:
            for name, data in asked.items():
                for _ in range(AT_ONCE):
                    assert http.post(f"/gradio_api/call/{name}", json={"data": data}).status_code == 200
            for _ in range(AT_ONCE):
                assert slow.waiting.acquire(timeout=20), "fewer are worked on at once"
            sent = http.post("/api/articles", files=[("files", ("flood.txt", FLOOD.encode()))])
            assert len(sent.json()["added"]) == 1
        finally:
            slow.go.set()
    index.close()


# With the real models


@pytest.fixture(scope="module")
def really(samples: Index) -> Iterator[Served]:
    settings = Settings()
    generator = load_generator(settings.llm, settings.adapter)
    with serving(Chatbot(samples, generator, settings, reader=reader_once(settings.reader))) as found:
        yield found


FLOOD_QUESTION = "How many people died in the Arle flood?"
TOLL = "Thirty-one people died"


@pytest.mark.models
@pytest.mark.slow
def test_every_client_asks_the_real_models(really: Served) -> None:
    gradio_client, mcp = pytest.importorskip("gradio_client"), pytest.importorskip("mcp")

    async def by_mcp() -> str:
        async with mcp.Client(f"{really.url}/mcp") as client:
            result = await client.call_tool("ask", {"question": FLOOD_QUESTION})
            return str(result.content[0].text)

    with client_of(really) as client:
        asked = [{"role": "user", "content": FLOOD_QUESTION}]
        by_openai = client.chat.completions.create(model="clippings", messages=asked)
    gradio = gradio_client.Client(really.url, verbose=False, analytics_enabled=False)
    by_http = httpx.post(f"{really.url}/api/ask", json={"question": FLOOD_QUESTION}, timeout=120).json()
    assert by_http["model"] == "smollm2-135m"
    texts = [
        by_http["text"],
        by_openai.choices[0].message.content,
        gradio.predict(FLOOD_QUESTION, api_name="/answer")["text"],
        asyncio.run(by_mcp()),
    ]
    assert all(TOLL in text for text in texts)
    for citation in by_http["citations"]:
        text = httpx.get(f"{really.url}/api/articles/{citation['article_id']}").json()["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
