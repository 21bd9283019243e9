#!/usr/bin/env python3
"""Plant faults in clippings, one after the other: the tests of what it withstands must notice each.

    scripts/reliability/planted.py [TESTS.py …]     of all faults, or those that these files of tests must notice

Needs the extra `dev`, and Chromium for tests/browser. Ends with one JSON line; exit status 1 if a fault is not noticed.
It is also the plugin of pytest that plants the fault which the environment names in PLANTED_FAULT.
"""

from __future__ import annotations

import json
import logging
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parents[2]


def always(value: Any) -> Callable[[Any], Any]:
    """In the place of a function: one that gives this, whatever it is asked."""
    return lambda _: lambda *_, **__: value


def _tells_all(line: Callable[..., str]) -> Callable[..., str]:
    def whole_line(formatter: Any, record: logging.LogRecord) -> str:
        formatter._private = True
        return line(formatter, record)

    return whole_line


def _logs_headers(known: Callable[..., Any]) -> Callable[..., Any]:
    def logged(access: Any, connection: Any) -> Any:
        logging.getLogger("ui.access.gate").warning("asked with %s", dict(connection.headers))
        return known(access, connection)

    return logged


def _unlimited(program: str) -> str:
    return program.replace("serve(*", "import index.formats.sandbox as child; child._limit = lambda *_: None; serve(*")


def _anyones(condition: str) -> str:
    return "id = ? AND coalesce(?, ?) IS NOT NULL"


FAULTS: dict[str, dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "tests/faults/test_damage.py": {
        "verify does not look at the database": ("index.storage.store.Store.problems", always([])),
        "bytes of vectors are not looked at": ("index.index.vector_file_problems", always([])),
    },
    "tests/ui/access/test_access.py": {
        "a door stands open": ("ui.access.gate.OPEN", lambda paths: [*paths, "/api/status"]),
        "requests come from anywhere": ("ui.access.origin.Site.refusal", always("")),
        "passwords are guessed for nothing": ("ui.access.throttle.Logins.wait", always(0.0)),
        "keys stand in the log": ("ui.access.gate.Access.known", _logs_headers),
        "Gradio hands on what others serve": ("ui.access.gate._not_served", always(None)),
    },
    "tests/ui/access/test_accounts.py": {
        "any signature is a session's": ("ui.access.passwords.is_session", always(True)),
        "a hash takes no memory": ("ui.access.passwords._COST", lambda _: 16),
    },
    "tests/browser/test_guessing.py": {
        "a conversation is whose who has its id": ("ui.conversations.history._MINE", _anyones)
    },
    "tests/index/formats/test_sandbox.py": {
        "a file's reader has no limits": ("index.formats.sandbox._START", _unlimited)
    },
    "tests/index/formats/test_registry.py": {
        "links are followed anywhere": ("index.formats.registry._leads_out", always(False))
    },
    "tests/ui/archive/test_uploads.py": {
        "an upload keeps the path in its name": ("ui.archive.uploads.harmless", lambda _: lambda name: name)
    },
    "tests/index/sources/test_fetch.py": {"every number is public": ("index.sources.fetch.is_public", always(True))},
    "tests/ui/test_event_log.py": {"questions stand in the log": ("ui.event_log.JsonLines.format", _tells_all)},
    "tests/ui/server/test_server_metrics.py": {
        "the index is always ready": ("ui.server.health.problem_of", always("")),
        "strangers hear what is wrong": ("ui.server.app.Front._may_know", always(True)),
    },
}
"""By the file of tests that must notice: what `target` names, and what makes of it what takes its place."""


def pytest_collection_finish() -> None:
    """Plant the fault: the tests' modules, and with them ours, are imported; none has made anything yet."""
    for faults in FAULTS.values():
        if planted := faults.get(os.environ.get("PLANTED_FAULT", "")):
            target, instead = planted
            owner, _, name = target.rpartition(".")
            found = pkgutil.resolve_name(owner)
            setattr(found, name, instead(getattr(found, name)))


def main(tests: Annotated[list[str], typer.Argument(metavar="TESTS.py …")] = []) -> None:  # noqa: B006
    """Run the tests that must notice it with each planted fault; exit status 1 if one was not noticed."""
    if strange := set(tests) - FAULTS.keys():
        raise typer.BadParameter(f"no fault is planted for {', '.join(strange)}; there are {', '.join(FAULTS)}")
    noticed = {}
    for file in tests or FAULTS:
        for fault in FAULTS[file]:
            noticed[fault] = failed = first_failure(file, fault)
            print(f"{fault:<42} {failed or 'NOT NOTICED'}", flush=True)
    unnoticed = [fault for fault, failed in noticed.items() if not failed]
    print(json.dumps({"planted": len(noticed), "noticed": len(noticed) - len(unnoticed), "unnoticed": unnoticed}))
    sys.exit(bool(unnoticed))


def first_failure(file: str, fault: str) -> str:
    """The first test in `file` that fails with this fault; empty if none does. SystemExit if it cannot be planted."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-rfE", "-p", Path(__file__).stem, file],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(ROOT)]), "PLANTED_FAULT": fault},
        capture_output=True,
        text=True,
    )
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or bool(done.returncode) != bool(found):
        sys.exit(f"{done.stdout}\n{done.stderr}")
    return found[1] if found else ""


if __name__ == "__main__":
    typer.run(main)
