"""The writer: a LoRA adapter that was trained for the embedded language model on clippings' own prompts.

`scripts/train` creates it. It works only with the exact base weights that it was trained on, so its file stores their
hash.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from index.errors import ModelMissing, WrongUse
from rag.llm.gguf_header import text

EMBEDDED_WRITER = "smollm2-writer"

ADAPTER_FILE = Path(__file__).with_name("writer.gguf")

BASE_KEY = "clippings.base_sha256"
"""Metadata key of the adapter's file for the SHA-256 of the model file that the adapter was trained on."""


def adapter_for(name: str, base: Path) -> Path | None:
    """Returns the file of the adapter `name` for the model file `base`; None if `name` is "none".

    Raises WrongUse for an unknown name, ModelMissing if the file is missing or was trained on another model.
    """
    if name not in (EMBEDDED_WRITER, "none"):
        raise WrongUse(f"No adapter is called {name!r}. Known: {EMBEDDED_WRITER}, and none to do without.")
    if name == "none":
        return None
    try:
        trained_on = text(ADAPTER_FILE, BASE_KEY)
    except OSError as error:
        raise ModelMissing(f"The writer's weights cannot be read: {error}. Install clippings again.") from error
    with base.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != trained_on:
            raise ModelMissing(
                f"The adapter {name} was trained on another model than {base.name} and would only spoil its answers. "
                "Leave it out with --no-adapter, or use the embedded model."
            )
    return ADAPTER_FILE
