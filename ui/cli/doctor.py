"""`clippings doctor`: checks what is installed and what is missing, and names the command that fixes it."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from index import Index
from index.embedding.embedder import MINILM
from index.errors import ClippingsError
from index.plural import several
from rag.llm.catalogue import check_installed
from rag.retrieval.other_languages import MEASURED, Figures
from rag.settings import Settings, settings_file

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "llama-cpp-python", "gradio", "trafilatura")


@dataclass(frozen=True, slots=True)
class Check:
    """One check:

    `detail` is what was found, or the problem and its fix. clippings cannot run if a `required` one fails.
    """

    name: str
    ok: bool
    detail: str
    required: bool = True


def run_checks(settings: Settings) -> list[Check]:
    """Check everything that clippings needs with these settings."""
    return [
        Check("python", True, platform.python_version()),
        *(_package(name) for name in PACKAGES),
        _check("embedding model", lambda: str(MINILM.locate())),
        _check("language model", lambda: _language_model(settings.llm)),
        _check("index", lambda: _index(settings), required=False),
        *(Check(language, True, _reading(figures)) for language, figures in MEASURED.items()),
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


def _reading(figures: Figures | None) -> str:
    if figures is None:
        return "questions and articles are read by models trained on it"
    return (
        f"found by words, stemmed: {figures.found:.0%} of answers in the first five passages, {figures.answered:.0%} "
        f"in the answer; {figures.refused:.0%} refused"
    )


def _index(settings: Settings) -> str:
    status = Index.open(settings.index).status()
    return f"{several(status.articles, 'article')} in {status.folder}"
