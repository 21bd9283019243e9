"""Settings: the few things a user may want to change, from a file, the environment and flags.

Later ones win: defaults, then `settings.toml` in the user's configuration folder, then `CLIPPINGS_*` variables, then
flags of the command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import platformdirs

from index.errors import WrongUse
from rag.generation import EMBEDDED_LLM
from rag.reader.reader import EMBEDDED_READER

APP = "clippings"


@dataclass(frozen=True, slots=True)
class Settings:
    """One value each; the comment gives the unit and why someone would change it."""

    index: str = str(Path(platformdirs.user_data_dir(APP)) / "index")
    """Folder of the index. Change it to keep several archives apart."""
    llm: str = EMBEDDED_LLM
    """Language model: a name of `clippings models list`, a .gguf file, a server's address. Bigger writes better."""
    reader: str = EMBEDDED_READER
    """What reads passages and points at the answer: `clippings-reader` (embedded), or `none` to go by words."""
    adapter: str = ""
    """What the language model has learnt besides: empty for `smollm2-writer` on the embedded model, or `none`."""
    top_k: int = 5
    """Passages looked at for an answer. More find rarer answers, and take longer to read."""
    sentences: int = 3
    """Sentences of those passages that the model reads. Small models lose their way in more."""
    answer_tokens: int = 96
    """Longest answer of the model, in tokens (about 70 words)."""
    strict: bool = False
    """Whether only sentences are shown that are quoted or surely supported, none in the model's words alone."""
    host: str = "127.0.0.1"
    """Address that the chat page listens on."""
    port: int = 7860
    """Port of the chat page. Change it when another program has it."""
    root_path: str = ""
    """Path or whole address under which a proxy shows the page; empty without one."""
    auth: str = ""
    """File of those who may come in, made by `clippings auth`; empty to serve this machine alone, without asking."""

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Settings:
        """Defaults, file, environment, then those flags that are not None. WrongUse for a value that does not fit."""
        values: dict[str, Any] = {**_from_file(), **_from_environment()}
        values |= {name: value for name, value in (flags or {}).items() if value is not None}
        types = {field.name: type(field.default) for field in fields(cls)}
        if unknown := sorted(set(values) - set(types)):
            raise WrongUse(f"{settings_file()}: unknown settings {unknown}. Known ones: {', '.join(types)}")
        return cls(**{name: _converted(name, value, types[name]) for name, value in values.items()})


def settings_file() -> Path:
    """Where the settings file is looked for."""
    return Path(platformdirs.user_config_dir(APP)) / "settings.toml"


def _from_file() -> dict[str, Any]:
    path = settings_file()
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read: {error}") from error


def _from_environment() -> dict[str, str]:
    names = [field.name for field in fields(Settings)]
    return {name: os.environ[key] for name in names if (key := f"CLIPPINGS_{name.upper()}") in os.environ}


def _converted(name: str, value: Any, kind: type) -> Any:
    if kind is str:
        if not isinstance(value, (str, Path)):
            raise WrongUse(f"The setting {name} must be a text in quotes, not {value!r}.")
        return str(value)
    if kind is bool:
        if str(value).lower() not in ("true", "false"):
            raise WrongUse(f"The setting {name} must be true or false, not {value!r}.")
        return str(value).lower() == "true"
    try:
        number = int(str(value))  # through text, for `true` and 1.5 are no whole numbers, though int() takes them
    except ValueError:
        raise WrongUse(f"The setting {name} must be a whole number, not {value!r}.") from None
    if number < 1:
        raise WrongUse(f"The setting {name} must be at least 1, not {value}.")
    if name == "port" and number > 65_535:
        raise WrongUse(f"The setting port must be at most 65535, not {value}.")
    return number
