"""The result of a command, and the settings that a command uses."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass, field
from typing import Any

from index.updates.report import UpdateReport
from rag.settings import Settings
from ui.cli.text import failure_lines, report_text


@dataclass(slots=True)
class Outcome:
    """The result of a command: text for people, data for programs, failures (one line each) and the exit status."""

    text: str
    data: Any
    problems: list[str] = field(default_factory=list)
    status: int = 0


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Returns the settings, overridden by the options on the command line."""
    names = ("index", "llm", "reader", "adapter", "strict", "top_k", "host", "port", "root_path", "auth")
    return Settings.load({name: getattr(arguments, name, None) for name in names})


def report_outcome(report: UpdateReport, arguments: argparse.Namespace, *, text: str | None = None) -> Outcome:
    """Returns the outcome of an update, with the usual report unless `text` is given; status 1 if something failed."""
    failed = failure_lines(report.failed, everything=arguments.verbose)
    kinds = "added changed unchanged removed gone passed_over left_out remarks embedded version counts"
    data: dict[str, Any] = {name: getattr(report, name) for name in kinds.split()}
    data["moved"] = [asdict(move) for move in report.moved]
    data["partly"] = [asdict(one) for one in report.partly]
    data["failed"] = [{"uri": f.uri, "reason": f.reason} for f in report.failed]
    if arguments.quiet:
        text = str(report) if failed and text is None else ""
    elif text is None:
        text = report_text(report, everything=arguments.verbose)
    return Outcome(text, data, failed, 1 if failed else 0)
