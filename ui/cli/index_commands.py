"""The functions behind the commands of `clippings index`; each returns what to print, as in `commands`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from index import Index, Status
from index.embedding.embedder import DEFAULT_EMBEDDER, load_embedder
from index.errors import CannotRun, WrongEmbedder, WrongUse
from index.formats.registry import SUFFIXES, find_files
from index.plural import several
from index.updates.report import UpdateReport
from index.urls import is_address
from rag.settings import Settings
from ui.cli import progress
from ui.cli import watch as watching
from ui.cli.outcome import Outcome, report_outcome, settings_of
from ui.cli.text import printable, report_text, status_text


def index_update(arguments: argparse.Namespace) -> Outcome:
    """Index files, once or whenever they change."""
    if arguments.watch:
        return watching.follow(arguments)
    return report_outcome(update(arguments, settings_of(arguments)), arguments)


def update(arguments: argparse.Namespace, settings: Settings) -> UpdateReport:
    """Bring the index up to date with the paths named on the command line."""
    prune = getattr(arguments, "prune", False)
    paths = [path for path in arguments.paths if not is_address(path)]
    if paths == arguments.paths and not find_files(paths) and not prune:  # before an index is created
        raise WrongUse(
            f"No articles in {', '.join(map(str, paths))}: no {' '.join(SUFFIXES)} file (or .gz of one) is there. "
            "Nothing was changed."
        )
    with progress.shown(quiet=arguments.quiet) as show:
        return Index.create(settings.index).update(arguments.paths, columns=arguments.map, prune=prune, progress=show)


def index_rebuild(arguments: argparse.Namespace) -> Outcome:
    """Embed every stored article again; with the default model if the index's own is unknown and none is named."""
    index = Index.open(settings_of(arguments).index)
    folder = Path(arguments.model or "").expanduser()
    model = str(folder.absolute()) if arguments.model and folder.is_dir() else arguments.model
    try:
        embedder = load_embedder(model or index.status().embedder)
    except WrongEmbedder:
        if model:
            raise
        embedder = load_embedder(DEFAULT_EMBEDDER)
    with progress.shown(quiet=arguments.quiet) as show:
        report = index.rebuild(embedder=embedder, progress=show)
    counts = f"{several(len(report.changed), 'article')}, {several(report.embedded, 'passage')} embedded"
    text = f"{counts}; index version {report.version}"
    return Outcome(text, {"articles": len(report.changed), "embedded": report.embedded, "version": report.version})


def index_status(arguments: argparse.Namespace) -> Outcome:
    """Show counts, model, version and size."""
    status: Status = Index.open(settings_of(arguments).index).status()
    return Outcome(status_text(status), asdict(status))


def index_list(arguments: argparse.Namespace) -> Outcome:
    """List every article."""
    articles = list(Index.open(settings_of(arguments).index).articles())
    data = [
        {
            **{name: getattr(a, name) for name in ("id", "uri", "title", "author", "source", "url", "language")},
            "published": a.published.isoformat() if a.published else None,
        }
        for a in articles
    ]
    lines = [f"{a.id}  {a.published or '          '}  {a.title}\n{' ' * 30}{printable(a.uri)}" for a in articles]
    return Outcome("\n".join(lines), {"articles": data})


def index_remove(arguments: argparse.Namespace) -> Outcome:
    """Remove articles."""
    removed = Index.open(settings_of(arguments).index).remove(arguments.names)
    return Outcome("\n".join(f"removed {a.uri}" for a in removed), {"removed": [a.uri for a in removed]})


def index_verify(arguments: argparse.Namespace) -> Outcome:
    """Check the index's files for damage."""
    problems = Index.open(settings_of(arguments).index).verify()
    if not problems:
        return Outcome("The index is sound.", {"problems": []})
    advice = "Repair with: clippings index repair"
    return Outcome(advice, {"problems": problems}, problems, CannotRun.exit_status)


def index_repair(arguments: argparse.Namespace) -> Outcome:
    """Restore the data that can be derived from the articles' text; status 1 if some articles must be read again."""
    with progress.shown(quiet=arguments.quiet) as show:
        report = Index.repaired(settings_of(arguments).index, progress=show)
    problems = [f"{uri}: its text is damaged and must be read again" for uri in report.read_again]
    made = f"{several(len(report.mended), 'article')} mended, {several(report.embedded, 'passage')} embedded"
    text = f"full text made anew, {made}"
    lines = [f"~ {uri}" for uri in report.mended] + [f"{text}; index version {report.version}"]
    if problems:
        lines.append("Read the damaged articles again with: clippings index update PATH_OF_THEIR_FILES")
    return Outcome("\n".join(lines), asdict(report), problems, 1 if problems else 0)


def index_rollback(arguments: argparse.Namespace) -> Outcome:
    """Return to an earlier version."""
    report = Index.open(settings_of(arguments).index).rollback(arguments.to)
    counts = f"{len(report.added)} came back, {len(report.changed)} changed back, {len(report.removed)} removed"
    text = f"{report_text(report, everything=arguments.verbose, last=counts)}; index version {report.version}"
    kinds = ("added", "changed", "removed", "version")
    return Outcome("" if arguments.quiet else text, {name: getattr(report, name) for name in kinds})
