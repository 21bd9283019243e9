"""From hits to answers that prove themselves.

    Hit -> Evidence -> prompt -> Answer with Citations

    from rag import answer
    print(answer("How many people were wounded?", index="my-index").text)

`answer` and `stream_answer` are for a question now and then; a `Chatbot` keeps index and models open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from index import Filters, Index
from rag import calibration
from rag.answer import Answer, Citation, Evidence, Origin, Sentence
from rag.chatbot import Begun, Chatbot, Found, Said, Step, Waiting
from rag.models import load_generator
from rag.reader import load_reader
from rag.settings import Settings

__all__ = [
    "Answer",
    "Begun",
    "Chatbot",
    "Citation",
    "Evidence",
    "Filters",
    "Found",
    "Origin",
    "Said",
    "Sentence",
    "Settings",
    "Step",
    "Waiting",
    "answer",
    "open_chatbot",
    "stream_answer",
]


def answer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: Sequence[str] = (),
    filters: Filters = Filters(),  # noqa: B008 (frozen)
) -> Answer:
    """Answer a question from the index in the folder `index`; the user's own index and settings without one.

    `llm` names a language model, or is "none" to quote clippings only. `history` has the conversation's earlier
    questions. Raises ClippingsError with a message for people.
    """
    return _chatbot(_folder(index), llm).ask(question, history=history, filters=filters)


def stream_answer(
    question: str,
    *,
    index: Path | str | None = None,
    llm: str | None = None,
    history: Sequence[str] = (),
    filters: Filters = Filters(),  # noqa: B008 (frozen)
) -> Iterator[Step]:
    """Like `answer`, step by step: `Found` (the evidence), `Said` for each sentence, at last the `Answer`."""
    yield from _chatbot(_folder(index), llm).stream(question, history=history, filters=filters)


def open_chatbot(settings: Settings, *, use_llm: bool = True) -> Chatbot:
    """A Chatbot over the index and the model that the settings name."""
    generator = load_generator(settings.llm, settings.adapter) if use_llm and settings.llm != "none" else None
    chatbot = Chatbot(Index.open(settings.index), generator, settings, reader=load_reader(settings.reader))
    chatbot.threshold = calibration.threshold(Path(settings.index), chatbot.judgement)
    return chatbot


def _folder(index: Path | str | None) -> str | None:
    return None if index is None else str(Path(index).expanduser().absolute())


@lru_cache(maxsize=4)
def _chatbot(index: str | None, llm: str | None) -> Chatbot:
    return open_chatbot(Settings.load({"index": index, "llm": llm}))
