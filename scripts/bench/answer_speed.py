"""Times of whole answers, beside those of llama.cpp alone with a prompt of the same length in the same run."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rag.chatbot import Chatbot
from rag.llm.adapter import ADAPTER_FILE
from rag.llm.generation import CONTEXT_TOKENS, LlamaGenerator, Message, cores
from rag.llm.llama_file import load_llama
from rag.llm.requantize import faster_copy


@dataclass(slots=True)
class Written:
    """One prompt and what came of it; seconds."""

    text: str
    tokens: int
    first: float = 0.0
    total: float = 0.0
    pieces: int = 0


@dataclass(slots=True)
class Watched:
    """A generator whose streams are timed; everything else is the generator's own."""

    generator: LlamaGenerator
    written: list[Written] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generator, name)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """The generator's pieces, timed."""
        text = "\n".join(message.content for message in messages)
        note = Written(text, self.generator.count_tokens(messages))
        self.written.append(note)
        start = time.perf_counter()
        pieces = self.generator.stream(messages, max_tokens=max_tokens, stop=stop)
        try:
            for piece in pieces:
                note.first = note.first or time.perf_counter() - start
                note.pieces += 1
                yield piece
        finally:
            pieces.close()  # type: ignore[attr-defined]  # a generator
            note.total = time.perf_counter() - start


class Bare:
    """llama.cpp with the same weights, adapter, threads and context, and nothing around it."""

    def __init__(self, path: Path, adapter: Path | None) -> None:
        self._llama = load_llama(faster_copy(path), context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)

    def write(self, like: Written) -> Written:
        """Read as many tokens of the same text, write as many, also where the model would have ended before."""
        tokens = self._llama.tokenize(like.text.encode(), add_bos=False, special=False)
        tokens = (tokens * (1 + like.tokens // len(tokens)))[: like.tokens]
        note = Written(like.text, like.tokens)
        start = time.perf_counter()
        for _ in islice(self._llama.generate(tokens, temp=0.0, repeat_penalty=1.0), like.pieces):
            note.first = note.first or time.perf_counter() - start
            note.pieces += 1
        note.total = time.perf_counter() - start
        return note


def measure(chatbot: Chatbot, plain: Chatbot, model: Path, questions: Sequence[str]) -> dict[str, float]:
    """Medians over the questions that the model was asked about.

    `overhead` is how much longer the whole answer takes than llama.cpp alone, `around_model` how much longer the
    model's own part does; both as shares. `plain` is the same without reader and adapter, asked in turn.
    """
    assert isinstance(chatbot.generator, LlamaGenerator)
    watched, bare = Watched(chatbot.generator), Bare(model, ADAPTER_FILE if chatbot.generator.adapted else None)
    chatbot.generator = watched  # type: ignore[assignment]  # all but `stream` is looked up by name
    rows = []
    for question in questions:
        before = len(watched.written)
        answer = chatbot.ask(question)
        if len(watched.written) == before or not watched.written[-1].pieces:
            continue
        ours = watched.written[-1]
        rows.append((answer.timings, ours, bare.write(ours), plain.ask(question).timings))
    timings, ours, alone, untrained = zip(*rows, strict=True)
    totals = [t.total for t in timings]
    return {
        "questions": len(rows),
        "first_evidence_s": _median([t.evidence for t in timings]),
        "first_word_s": _median([t.first_word for t in timings]),
        "total_s": _median(totals),
        "plain_first_evidence_s": _median([t.evidence for t in untrained]),
        "plain_first_word_s": _median([t.first_word for t in untrained if t.first_word]),
        "plain_total_s": _median([t.total for t in untrained]),
        "prompt_tokens": _median([o.tokens for o in ours]),
        "written_tokens": _median([o.pieces for o in ours]),
        "model_s": _median([o.total for o in ours]),
        "bare_s": _median([b.total for b in alone]),
        "prompt_tokens_per_s": _median([o.tokens / o.first for o in ours]),
        "bare_prompt_tokens_per_s": _median([b.tokens / b.first for b in alone]),
        "written_tokens_per_s": _rate(ours),
        "bare_written_tokens_per_s": _rate(alone),
        "around_model": round(sum(o.total for o in ours) / sum(b.total for b in alone) - 1, 3),
        "overhead": round(sum(totals) / sum(b.total for b in alone) - 1, 3),
    }


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


def _rate(notes: Sequence[Written]) -> float:
    """Tokens a second after the first."""
    return round(sum(n.pieces - 1 for n in notes) / max(1e-9, sum(n.total - n.first for n in notes)), 1)
