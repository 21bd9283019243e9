"""Indexing and asking contact nothing, not even this machine; watched from outside, with no offline switch set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

WATCH = """
import sys

contacted = []
EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
sys.addaudithook(lambda event, arguments: contacted.append((event, str(arguments))) if event in EVENTS else None)
"""

STANDINS = """
import index.index
import rag
from rag import relevance
from making import RELEVANCE
from standins import HashEmbedder, ScriptedGenerator

index.index.load_embedder = lambda name: HashEmbedder()
rag.load_generator = lambda *_: ScriptedGenerator(["The bridge will cost 587 million crowns. [1]"])
relevance.Model.load = lambda *_, **__: RELEVANCE
"""

ASK = """
from rag.cli import main

folder, articles = sys.argv[1:]
statuses = [
    main(["--index", folder, "index", "update", "--quiet", articles]),
    main(["--index", folder, "search", "Calder bridge"]),
    main(["--index", folder, "ask", "What will the Calder bridge cost?", *LLM]),
]
print(statuses, contacted)
"""

ONLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "GRADIO_ANALYTICS_ENABLED")


def run(program: str, *arguments: object) -> str:
    """Output of a program in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ONLINE}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_watch_notices_a_contact() -> None:
    program = WATCH + "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))\nprint(len(contacted))"
    assert run(program) == "1\n"


def test_indexing_and_asking_contact_nothing(tmp_path: Path, articles_folder: Path) -> None:
    out = run(WATCH + STANDINS + "LLM = []\n" + ASK, tmp_path / "offline", articles_folder)
    assert "The bridge will cost 587 million crowns. [1]" in out
    assert out.splitlines()[-1] == "[0, 0, 0] []"


@pytest.mark.models
def test_the_embedding_model_contacts_nothing(tmp_path: Path, articles_folder: Path) -> None:
    out = run(WATCH + "LLM = ['--no-llm']\n" + ASK, tmp_path / "offline", articles_folder)
    assert "587 million crowns" in out
    assert out.splitlines()[-1] == "[0, 0, 0] []"
