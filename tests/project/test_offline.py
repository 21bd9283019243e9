"""Indexing and asking contact nothing, not even this machine; the chat page's server only this machine.

Watched from outside, with no offline switch set: by Python's audit events; and below Python, by a library that writes down
every contact, also where there is no network but loopback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from served import free_port
from standins import STANDINS

ROOT = Path(__file__).parents[2]

WATCH = """
import sys

contacted = []
EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
sys.addaudithook(lambda event, arguments: contacted.append((event, str(arguments))) if event in EVENTS else None)
"""

ASK = """
from ui.cli.parser import main

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
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "helpers")])
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_watch_notices_a_contact() -> None:
    program = WATCH + "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))\nprint(len(contacted))"
    assert run(program) == "1\n"


@pytest.mark.slow
def test_indexing_and_asking_contact_nothing(tmp_path: Path, articles_folder: Path) -> None:
    out = run(WATCH + STANDINS + "LLM = []\n" + ASK, tmp_path / "offline", articles_folder)
    assert "bridge will cost 587 million crowns. [1]" in out
    assert out.splitlines()[-1] == "[0, 0, 0] []"


@pytest.mark.models
@pytest.mark.slow
def test_the_embedding_model_contacts_nothing(tmp_path: Path, articles_folder: Path) -> None:
    out = run(WATCH + "LLM = ['--no-llm']\n" + ASK, tmp_path / "offline", articles_folder)
    assert "587 million crowns" in out
    assert out.splitlines()[-1] == "[0, 0, 0] []"


# `chat FOLDER` builds the index and serves the page; the question comes as a program asks it. The last argument is the port.
WORK = """
import json, subprocess, sys, time, urllib.request

if sys.argv[1] == "alone":  # in a network of its own, whose loopback is still down
    import fcntl, socket, struct
    SIOCSIFFLAGS, IFF_UP = 0x8914, 1
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))

folder, articles, port = sys.argv[2:]
command = [sys.executable, "-m", "ui", "--index", folder, "--quiet", "chat", "--no-browser", "--port", port, articles]
server = subprocess.Popen(command)
url = f"http://127.0.0.1:{port}"
try:
    for _ in range(600):
        try:
            page = urllib.request.urlopen(url).read()
            break
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.2)
    question = json.dumps({"question": "What will the Calder bridge cost?"}).encode()
    request = urllib.request.Request(f"{url}/api/ask", question, {"Content-Type": "application/json"})
    print(json.loads(urllib.request.urlopen(request).read())["text"])
    server.terminate()  # a SIGINT would be ignored where the tests themselves run in the background
    server.wait(60)
finally:
    server.kill()
"""

LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "-"}


@pytest.fixture
def recorder(tmp_path: Path) -> dict[str, str]:
    """What the environment must have so that every contact is written to the file `contacts`."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        pytest.skip("needs Linux and a C compiler, for the library that writes down every contact")
    library = tmp_path / "recorder.so"
    source = ROOT / "tests" / "helpers" / "recorder.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "CONTACTS": str(tmp_path / "contacts")}


def contacted(recorder: dict[str, str]) -> set[str]:
    """Hosts and addresses that were contacted."""
    file = Path(recorder["CONTACTS"])
    return {line.split(" ", 1)[1] for line in file.read_text().splitlines()} if file.exists() else set()


@pytest.mark.slow
def test_the_recorder_notices_contacts(recorder: dict[str, str]) -> None:
    program = "import socket; socket.socket().connect_ex(('127.0.0.9', 9)); socket.getaddrinfo('localhost', 9)"
    subprocess.run([sys.executable, "-c", program], env=os.environ | recorder, check=True)
    assert contacted(recorder) == {"127.0.0.9", "localhost"}


def own_network() -> list[str]:
    """How a command is run where there is no network; empty if this is not allowed here."""
    command = ["unshare", "--map-root-user", "--net"]
    allowed = shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    return command if allowed else []


@pytest.mark.models
@pytest.mark.slow
def test_build_ask_and_chat_contact_only_this_machine(
    tmp_path: Path, articles_folder: Path, recorder: dict[str, str]
) -> None:
    network = own_network()
    environment = {name: value for name, value in os.environ.items() if name not in ONLINE} | recorder
    environment["PYTHONPATH"] = str(ROOT)
    arguments = ["alone" if network else "here", str(tmp_path / "index"), str(articles_folder), str(free_port())]
    command = [*network, sys.executable, "-c", WORK, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert "587 million crowns" in done.stdout
    found = contacted(recorder)
    assert "127.0.0.1" in found
    assert found - LOOPBACK == set()
