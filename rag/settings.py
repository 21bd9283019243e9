"""The user's settings, read from a file, the environment and command line flags.

Later sources override earlier ones: defaults, `settings.toml` in the user's configuration folder, `CLIPPINGS_*`
environment variables, flags of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.errors import WrongUse
from rag.llm.generation import EMBEDDED_LLM
from rag.reader.reader import EMBEDDED_READER

APP = "clippings"

Count = Annotated[int, BeforeValidator(str), Field(ge=1)]  # through str, because True is an int, too

_MUST_BE = {
    "string": "a text in quotes, not {value!r}",
    "bool": "true or false, not {value!r}",
    "int": "a whole number, not {value!r}",
    "greater": "at least {ge}, not {value}",
    "less": "at most {le}, not {value}",
}
"""What is said of a wrong value, by the beginning of pydantic's name for the error."""


class Settings(BaseSettings):
    """All settings; the comment on each gives its meaning and unit, and a reason to change it.

    `Settings()` has the defaults; `load` also reads the user's file and the environment.
    """

    model_config = SettingsConfigDict(env_prefix="CLIPPINGS_", extra="forbid", frozen=True)

    index: str = str(Path(platformdirs.user_data_dir(APP)) / "index")
    """Folder of the index. Change it to keep several archives apart."""
    llm: str = EMBEDDED_LLM
    """Language model: a name of `clippings models list`, a .gguf file, a server's address. Larger ones write better."""
    reader: str = EMBEDDED_READER
    """Network that marks the answer in passages: `clippings-reader` (embedded), or `none` to rank without one."""
    adapter: str = ""
    """LoRA adapter of the language model: empty for `smollm2-writer` on the embedded model, or `none`."""
    top_k: Count = 5
    """Passages retrieved for an answer. More passages find rarer answers, and take longer to read."""
    sentences: Count = 3
    """Sentences of those passages that a small model reads. More of them confuse small models."""
    answer_tokens: Count = 96
    """Longest answer of the model, in tokens (about 70 words)."""
    strict: bool = False
    """Whether to show only sentences that are quoted or surely supported, and none of level OWN_WORDS."""
    host: str = "127.0.0.1"
    """Address that the chat page listens on."""
    port: Annotated[Count, Field(le=65_535)] = 7860
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
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        try:
            return cls(**{**_from_file(), **EnvSettingsSource(cls)(), **given})
        except ValidationError as error:
            raise WrongUse(_explained(error)) from None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *args: Any, **kwargs: Any
    ) -> tuple[PydanticBaseSettingsSource]:
        """Reads nothing but the arguments, so that only `load` depends on the user's surroundings."""
        return (init_settings,)


def settings_file() -> Path:
    """The path of the settings file, which need not exist."""
    return Path(platformdirs.user_config_dir(APP)) / "settings.toml"


def _from_file() -> dict[str, Any]:
    path = settings_file()
    try:
        return TomlConfigSettingsSource(Settings, path)()
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read: {error}") from error


def _explained(error: ValidationError) -> str:
    """Returns in one line which settings are unknown, or else what the first wrong value must be."""
    errors = error.errors()
    if unknown := sorted(str(one["loc"][0]) for one in errors if one["type"] == "extra_forbidden"):
        return f"{settings_file()}: unknown settings {unknown}. Known ones: {', '.join(Settings.model_fields)}"
    wrong = errors[0]
    must_be = _MUST_BE[wrong["type"].partition("_")[0]].format(value=wrong["input"], **wrong.get("ctx", {}))
    return f"The setting {wrong['loc'][0]} must be {must_be}."
