"""The user's settings, read from a file, the environment and command line flags.

Later sources override earlier ones: defaults, `settings.toml` in the user's configuration folder, `CLIPPINGS_*`
environment variables, flags of the command line.
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
from rag.llm.generation import EMBEDDED_LLM
from rag.reader.reader import EMBEDDED_READER

APP = "clippings"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; the comment on each gives its meaning and unit, and a reason to change it."""

    index: str = str(Path(platformdirs.user_data_dir(APP)) / "index")
    """Folder of the index. Change it to keep several archives apart."""
    llm: str = EMBEDDED_LLM
    """Language model: a name of `clippings models list`, a .gguf file, a server's address. Larger ones write better."""
    reader: str = EMBEDDED_READER
    """Network that marks the answer in passages: `clippings-reader` (embedded), or `none` to rank without one."""
    adapter: str = ""
    """LoRA adapter of the language model: empty for `smollm2-writer` on the embedded model, or `none`."""
    top_k: int = 5
    """Passages retrieved for an answer. More passages find rarer answers, and take longer to read."""
    sentences: int = 3
    """Sentences of those passages that a small model reads. More of them confuse small models."""
    answer_tokens: int = 96
    """Longest answer of the model, in tokens (about 70 words)."""
    strict: bool = False
    """Whether to show only sentences that are quoted or surely supported, and none of level OWN_WORDS."""
    host: str = "127.0.0.1"
    """Address that the chat page listens on."""
    port: int = 7860
    """Port of the chat page. Change it when another program has it."""
    root_path: str = ""
    """Path or full URL under which a reverse proxy serves the page; empty without a proxy."""
    auth: str = ""
    """File of user accounts, written by `clippings auth`; empty to serve this machine only, without a login."""

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Settings:
        """Merges defaults, file, environment, and the flags that are not None.

        Raises WrongUse for an unknown setting or an invalid value.
        """
        values: dict[str, Any] = {**_from_file(), **_from_environment()}
        values |= {name: value for name, value in (flags or {}).items() if value is not None}
        types = {field.name: type(field.default) for field in fields(cls)}
        if unknown := sorted(set(values) - set(types)):
            raise WrongUse(f"{settings_file()}: unknown settings {unknown}. Known ones: {', '.join(types)}")
        return cls(**{name: _converted(name, value, types[name]) for name, value in values.items()})


def settings_file() -> Path:
    """The path of the settings file, which need not exist."""
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
        number = int(str(value))  # through str, because int() itself would accept True and 1.5
    except ValueError:
        raise WrongUse(f"The setting {name} must be a whole number, not {value!r}.") from None
    if number < 1:
        raise WrongUse(f"The setting {name} must be at least 1, not {value}.")
    if name == "port" and number > 65_535:
        raise WrongUse(f"The setting port must be at most 65535, not {value}.")
    return number
