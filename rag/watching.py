"""Keep an index up to date while files change, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tqdm import tqdm

from index import Index
from index.addresses import is_address
from index.errors import CannotRun, WrongUse
from index.report import UpdateReport
from index.watch import changes
from rag import progress
from rag.outcome import Outcome, report_outcome, settings_of

LOOK_SECONDS = 600
"""How often files are compared even if the system tells of no change."""


def follow(arguments: argparse.Namespace) -> Outcome:
    """Update now, then after every burst of changes; each time what changed is said. Ctrl-C is the normal end.

    Whoever else writes to the index is waited for, and a full disk. Status 1 if something failed the last time.
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
        rounds.due = 0.0  # look again at the first beat, for what changed before the watch began
        tqdm.write("Watching for changes; Ctrl-C ends it.", file=sys.stderr)
        for changed in changes(arguments.paths, ignored=rounds.index.folder):
            if changed or time.monotonic() >= rounds.due:
                rounds.try_update()
    except KeyboardInterrupt:
        pass
    rounds.index.close()
    return report_outcome(rounds.last, arguments, text="Stopped watching.")


class _Rounds:
    """One update after the other; the next is `due` at this monotonic time even if nothing changes."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._problem = ""
        self.due = 0.0
        self.index = Index.create(settings_of(arguments).index)
        self.last = UpdateReport()

    def update(self, *, quiet: bool = True) -> None:
        """Compare everything, and say what was found if it is new."""
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
        """Like `update`, but what prevents it is only said, once; a full disk or another writer is waited for."""
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
