"""Which language models can answer here: the embedded one, and files of the user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index.errors import ModelMissing
from index.packaged import PackagedFile
from rag.generation import EMBEDDED_LLM, SMOLLM2, Generator, LlamaGenerator


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of `clippings models list`; sizes in megabytes, memory while answering included."""

    name: str
    parameters: str
    file_megabytes: int
    memory_megabytes: int
    licence: str
    installed: bool


def catalogue() -> list[ModelEntry]:
    """The models that can be chosen by name."""
    return [ModelEntry(EMBEDDED_LLM, "0.1 billion", 98, 400, "Apache-2.0", _is_installed(SMOLLM2))]


def check_installed(name: str) -> str:
    """Where the model called `name` lies, without loading it. ModelMissing if it is not there."""
    if name == EMBEDDED_LLM:
        return str(SMOLLM2.locate())
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return str(path)
    known = ", ".join(entry.name for entry in catalogue())
    raise ModelMissing(f"No language model is called {name!r}. Known: {known}; or give the path of a .gguf file.")


def load_generator(name: str) -> Generator:
    """The language model called `name`: a catalogue name or the path of a .gguf file.

    ModelMissing if it is not there or cannot be used, with the way to get it.
    """
    path = Path(check_installed(name))
    return LlamaGenerator(path, name=name if name == EMBEDDED_LLM else path.stem)


def _is_installed(file: PackagedFile) -> bool:
    try:
        file.locate()
    except ModelMissing:
        return False
    return True
