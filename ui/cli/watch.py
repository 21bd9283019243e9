"""Keep an index up to date while files change, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tqdm import tqdm

from index import Index
from index.errors import CannotRun, WrongUse
from index.sources.watch import changes
from index.updates.report import UpdateReport
from index.urls import is_address
from ui.cli import progress
from ui.cli.outcome import Outcome, report_outcome, settings_of

LOOK_SECONDS = 600
"""Seconds after which files are compared even if the system reports no change."""


def follow(arguments: argparse.Namespace) -> Outcome:
    """Update now, then after every burst of changes, and print what changed. Ctrl-C is the normal end.

    An update that fails because another process writes to the index, or the disk is full, is tried again. Returns
    status 1 if something failed in the last update.
    """
    addresses = [place for place in arguments.paths if is_address(place)]
    if addresses:
        raise WrongUse(
            f"--watch follows files and folders, not addresses: {', '.join(addresses)}. "
            "Update those without --watch, from time to time."
        )
    rounds = _Rounds(arguments)
    try:
        rounds.update(quiet=arguments.quiet)
        rounds.due = 0.0  # compare again at once, for changes before the watch began
        tqdm.write("Watching for changes; Ctrl-C ends it.", file=sys.stderr)
        for changed in changes(arguments.paths, ignored=rounds.index.folder):
            if changed or time.monotonic() >= rounds.due:
                rounds.try_update()
    except KeyboardInterrupt:
        pass
    rounds.index.close()
    return report_outcome(rounds.last, arguments, text="Stopped watching.")


class _Rounds:
    """Runs one update after the other; the next is `due` at this monotonic time even if nothing changes."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._problem = ""
        self.due = 0.0
        self.index = Index.create(settings_of(arguments).index)
        self.last = UpdateReport()

    def update(self, *, quiet: bool = True) -> None:
        """Compare everything, and print the result if it differs from the last one."""
        arguments = self._arguments
        with progress.shown(quiet=quiet) as show:
            report = self.index.update(arguments.paths, columns=arguments.map, prune=arguments.prune, progress=show)
        said, self.last = self.last, report
        self.due = time.monotonic() + LOOK_SECONDS
        self._problem = ""
        if (report.version, report.gone, list(map(str, report.failed))) != (
            *(said.version, said.gone, list(map(str, said.failed))),
        ):
            self._say(report_outcome(report, arguments))

    def try_update(self) -> None:
        """Like `update`, but prints an error, once, instead of raising it; after CannotRun it is soon tried again."""
        try:
            self.update()
        except (CannotRun, WrongUse) as error:
            self.due = 0.0 if isinstance(error, CannotRun) else time.monotonic() + LOOK_SECONDS
            if str(error) != self._problem:
                self._problem = str(error)
                tqdm.write(self._problem, file=sys.stderr)

    def _say(self, outcome: Outcome) -> None:
        for problem in outcome.problems:
            tqdm.write(problem, file=sys.stderr)
        if self._arguments.json:
            tqdm.write(json.dumps(outcome.data, ensure_ascii=False))
        elif outcome.text:
            tqdm.write(outcome.text)
        sys.stdout.flush()
