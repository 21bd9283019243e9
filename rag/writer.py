"""The writer: an adapter with which the embedded language model has learnt clippings' own prompts.

`scripts/train` makes it; it fits the very weights that it was trained on and no others, so it says which those are.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from index.errors import ModelMissing, WrongUse
from rag.gguf_header import text

EMBEDDED_WRITER = "smollm2-writer"

ADAPTER_FILE = Path(__file__).with_name("writer.gguf")

BASE_KEY = "clippings.base_sha256"
"""Where the adapter's file keeps the SHA-256 of the model's file that it was trained on."""


def adapter_for(name: str, base: Path) -> Path | None:
    """The file of the adapter called `name` for the model in `base`; None for "none".

    WrongUse for a name that is not known, ModelMissing if the file is not there or was trained on another model.
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
