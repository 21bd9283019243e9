"""What a reader can choose: passages looked at and length of an answer for themselves, the language model for all.

The model is written to the settings file, so that it is there after a restart; a flag of the command line or a
variable of the environment still wins over it. Knows nothing about Gradio.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from index.errors import CannotRun, ClippingsError
from index.saving import appearing
from rag import prompting
from rag.chatbot import Chatbot
from rag.downloads import HubFile, arrived
from rag.models import ModelEntry, catalogue, load_generator, pull_model
from rag.settings import settings_file
from ui.running import BEAT_SECONDS

_log = logging.getLogger(__name__)

PASSAGES = range(1, 21)
"""Passages looked at that can be chosen."""

TOKENS = range(32, 513, 16)
"""Lengths of an answer that can be chosen, in tokens; ten are about seven words."""

NONE = "none"
"""The choice of no language model."""


def fitted(chatbot: Chatbot, preferences: Mapping[str, str]) -> Chatbot:
    """The chatbot as one reader wants it; it shares index and models with the others, and keeps its own model."""
    chosen = copy.copy(chatbot)
    top_k, tokens = (_number(preferences.get(name), among) for name, among in _NUMBERS.items())
    settings = chatbot.settings
    chosen.settings = replace(settings, top_k=top_k or settings.top_k, answer_tokens=tokens or settings.answer_tokens)
    return chosen


def installed(chatbot: Chatbot) -> list[tuple[str, str]]:
    """The models that can be chosen now, each as what is shown and its name; that of today among them."""
    entries = [(_described(entry), entry.name) for entry in catalogue() if entry.installed]
    today = current(chatbot)
    if today not in (NONE, *(name for _, name in entries)):
        entries.append((today, today))
    return [*entries, ("none: clippings are quoted", NONE)]


def missing() -> list[ModelEntry]:
    """The models that can be downloaded."""
    return [entry for entry in catalogue() if not entry.installed and entry.hub]


def current(chatbot: Chatbot) -> str:
    """The name of today's model."""
    return chatbot.settings.llm if chatbot.generator else NONE


def choose_model(chatbot: Chatbot, name: str) -> None:
    """Answer with another model from the next question on, and after a restart. ClippingsError if it cannot be used.

    Loading takes seconds, for which questions are answered with the former one.
    """
    if name == current(chatbot):
        return
    generator = None if name == NONE else load_generator(name)
    if generator is not None:
        prompting.warm(generator)
    chatbot.generator, chatbot.settings = generator, replace(chatbot.settings, llm=name)
    write_setting("llm", name)


def write_setting(name: str, value: str) -> None:
    """Set one text in the settings file, which keeps everything else, comments too. CannotRun if it cannot be."""
    path, line = settings_file().resolve(), f"{name} = {json.dumps(value, ensure_ascii=False)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        written, count = re.subn(rf"(?m)^\s*{re.escape(name)}\s*=.*$", lambda _: line, text, count=1)
        with appearing(path) as temporary:  # a stop in the middle must not cost the rest
            temporary.write_text(written if count else f"{line}\n{text}", encoding="utf-8")
            if path.exists():
                shutil.copymode(path, temporary)
    except OSError as error:
        raise CannotRun(f"It is used until clippings ends, but {path} cannot be written: {error.strerror}.") from error


@dataclass(slots=True)
class Pull:
    """A download of a model: iterate over it for the bytes that are there, then see `problem`, for people.

    It goes on when the browser that asked for it has gone.
    """

    entry: ModelEntry
    problem: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def __iter__(self) -> Iterator[int]:
        threading.Thread(target=self._run, name="clippings-pull", daemon=True).start()
        file = HubFile.parse(self.entry.hub or "")
        while not self._ended.wait(BEAT_SECONDS):
            yield arrived(file) if file else 0

    def _run(self) -> None:
        try:
            pull_model(self.entry.name, quiet=True)
        except ClippingsError as error:
            self.problem = str(error)
        except Exception:  # the page must not wait for ever; the log has it whole
            _log.exception("downloading a model failed")
            self.problem = "Something went wrong inside clippings; the terminal it runs in says what."
        finally:
            self._ended.set()


def _number(text: str | None, among: range) -> int | None:
    return int(text) if text and text.isdigit() and int(text) in among else None


_NUMBERS = {"top_k": PASSAGES, "answer_tokens": TOKENS}


def _described(entry: ModelEntry) -> str:
    return f"{entry.name}: {entry.parameters} parameters, {entry.memory_megabytes:,} MB of memory, {entry.licence}"
