"""Answers for asyncio: the same steps, errors raised where they are read, and a reader who leaves stops the work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from standins import HashEmbedder, ScriptedGenerator

import rag
from index import Index
from index.errors import NoIndex, WrongUse
from rag import Answer, Found, Said, Step
from rag.answering.asyncio_bridge import steps_of
from rag.retrieval.finding import Scores

QUESTION = "What will the Calder bridge cost?"
COST = "The Calder bridge will cost 587 million crowns. [1]"


@pytest.fixture
def folder(index: Index, monkeypatch: pytest.MonkeyPatch, scores: Scores) -> Path:
    """An index that is opened with stand-ins."""
    monkeypatch.setattr("index.index.load_embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("rag.load_generator", lambda *_: ScriptedGenerator([COST] * 3))
    monkeypatch.setattr("rag.load_reader", lambda *_: None)
    return index.folder


def test_an_answer(folder: Path) -> None:
    found = asyncio.run(rag.aanswer(QUESTION, index=folder))
    assert found.text == COST
    assert found.citations[0].title == "Bridge bill climbs"


def test_the_steps_of_an_answer(folder: Path) -> None:
    async def kinds() -> list[type]:
        return [type(step) async for step in rag.astream_answer(QUESTION, index=folder)]

    found = asyncio.run(kinds())
    assert (found[0], found[-2:]) == (Found, [Said, Answer])
    assert found == [type(step) for step in rag.stream_answer(QUESTION, index=folder)]


def test_several_at_once_share_one_chatbot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    really = rag.open_chatbot
    monkeypatch.setattr("rag.open_chatbot", lambda *a, **k: opened.append(1) or really(*a, **k))

    async def three() -> list[Answer]:
        return await asyncio.gather(*(rag.aanswer(QUESTION, index=folder) for _ in range(3)))

    assert [found.text for found in asyncio.run(three())] == [COST] * 3
    assert opened == [1]


def test_errors_are_raised_where_the_answer_is_awaited(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="question is empty"):
        asyncio.run(rag.aanswer(" ", index=folder))
    with pytest.raises(NoIndex):
        asyncio.run(rag.aanswer(QUESTION, index=tmp_path / "nowhere"))


def test_a_reader_who_leaves_stops_the_work() -> None:
    stops: list[threading.Event] = []
    over = threading.Event()

    def start(stop: threading.Event) -> Iterator[Step]:
        stops.append(stop)
        try:
            yield Found(rag.Question(QUESTION), ())
            assert stop.wait(20)
            yield Found(rag.Question("never read"), ())
        finally:
            over.set()

    async def read_one() -> None:
        async with aclosing(steps_of(start)) as steps:
            assert await anext(steps) == Found(rag.Question(QUESTION), ())

    asyncio.run(read_one())
    assert over.wait(20)
    assert stops[0].is_set()


def test_search_gives_passages(folder: Path) -> None:
    hits = rag.search(QUESTION, index=folder, top_k=2)
    assert len(hits) == 2
    assert hits[0].article.title == "Bridge bill climbs"
    with pytest.raises(WrongUse, match="question is empty"):
        rag.search("", index=folder)


def test_the_langchain_retriever(folder: Path) -> None:
    pytest.importorskip("langchain_core")
    from rag.integrations.langchain import ClippingsRetriever

    retriever = ClippingsRetriever(index=str(folder), top_k=1, filters=rag.Filters(source="courier"))
    (found,) = retriever.invoke(QUESTION)
    assert "587 million crowns" in found.page_content
    assert (found.metadata["title"], found.metadata["published"]) == ("Bridge bill climbs", "2021-03-14")
    assert asyncio.run(retriever.ainvoke(QUESTION)) == [found]


def test_the_llama_index_retriever(folder: Path) -> None:
    pytest.importorskip("llama_index.core")
    from rag.integrations.llama_index import ClippingsRetriever

    retriever = ClippingsRetriever(index=str(folder), top_k=1)
    (found,) = retriever.retrieve(QUESTION)
    assert "587 million crowns" in found.text
    assert found.metadata["title"] == "Bridge bill climbs"
    assert found.score == found.metadata["score"] > 0


@pytest.mark.parametrize("name", ["langchain", "llama_index"])
def test_adapters_are_thin(name: str) -> None:
    lines = (Path(rag.__file__).parent / "integrations" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 40
