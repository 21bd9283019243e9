"""`clippings auth` and `clippings mcp`, as they are typed."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from standins import STANDINS

from ui.access.accounts import Accounts
from ui.cli.parser import main

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse"


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    return status, *capfd.readouterr()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_person_a_key_and_their_end(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, f"{PASSWORD}\n")
    status, out, _ = run(capfd, "auth", "add", "ann", "--auth", file)
    assert (status, PASSWORD in out) == (0, False)
    assert Accounts(file).is_password("ann", PASSWORD)
    key = json.loads(run(capfd, "auth", "key", "ann", "--auth", file, "--json")[1])["key"]
    assert Accounts(file).of_key(key) == "ann"
    assert run(capfd, "auth", "list", "--auth", file)[1] == "ann  password, 1 API keys\n"
    assert run(capfd, "auth", "key", "ann", "--drop", "--auth", file)[1] == "1 keys of ann are invalid now.\n"
    assert Accounts(file).of_key(key) is None
    assert run(capfd, "auth", "remove", "ann", "--auth", file)[0] == 0
    assert run(capfd, "auth", "list", "--auth", file)[1] == "Nobody.\n"


def test_a_password_is_typed_twice(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    typed = iter([PASSWORD, "correct house", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    status, _, err = run(capfd, "auth", "add", "ann", "--auth", file)
    assert (status, err) == (2, "The two are not the same. Nothing was changed.\n")
    assert not file.exists()
    assert run(capfd, "auth", "add", "ann", "--auth", file)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("add", "ann"), "--auth FILE"),
        (("remove", "ann", "--auth", "{file}"), "Nobody in"),
        (("key", "a b", "--auth", "{file}"), "is no name"),
        (("add", "ann", "--auth", "{file}"), "fewer than 8"),
    ],
)
def test_wrong_use_is_one_line(
    file: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    part: str,
) -> None:
    piped(monkeypatch, "short\n")
    status, out, err = run(capfd, "auth", *(argument.format(file=file) for argument in arguments))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert part in err
    assert not file.exists()


def test_the_file_may_be_a_setting(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIPPINGS_AUTH", str(file))
    assert run(capfd, "auth", "key", "robot")[0] == 0
    assert list(Accounts(file).people) == ["robot"]


def test_chat_lets_others_in_only_with_accounts(
    tmp_path: Path, articles_folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from standins import HashEmbedder

    monkeypatch.setattr("index.index.load_embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("rag.load_reader", lambda *_: None)
    common = ("--index", tmp_path / "index", "chat", articles_folder, "--no-browser", "--no-llm", "--host", "0.0.0.0")
    status, _, err = run(capfd, *common)
    assert status == 2
    assert "--host 0.0.0.0 lets other machines in" in err


def test_without_its_package_mcp_says_what_to_install(index: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.index.load_embedder", lambda name: index.embedder)
    monkeypatch.setattr("ui.doors.mcp_stdio.find_spec", lambda name: None)
    status, out, err = run(capfd, "--index", index.folder, "mcp", "--no-llm", "--no-reader")
    assert (status, out) == (3, "")
    assert "pip install 'clippings[mcp]'" in err


SERVE = """
import sys
from ui.cli.parser import main

rag.load_reader = lambda *_: None
sys.exit(main(["--index", sys.argv[1], "mcp"]))
"""


def test_mcp_over_standard_input_and_output(index: Any) -> None:
    mcp = pytest.importorskip("mcp")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "helpers")])}
    command = mcp.StdioServerParameters(
        command=sys.executable, args=["-c", STANDINS + SERVE, str(index.folder)], env=environment
    )

    async def ask() -> Any:
        async with mcp.Client(command) as client:
            assert len((await client.list_tools()).tools) == 3
            return await client.call_tool("ask", {"question": "What will the Calder bridge cost?"})

    result = asyncio.run(ask())
    assert result.content[0].text.startswith("The Calder bridge will cost 587 million crowns. [1]")
    assert result.structured_content["citations"][0]["title"] == "Bridge bill climbs"
