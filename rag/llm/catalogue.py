"""The language models that can be chosen, and how each name is resolved and loaded.

    smollm2-135m                        names of the catalogue: the embedded model, and files of a model hub
    owner/repository:file.gguf          any other file of a hub
    path/to/model.gguf                  a local file
    http://127.0.0.1:8080#model         an OpenAI-compatible server

Only `clippings models pull` downloads files of a hub; choosing one that was not downloaded is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.embedding.packaged_model import PackagedFile
from index.errors import ModelMissing, WrongUse
from rag.llm.adapter import EMBEDDED_WRITER, adapter_for
from rag.llm.generation import EMBEDDED_LLM, SMOLLM2, Generator, LlamaGenerator
from rag.llm.hub import Download, HubFile, pull

if TYPE_CHECKING:
    from rag.llm.openai_server import ServerGenerator


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of `clippings models list`; sizes are approximate, in megabytes.

    The memory is that of the weights, 4,096 tokens of context, and the buffers for a batch of the prompt. `hub` is the
    file as `owner/repository:file`, None for the embedded model.
    """

    name: str
    parameters: str
    file_megabytes: int
    memory_megabytes: int
    licence: str
    installed: bool
    hub: str | None = None
    recommended: int = 0
    """Memory, in gigabytes, of the machines for which this model is the recommended first choice; 0 for none."""

    @property
    def command(self) -> str:
        """The shell command that installs the model on this machine."""
        return f"clippings models pull {self.name}" if self.hub else "pip install 'clippings[embedded]'"


# Selected for licences that allow use, chat templates with a system message, and a single file; smallest first.
_HUB_MODELS = (
    ("smollm2-360m", "0.36 billion", 390, 700, "Apache-2.0",
     "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF:smollm2-360m-instruct-q8_0.gguf"),
    ("qwen2.5-0.5b", "0.5 billion", 490, 900, "Apache-2.0",
     "Qwen/Qwen2.5-0.5B-Instruct-GGUF:qwen2.5-0.5b-instruct-q4_k_m.gguf"),
    ("qwen3-0.6b", "0.6 billion", 640, 1200, "Apache-2.0", "Qwen/Qwen3-0.6B-GGUF:Qwen3-0.6B-Q8_0.gguf"),
    ("gemma3-1b", "1.0 billion", 810, 1200, "Gemma", "ggml-org/gemma-3-1b-it-GGUF:gemma-3-1b-it-Q4_K_M.gguf"),
    ("lfm2-1.2b", "1.2 billion", 730, 1100, "LFM Open 1.0", "LiquidAI/LFM2-1.2B-GGUF:LFM2-1.2B-Q4_K_M.gguf"),
    ("llama3.2-1b", "1.2 billion", 810, 1300, "Llama 3.2 Community",
     "bartowski/Llama-3.2-1B-Instruct-GGUF:Llama-3.2-1B-Instruct-Q4_K_M.gguf"),
    ("qwen2.5-1.5b", "1.5 billion", 1120, 1600, "Apache-2.0",
     "Qwen/Qwen2.5-1.5B-Instruct-GGUF:qwen2.5-1.5b-instruct-q4_k_m.gguf"),
    ("smollm2-1.7b", "1.7 billion", 1060, 2000, "Apache-2.0",
     "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF:smollm2-1.7b-instruct-q4_k_m.gguf"),
    ("qwen3-1.7b", "1.7 billion", 1830, 2600, "Apache-2.0", "Qwen/Qwen3-1.7B-GGUF:Qwen3-1.7B-Q8_0.gguf"),
    ("smollm3-3b", "3.1 billion", 1920, 2700, "Apache-2.0", "ggml-org/SmolLM3-3B-GGUF:SmolLM3-Q4_K_M.gguf"),
    ("llama3.2-3b", "3.2 billion", 2020, 2800, "Llama 3.2 Community",
     "bartowski/Llama-3.2-3B-Instruct-GGUF:Llama-3.2-3B-Instruct-Q4_K_M.gguf"),
    ("granite4-micro", "3.4 billion", 2100, 2900, "Apache-2.0",
     "ibm-granite/granite-4.0-micro-GGUF:granite-4.0-micro-Q4_K_M.gguf"),
    ("phi3.5-mini", "3.8 billion", 2390, 4200, "MIT",
     "bartowski/Phi-3.5-mini-instruct-GGUF:Phi-3.5-mini-instruct-Q4_K_M.gguf"),
    ("gemma3-4b", "3.9 billion", 2490, 3400, "Gemma", "ggml-org/gemma-3-4b-it-GGUF:gemma-3-4b-it-Q4_K_M.gguf"),
    ("qwen3-4b", "4.0 billion", 2500, 3500, "Apache-2.0",
     "unsloth/Qwen3-4B-Instruct-2507-GGUF:Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
    ("qwen2.5-7b", "7.6 billion", 4680, 5300, "Apache-2.0",
     "bartowski/Qwen2.5-7B-Instruct-GGUF:Qwen2.5-7B-Instruct-Q4_K_M.gguf"),
    ("llama3.1-8b", "8.0 billion", 4920, 5800, "Llama 3.1 Community",
     "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"),
    ("qwen3-8b", "8.2 billion", 5030, 6100, "Apache-2.0", "Qwen/Qwen3-8B-GGUF:Qwen3-8B-Q4_K_M.gguf"),
)  # fmt: skip

_RECOMMENDED = {"qwen3-0.6b": 4, "qwen3-1.7b": 8, "qwen3-4b": 16, "qwen3-8b": 32}
"""For each recommended model, the memory of the machine, in gigabytes, for which it is the first choice."""


def catalogue() -> list[ModelEntry]:
    """Returns the models that can be chosen by name, smallest first."""
    embedded = ModelEntry(EMBEDDED_LLM, "0.1 billion", 98, 400, "Apache-2.0", _is_installed(SMOLLM2))
    return [embedded, *(_entry(*row) for row in _HUB_MODELS)]


def check_installed(name: str) -> str:
    """Returns the location of the model `name`, without loading it; a server is contacted to check that it answers.

    Raises ModelMissing, with the command that installs the model, if it is missing; CannotRun if the server is down.
    """
    if is_address(name):
        server = _server(name)
        return f"{server.name} at {server.url}"
    return str(_file(name))


def load_generator(name: str, adapter: str = "") -> Generator:
    """Loads the language model `name`: a catalogue name, owner/repository:file, a .gguf file, or a server's address.

    `adapter` names its adapter (`rag.llm.adapter`); empty for the writer on the embedded model and none on others.
    Raises ModelMissing, with a way to get it, if the model or the adapter is missing or unusable; CannotRun if the
    server is down; WrongUse for an adapter on the model of a server.
    """
    if is_address(name):
        if adapter not in ("", "none"):
            raise WrongUse(f"No adapter can be put on the model of a server. Leave out {adapter!r}, or {name}.")
        return _server(name)
    path = _file(name)
    own = EMBEDDED_WRITER if name == EMBEDDED_LLM else "none"
    return LlamaGenerator(
        path, name=name if _in_catalogue(name) else path.stem, adapter=adapter_for(adapter or own, path)
    )


def pull_model(name: str, *, quiet: bool = False) -> Download:
    """Downloads a model: a catalogue name, or owner/repository:file; a file that is already there is only checked.

    Raises WrongUse for a local file or a server, ModelMissing for an unknown name, and errors of `rag.llm.hub.pull`.
    """
    if name == EMBEDDED_LLM:
        path = SMOLLM2.locate()
        return Download(path, path.stat().st_size, SMOLLM2.sha256)
    if is_address(name) or Path(name).expanduser().is_file():
        raise WrongUse(f"{name} needs no download. Use it with: --llm {name}")
    file = _hub_file(name)
    if file is None:
        raise _unknown(name)
    return pull(file, quiet=quiet)


def is_address(name: str) -> bool:
    """Whether a model's name is the base URL of a server."""
    return name.startswith(("http://", "https://"))


def _server(address: str) -> ServerGenerator:
    from rag.llm.openai_server import ServerGenerator

    return ServerGenerator(address)


def _file(name: str) -> Path:
    """Returns the file of a model that runs in this process. Raises ModelMissing if it is missing."""
    if name == EMBEDDED_LLM:
        return SMOLLM2.locate()
    if file := _hub_file(name):
        if path := file.find():
            return path
        about = next((f" (about {e.file_megabytes:,} MB)" for e in catalogue() if e.name == name), "")
        raise ModelMissing(f"The model {name} is not on this machine. Get it{about} with: clippings models pull {name}")
    path = Path(name).expanduser()
    if path.suffix != ".gguf":
        raise _unknown(name)
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}. Give the path of a .gguf file, or see: clippings models list")
    return path


def _hub_file(name: str) -> HubFile | None:
    """Returns the hub file for a catalogue name or `owner/repository:file`; None for other names."""
    return HubFile.parse(next((hub for known, *_, hub in _HUB_MODELS if known == name), name))


def _in_catalogue(name: str) -> bool:
    return any(entry.name == name for entry in catalogue())


def _unknown(name: str) -> ModelMissing:
    known = ", ".join([EMBEDDED_LLM, *(row[0] for row in _HUB_MODELS)])
    return ModelMissing(
        f"No language model is called {name!r}. Known: {known}; or give the path of a .gguf file, "
        "owner/repository:file.gguf of a model hub, or the http address of a server."
    )


def _entry(name: str, parameters: str, file: int, memory: int, licence: str, hub: str) -> ModelEntry:
    found = HubFile.parse(hub)
    installed = found is not None and found.find() is not None
    return ModelEntry(name, parameters, file, memory, licence, installed, hub, _RECOMMENDED.get(name, 0))


def _is_installed(file: PackagedFile) -> bool:
    try:
        file.locate()
    except ModelMissing:
        return False
    return True
