"""Answer questions from the indexed articles, with citations: the public Python interface.

    Hit -> Evidence -> prompt -> Answer with Citations

    from rag import answer
    print(answer("How many people were wounded?", index="my-index").text)

`answer` and `stream_answer` are for occasional questions, `aanswer` and `astream_answer` are their asyncio versions,
and `search` returns passages without an answer. A `Chatbot` keeps the index and the models open.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from functools import lru_cache
from pathlib import Path

from index import Filters, Hit, Index
from rag.answer import Answer, Citation, Evidence, Level, Outcome, Sentence
from rag.answering.asyncio_bridge import answer_of, steps_of
from rag.answering.steps import Begun, Found, Lead, Said, Step, Waiting
from rag.chatbot import Chatbot
from rag.llm.catalogue import load_generator
from rag.question.kinds import Kind
from rag.question.question import Exchange, History, Question
from rag.reader.reader import load_reader
from rag.retrieval import calibration
from rag.settings import Settings

__all__ = [
    "Answer", "Begun", "Chatbot", "Citation", "Evidence", "Exchange", "Filters", "Found", "Kind", "Lead", "Level",
    "Outcome", "Question", "Said", "Sentence", "Settings", "Step", "Waiting", "aanswer", "answer", "astream_answer",
    "open_chatbot", "open_searcher", "search", "stream_answer",
]  # fmt: skip


def answer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: History = (),
    filters: Filters = Filters(),
) -> Answer:
    """Answers a question from the index in the folder `index`; None stands for the index named in the user's settings.

    `llm` names a language model, or is "none" to quote clippings only. `history` contains the earlier questions of the
    conversation. Raises ClippingsError with a message for the user.
    """
    return _chatbot(_folder(index), llm).ask(question, history=history, filters=filters)


def stream_answer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: History = (),
    filters: Filters = Filters(),
) -> Iterator[Step]:
    """Like `answer`, but yields each step: `Found` (the evidence), `Said` for each sentence, finally the `Answer`."""
    yield from _chatbot(_folder(index), llm).stream(question, history=history, filters=filters)


async def aanswer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: History = (),
    filters: Filters = Filters(),
) -> Answer:
    """The asyncio version of `answer`. Cancelling the task stops the model."""
    async with aclosing(astream_answer(question, index=index, llm=llm, history=history, filters=filters)) as steps:
        return await answer_of(steps)


async def astream_answer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: History = (),
    filters: Filters = Filters(),
) -> AsyncGenerator[Step]:
    """The asyncio version of `stream_answer`. Closing the iterator (`contextlib.aclosing`) stops the model."""

    def start(stop: threading.Event) -> Iterator[Step]:
        return _chatbot(_folder(index), llm).stream(question, history=history, filters=filters, stop=stop)

    async with aclosing(steps_of(start)) as steps:
        async for step in steps:
            yield step


def search(
    question: str, *, index: Path | str | None = None, top_k: int | None = None, filters: Filters = Filters()
) -> list[Hit]:
    """Returns the `top_k` best passages for a question, best first; `top_k` defaults to the setting of that name.

    Raises ClippingsError with a message for the user.
    """
    return _searcher(_folder(index)).search(question, top_k=top_k, filters=filters)


def open_chatbot(settings: Settings, *, use_llm: bool = True) -> Chatbot:
    """Returns a Chatbot for the index and the language model that the settings name."""
    generator = load_generator(settings.llm, settings.adapter) if use_llm and settings.llm != "none" else None
    chatbot = Chatbot(Index.open(settings.index), generator, settings, reader=load_reader(settings.reader))
    chatbot.threshold = calibration.threshold(Path(settings.index), chatbot.scores.answerable)
    return chatbot


def open_searcher(settings: Settings) -> Chatbot:
    """Returns a Chatbot for search only: without the language model and the reader, which take longest to load."""
    return Chatbot(Index.open(settings.index), None, settings)


def _folder(index: Path | str | None) -> str | None:
    return None if index is None else str(Path(index).expanduser().absolute())


_opening = threading.RLock()  # so that simultaneous questions do not load the models twice


def _chatbot(index: str | None, llm: str | None) -> Chatbot:
    with _opening:
        return _kept_chatbot(index, llm)


def _searcher(index: str | None) -> Chatbot:
    with _opening:
        return _kept_searcher(index)


@lru_cache(maxsize=4)
def _kept_chatbot(index: str | None, llm: str | None) -> Chatbot:
    return open_chatbot(Settings.load({"index": index, "llm": llm}))


@lru_cache(maxsize=4)
def _kept_searcher(index: str | None) -> Chatbot:
    return open_searcher(Settings.load({"index": index}))
