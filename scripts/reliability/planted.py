"""A plugin of pytest: plants one fault in clippings before the tests run, and writes down how they ended.

`scripts/reliability/reliability.py` loads it. PLANTED_FAULT names the fault, COUNTS_FILE the file to write.
"""

from __future__ import annotations

import json
import logging
import os
import pkgutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Fault:
    """`instead` makes out of what `target` names what takes its place; `test` is the file that must notice."""

    target: str
    instead: Callable[[Any], Any]
    test: str


def always(value: Any) -> Callable[[Any], Any]:
    """In the place of a function: one that gives this, whatever it is asked."""
    return lambda _: lambda *_, **__: value


def _tells_all(line: Callable[..., str]) -> Callable[..., str]:
    def whole_line(formatter: Any, record: logging.LogRecord) -> str:
        formatter._private = True
        return line(formatter, record)

    return whole_line


def _logs_headers(known: Callable[..., Any]) -> Callable[..., Any]:
    def logged(access: Any, headers: Any) -> Any:
        logging.getLogger("ui.access.gate").warning("asked with %s", dict(headers))
        return known(access, headers)

    return logged


def _unlimited(program: str) -> str:
    return program.replace("serve(*", "import index.formats.sandbox as child; child._limit = lambda *_: None; serve(*")


FAULTS = {
    "verify does not look at the database": Fault(
        "index.storage.store.Store.problems", always([]), "tests/faults/test_damage.py"
    ),
    "bytes of vectors are not looked at": Fault(
        "index.index.vector_file_problems", always([]), "tests/faults/test_damage.py"
    ),
    "a door stands open": Fault(
        "ui.access.gate.OPEN", lambda paths: [*paths, "/api/status"], "tests/ui/access/test_access.py"
    ),
    "requests come from anywhere": Fault("ui.access.origin.Site.refusal", always(""), "tests/ui/access/test_access.py"),
    "passwords are guessed for nothing": Fault(
        "ui.access.throttle.Logins.wait", always(0.0), "tests/ui/access/test_access.py"
    ),
    "keys stand in the log": Fault("ui.access.gate.Access.known", _logs_headers, "tests/ui/access/test_access.py"),
    "Gradio hands on what others serve": Fault(
        "ui.access.gate._not_served", always(None), "tests/ui/access/test_access.py"
    ),
    "any signature is a session's": Fault(
        "ui.access.passwords.is_session", always(True), "tests/ui/access/test_accounts.py"
    ),
    "a hash takes no memory": Fault("ui.access.passwords._COST", lambda _: 16, "tests/ui/access/test_accounts.py"),
    "a conversation is whose who has its id": Fault(
        "ui.conversations.history._MINE",
        lambda _: "id = ? AND coalesce(?, ?) IS NOT NULL",
        "tests/browser/test_guessing.py",
    ),
    "a file's reader has no limits": Fault(
        "index.formats.sandbox._START", _unlimited, "tests/index/formats/test_sandbox.py"
    ),
    "links are followed anywhere": Fault(
        "index.formats.registry._leads_out", always(False), "tests/index/formats/test_registry.py"
    ),
    "an upload keeps the path in its name": Fault(
        "ui.archive.uploads.harmless", lambda _: lambda name: name, "tests/ui/archive/test_uploads.py"
    ),
    "every number is public": Fault("index.sources.fetch.is_public", always(True), "tests/index/sources/test_fetch.py"),
    "questions stand in the log": Fault("ui.event_log.JsonLines.format", _tells_all, "tests/ui/test_event_log.py"),
    "the index is always ready": Fault(
        "ui.server.health.problem_of", always(""), "tests/ui/server/test_server_metrics.py"
    ),
    "strangers hear what is wrong": Fault(
        "ui.server.app.Front._may_know", always(True), "tests/ui/server/test_server_metrics.py"
    ),
}


class _Plant:
    """Plants a fault."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def pytest_collection_finish(self) -> None:
        """The tests' modules, and with them ours, are imported; none has made anything yet."""
        owner, _, name = self._fault.target.rpartition(".")
        found = pkgutil.resolve_name(owner)
        setattr(found, name, self._fault.instead(getattr(found, name)))


class _Count:
    """How many tests passed, failed or were skipped, which failed, and what they tried (`record_property`)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ends: Counter[str] = Counter()
        self._tried: Counter[str] = Counter()
        self._failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A part of one test ended: what it set up, itself, or what it cleared away."""
        if report.when == "call" or not report.passed:
            self._ends[report.outcome] += 1
        if report.failed:
            self._failed.append(report.nodeid)
        if report.when == "call":
            self._tried.update({name: int(str(count)) for name, count in report.user_properties})

    def pytest_sessionfinish(self) -> None:
        """All ended."""
        self._file.write_text(
            json.dumps({"tests": self._ends, "tried": self._tried, "failed": self._failed}), encoding="utf-8"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Do what the environment asks for."""
    config.pluginmanager.register(_Count(Path(os.environ["COUNTS_FILE"])))
    if name := os.environ.get("PLANTED_FAULT"):
        config.pluginmanager.register(_Plant(FAULTS[name]))
