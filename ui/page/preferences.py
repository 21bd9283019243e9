"""What a visitor can set: number of passages and length of an answer for themselves, the language model for all.

The model is written to the settings file, so that it is used after a restart; a command-line option or an environment
variable still takes precedence. Independent of Gradio.
"""

from __future__ import annotations

import copy
import logging
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import tomlkit

from index.atomic_write import appearing
from index.errors import CannotRun, ClippingsError
from rag.answering import prompt
from rag.chatbot import Chatbot
from rag.llm.catalogue import ModelEntry, catalogue, load_generator, pull_model
from rag.llm.hub import HubFile, arrived
from rag.settings import settings_file
from ui.conversations.run import BEAT_SECONDS

_log = logging.getLogger(__name__)

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


@dataclass(slots=True)
class Pull:
    """A download of a model. Iterating over it starts it, and yields the bytes received so far.

    Afterwards `problem` is an error message for people, empty on success. The download continues after the browser that
    asked for it has disconnected.
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
        except Exception:  # the page must not wait for ever; the log holds the traceback
            _log.exception("downloading a model failed")
            self.problem = "Something went wrong inside clippings; the terminal it runs in says what."
        finally:
            self._ended.set()


def _number(text: str | None, among: range) -> int | None:
    return int(text) if text and text.isdigit() and int(text) in among else None


_NUMBERS = {"top_k": PASSAGES, "answer_tokens": TOKENS}


def _described(entry: ModelEntry) -> str:
    return f"{entry.name}: {entry.parameters} parameters, {entry.memory_megabytes:,} MB of memory, {entry.licence}"
