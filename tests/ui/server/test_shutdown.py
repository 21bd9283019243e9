"""A server that is told to end waits for nobody: answers and changes stop, their clients are told, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import sleep

import httpx
import pytest
from served import QUESTION, Repeating, chatbot_of, free_port
from standins import HashEmbedder

from index import Index
from index.embedding.embedder import Passage, Vectors
from rag import Chatbot
from ui.server import memory
from ui.server.serve import serve

STOPPED = "clippings is being stopped. Ask again when it has been started again."


@contextmanager
def stopped_while(chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch, work: Callable[[str], None]) -> Iterator[None]:
    """Serve, and send Ctrl-C when `work(url)` is done."""
    port = free_port()

    def work_then_stop() -> None:
        work(f"http://127.0.0.1:{port}")
        raise KeyboardInterrupt

    monkeypatch.setattr(memory, "keep_low", work_then_stop)

    async def served() -> None:  # see `served.serving`
        serve(chatbot, port=port, open_browser=False)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(served())).result()
        yield


def held(index: Index) -> tuple[Chatbot, Repeating]:
    """A chatbot whose model waits in mid-answer until it is stopped."""
    chatbot = chatbot_of(index)
    assert isinstance(chatbot.generator, Repeating)
    chatbot.generator.held = True
    return chatbot, chatbot.generator


@pytest.mark.parametrize("stream", [False, True])
def test_whoever_waits_for_an_answer_is_reported(index: Index, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    chatbot, generator = held(index)
    asked: list[Future[httpx.Response]] = []
    with ThreadPoolExecutor(2) as clients:

        def ask(url: str) -> None:
            body = {"question": QUESTION, "stream": stream}
            asked.extend(clients.submit(httpx.post, f"{url}/api/ask", json=body, timeout=60) for _ in range(2))
            assert generator.began.wait(30)
            while not generator.turns.waiting:  # the other
                sleep(0.01)

        with stopped_while(chatbot, monkeypatch, ask):
            for answer in asked:
                assert STOPPED in answer.result(60).text
    assert generator.stopped.is_set()


def test_an_answer_of_the_pages_own_interface_stops_too(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    chatbot, generator = held(index)

    def ask(url: str) -> None:
        data = [QUESTION, [], "", "", "", ""]
        assert httpx.post(f"{url}/gradio_api/call/answer", json={"data": data}, timeout=60).status_code == 200
        assert generator.began.wait(30)

    with stopped_while(chatbot, monkeypatch, ask):
        assert generator.stopped.wait(30)  # which no client has asked for


class Waiting(HashEmbedder):
    """Waits at its first passages until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go_on = Event(), Event()

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """See `HashEmbedder`."""
        self.began.set()
        assert self.go_on.wait(60)
        return super().embed_passages(passages)


@pytest.mark.slow
def test_an_update_ends_its_uploads_are_taken_back_and_it_goes_on_from_there(
    index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    embedder = Waiting()
    shared = Index.open(index.folder, embedder=embedder)
    story = " ".join(f"The harbour master counted ship{n} on a rainy day of spring." for n in range(12_000))
    adding: list[Future[httpx.Response]] = []
    with ThreadPoolExecutor(1) as client:

        def add(url: str) -> None:
            files = [("files", ("story.txt", f"Harbour\n\n{story}"))]
            adding.append(client.submit(httpx.post, f"{url}/api/articles", files=files, timeout=60))
            assert embedder.began.wait(30)

        close = shared.stop_changes

        def stop_changes() -> None:
            close()
            embedder.go_on.set()

        monkeypatch.setattr(shared, "stop_changes", stop_changes)
        with stopped_while(chatbot_of(shared), monkeypatch, add):
            added = adding[0].result(60)
    assert added.status_code == 503
    assert "was stopped, because the program ends" in added.json()["error"]["message"]
    assert list((index.folder / "uploads").iterdir()) == []
    assert (index.version, index.verify()) == (1, [])
    (tmp_path / "story.txt").write_text(f"Harbour\n\n{story}")
    again = index.update([tmp_path / "story.txt"])
    assert 0 < again.embedded < len(again.added) * index.status().chunks
