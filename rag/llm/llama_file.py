"""Load a GGUF file with llama.cpp as a chat model, or raise an error that gives the reason in one line.

llama.cpp reports the reason only in its log, so the log is captured while a file is loaded.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from index.errors import ModelMissing

_CHOOSE_ANOTHER = "Choose an instruct or chat model."

_NO_THINKING = "{%- set enable_thinking = false -%}"
"""Disables reasoning in chat templates of models that support it; other templates ignore the variable."""

_TRIAL = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
"""A chat with the roles of clippings' prompts, to test a chat template."""


def load_llama(path: Path, *, context_tokens: int, threads: int, adapter: Path | None = None) -> Any:
    """Returns the `llama_cpp.Llama` of a file, with its adapter.

    Raises ModelMissing if the file is missing, damaged or not a chat model, or if the adapter cannot be used.
    """
    import jinja2
    import llama_cpp

    if not path.is_file():
        raise ModelMissing(f"No model file at {path}. Choose one with --llm, or: clippings models list")
    with listening() as lines:
        try:
            llama = llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_threads=threads,
                n_threads_batch=threads,
                lora_path=str(adapter) if adapter else None,
                verbose=False,
            )
        except RuntimeError as error:  # llama_cpp raises this for an unusable adapter
            raise ModelMissing(f"The adapter {adapter} cannot be used: {error}. Install clippings again.") from error
        except ValueError as error:
            raise ModelMissing(f"{path} is not a model that llama.cpp can run: {_reason(lines, error)}") from error
        except jinja2.TemplateError as error:  # llama_cpp parses the chat templates while it loads
            raise _bad_template(path, error) from error
    if _is_embedding_model(llama.metadata):
        kind = llama.metadata.get("general.architecture")
        raise ModelMissing(f"{path} cannot chat: it is an embedding model ({kind}). {_CHOOSE_ANOTHER}")
    return llama


def chat_format(llama: Any, path: Path) -> Any:
    """Returns the formatter for the file's chat template. Raises ModelMissing if there is none that works."""
    import jinja2
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    template = llama.metadata.get("tokenizer.chat_template")
    if not template:
        raise ModelMissing(f"{path} cannot chat: it has no chat template. {_CHOOSE_ANOTHER}")
    eos, bos = llama.token_eos(), llama.token_bos()
    try:
        formatter = Jinja2ChatFormatter(
            template=_NO_THINKING + template,
            eos_token=llama._model.token_get_text(eos),
            bos_token=llama._model.token_get_text(bos) if bos != -1 else "",
            stop_token_ids=[eos],
        )
        formatter(messages=_TRIAL)
    except (jinja2.TemplateError, ValueError) as error:  # ValueError: the template's own raise_exception
        raise _bad_template(path, error) from error
    return formatter


def _bad_template(path: Path, error: Exception) -> ModelMissing:
    reason = " ".join(str(error).split()).rstrip(".")
    return ModelMissing(
        f"{path} cannot be used: its chat template fails on a system and a user message ({reason}). "
        "Choose another model."
    )


@contextmanager
def listening() -> Iterator[list[str]]:
    """Yields a list that collects the lines that llama.cpp logs in this thread; none of them is printed."""
    _listen()
    before = getattr(_heard, "lines", None)
    lines: list[str] = []
    _heard.lines = lines
    try:
        yield lines
    finally:
        _heard.lines = before


_heard = threading.local()


@cache
def _listen() -> None:
    """Installs a log callback in llama.cpp: once, for all threads, and permanently.

    Removing it would crash the process if another thread is logging through it at that moment.
    """
    import llama_cpp

    printing, data_of_printing = llama_cpp.llama_log_callback(), ctypes.c_void_p()
    llama_cpp.llama_log_get(ctypes.byref(printing), ctypes.byref(data_of_printing))

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def hear(level: int, text: bytes, data: ctypes.c_void_p) -> None:
        lines = getattr(_heard, "lines", None)
        if lines is None:
            printing(level, text, data_of_printing)
        else:
            lines.append(text.decode(errors="replace").strip())

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(hear))  # never freed: the callback must outlive the interpreter
    llama_cpp.llama_log_set(hear, ctypes.c_void_p(0))


_MESSAGE = re.compile(r"(?:error loading model: |gguf_init\w*: )(?!.*failed to load model from)(.*)")
_UNKNOWN = re.compile(r"unknown model architecture: '?(.*?)'?$")


def _reason(lines: list[str], error: ValueError) -> str:
    """Returns why llama.cpp did not load the file, and what to do; the first reason logged is the actual cause."""
    message = next((found[1] for line in lines if (found := _MESSAGE.search(line))), str(error))
    if unknown := _UNKNOWN.search(message):
        return (
            f"its architecture {unknown[1]!r} is not known to llama-cpp-python {metadata.version('llama-cpp-python')}. "
            "Choose another model, or try: pip install --upgrade llama-cpp-python"
        )
    if "invalid magic" in message:
        return "it is no GGUF file. Choose a .gguf chat model."
    if "failed to read" in message or "file bounds" in message:
        return f"it is cut off or damaged ({message}). Download it again."
    return f"{message.rstrip('.')}. Choose another model."


def _is_embedding_model(keys: dict[str, str]) -> bool:
    """Whether the metadata state pooled vectors or bidirectional attention: such a model cannot generate text."""
    kind = keys.get("general.architecture")
    return keys.get(f"{kind}.pooling_type", "0") != "0" or keys.get(f"{kind}.attention.causal") == "false"
