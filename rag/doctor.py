"""What is installed, what is missing, and the command that fixes it: `clippings doctor`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from index import Index
from index.embedding import MINILM
from index.errors import ClippingsError
from index.report import several
from rag.models import check_installed
from rag.settings import Settings, settings_file

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "llama-cpp-python", "gradio", "trafilatura")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, or what is wrong and what to do. Without the required ones nothing runs."""

    name: str
    ok: bool
    detail: str
    required: bool = True


def run_checks(settings: Settings) -> list[Check]:
    """Look at everything that clippings needs with these settings."""
    return [
        Check("python", True, platform.python_version()),
        *(_package(name) for name in PACKAGES),
        _check("embedding model", lambda: str(MINILM.locate())),
        _check("language model", lambda: _language_model(settings.llm)),
        _check("index", lambda: _index(settings), required=False),
        Check("settings", True, f"{settings_file()}{'' if settings_file().is_file() else ' (not there: defaults)'}"),
    ]


def _check(name: str, look: Callable[[], str], *, required: bool = True) -> Check:
    try:
        return Check(name, True, look(), required)
    except ClippingsError as error:
        return Check(name, False, str(error), required)


def _package(name: str) -> Check:
    try:
        return Check(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, False, f"not installed. Install it with: pip install {name}")


def _language_model(name: str) -> str:
    return "none: clippings are quoted" if name == "none" else check_installed(name)


def _index(settings: Settings) -> str:
    status = Index.open(settings.index).status()
    return f"{several(status.articles, 'article')} in {status.folder}"
