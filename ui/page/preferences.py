"""What a visitor can set: number of passages and length of an answer for themselves, the language model for all.

The model is written to the settings file, so that it is used after a restart; a command-line option or an environment
variable still takes precedence. Independent of Gradio.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping

import tomlkit

from index.atomic_write import appearing
from index.errors import CannotRun
from rag.answering import prompt
from rag.chatbot import Chatbot
from rag.llm.catalogue import ModelEntry, catalogue, load_generator, pull_model
from rag.llm.hub import HubFile, arrived
from rag.settings import settings_file
from ui.task import Task

PASSAGES = range(1, 21)
"""Numbers of passages per question that can be chosen."""

TOKENS = range(32, 513, 16)
"""Maximum lengths of an answer that can be chosen, in tokens; ten tokens are about seven words."""

NONE = "none"
"""The name that stands for no language model."""


def fitted(chatbot: Chatbot, preferences: Mapping[str, str]) -> Chatbot:
    """Returns a copy of the chatbot with one visitor's preferences; it shares index and models with the others.

    It keeps its model when another one is chosen meanwhile.
    """
    chosen = copy.copy(chatbot)
    numbers = {name: _number(preferences.get(name), among) for name, among in _NUMBERS.items()}
    chosen.settings = chatbot.settings.model_copy(update={name: number for name, number in numbers.items() if number})
    return chosen


def installed(chatbot: Chatbot) -> list[tuple[str, str]]:
    """Returns the models that can be chosen now, as pairs of label and name; the current one is among them."""
    entries = [(_described(entry), entry.name) for entry in catalogue() if entry.installed]
    today = current(chatbot)
    if today not in (NONE, *(name for _, name in entries)):
        entries.append((today, today))
    return [*entries, ("none: clippings are quoted", NONE)]


def missing() -> list[ModelEntry]:
    """Returns the models that can be downloaded."""
    return [entry for entry in catalogue() if not entry.installed and entry.hub]


def current(chatbot: Chatbot) -> str:
    """Returns the name of the current model."""
    return chatbot.settings.llm if chatbot.generator else NONE


def choose_model(chatbot: Chatbot, name: str) -> None:
    """Answer with another model from the next question on, and after a restart.

    Raises ClippingsError if it cannot be used. Loading takes seconds, during which the former model answers.
    """
    if name == current(chatbot):
        return
    generator = None if name == NONE else load_generator(name)
    if generator is not None:
        prompt.warm(generator)
    chatbot.generator, chatbot.settings = generator, chatbot.settings.model_copy(update={"llm": name})
    write_setting("llm", name)


def write_setting(name: str, value: str) -> None:
    """Set one text in the settings file, and keep the rest, comments too. Raises CannotRun if it cannot be written."""
    path, only_now = settings_file().resolve(), "It is used until clippings ends, but"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
        document[name] = value
        with appearing(path) as temporary:  # an interrupted write must not lose the rest
            temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
            if path.exists():
                shutil.copymode(path, temporary)
    except OSError as error:
        raise CannotRun(f"{only_now} {path} cannot be written: {error.strerror}.") from error
    except ValueError as error:
        raise CannotRun(f"{only_now} {path} is no valid TOML, so it was left as it is: {error}.") from error


class Pull(Task[int]):
    """A download of a model; its progress is the number of bytes received so far."""

    def __init__(self, entry: ModelEntry) -> None:
        """Start the download."""
        file = HubFile.parse(entry.hub or "")
        super().__init__(
            lambda: pull_model(entry.name, quiet=True), lambda: arrived(file) if file else 0, "downloading a model"
        )


def _number(text: str | None, among: range) -> int | None:
    return int(text) if text and text.isdigit() and int(text) in among else None


_NUMBERS = {"top_k": PASSAGES, "answer_tokens": TOKENS}


def _described(entry: ModelEntry) -> str:
    return f"{entry.name}: {entry.parameters} parameters, {entry.memory_megabytes:,} MB of memory, {entry.licence}"
