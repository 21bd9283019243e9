"""What a visitor can set: number of passages and length of an answer for themselves, the language model for all.

The model is written to the settings file, so that it is used after a restart; a command-line option or an environment
variable still takes precedence. Independent of Gradio.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress

import tomlkit

from index.atomic_write import appearing
from index.errors import CannotRun
from rag.answering import prompt
from rag.chatbot import Chatbot
from rag.llm.catalogue import ModelEntry, catalogue, load_generator, pull_model
from rag.llm.generation import CAPABLE, LARGE, cores
from rag.llm.hub import HubFile, arrived
from rag.settings import settings_file
from ui.task import Task

PASSAGES = range(1, 21)
"""Numbers of passages per question that can be chosen."""

TOKENS = range(32, 513, 16)
"""Maximum lengths of an answer that can be chosen, in tokens; ten tokens are about seven words."""

MOST_CORES = 4
"""Processor cores beyond which a model writes no faster, because the memory is not."""

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


WORDS_A_MINUTE = 80_000
"""Words that one processor core writes in a minute, times the size of the model's file in megabytes (measured.md)."""


def facts(entry: ModelEntry) -> list[str]:
    """Returns for people what a model is good for, its memory, its speed on this machine, its size and licence."""
    parameters = 1e9 * float(entry.parameters.split()[0])
    small, medium = "short answers of fact; all else is quoted", "answers in its own words, with quotations after them"
    words = WORDS_A_MINUTE * min(cores(), MOST_CORES) / entry.file_megabytes
    return [
        small if parameters < CAPABLE else medium if parameters < LARGE else "whole answers in its own words",
        f"{entry.memory_megabytes:,} MB of memory",
        f"about {max(round(words, -1), 10):,.0f} words a minute here",
        f"{entry.parameters} parameters",
        entry.licence,
    ]


def recommended() -> str:
    """Returns the name of the model that is recommended for the memory of this machine."""
    sizes = {entry.recommended: entry.name for entry in catalogue() if entry.recommended}
    return sizes[max((size for size in sizes if size <= _gigabytes()), default=min(sizes))]


def _gigabytes() -> float:
    """Returns the memory of this machine, rounded up a little, since a part of it is not reported; 0 if unknown."""
    with suppress(AttributeError, OSError, ValueError):  # not on Windows
        return 1.1 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return 0.0


def _described(entry: ModelEntry) -> str:
    mark = " (recommended for this machine)" if entry.name == recommended() else ""
    return f"{entry.name}{mark}: {', '.join(facts(entry))}"
