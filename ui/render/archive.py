"""Renders the archive as HTML: list of articles, progress and report of a change, versions. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from markupsafe import Markup

from index import Article
from index.storage.versions import Version
from index.updates.report import Progress, UpdateReport
from index.urls import is_address
from ui.archive.catalogue import AT_A_TIME, Line, Month, Page
from ui.render import evidence
from ui.render.markup import EMPTY, day, join

LISTED = 8
"""Number of files of one kind that a report shows; the rest is collapsed."""

_UNITS = {"reading": "files", "cutting": "articles", "embedding": "passages"}

TAKEN = Markup(
    "<p>Text, Markdown, HTML, PDF, Word, EPUB, and tables with an article a row (CSV, TSV, JSONL); gzipped, too. "
    "At most 200 MB each.</p>"
)

_LINE = Markup(
    '<li class="entry"><h3><button type="button" class="title" data-do="open" data-id="{id}" dir="auto">'
    '{title}</button></h3><p class="byline">{facts}</p>{excerpt}<p class="doings">'
    '<button type="button" class="link" data-do="remove" data-id="{id}" aria-label="Remove {title}">remove</button>'
    "</p></li>"
)

_TURN_OVER = Markup('<button type="button" class="link" data-do="turn" data-id="{start}">{text}</button>')

_PROGRESS = Markup(
    '<p class="progress" role="status">{text}… <progress max="{total}" value="{done}" aria-label="{text}"></progress>'
    "</p>"
)

_VERSION = Markup("<li><span>version {number}</span> <span>{what}</span> {made}{button}</li>")

_RESTORE = Markup(
    '<button type="button" class="link" data-do="restore" data-id="{number}" aria-label="Return to version {number}">'
    "return to this</button>"
)


def articles(page: Page) -> Markup:
    """Returns one page of the list of articles."""
    if not page.lines:
        nothing = "No article fits." if page.total else "There are no articles yet. Drop some files above."
        return Markup('<p class="nothing" role="status">{}</p>').format(nothing)
    last = page.start + len(page.lines)
    count = _count(page.found, "article")
    shown = count if page.found == len(page.lines) else f"{page.start + 1:,} to {last:,} of {count}"
    of = f", of {page.total:,} in the archive" if page.found < page.total else ""
    newer = _TURN_OVER.format(start=max(0, page.start - AT_A_TIME), text="← newer") if page.start else EMPTY
    older = _TURN_OVER.format(start=last, text="older →") if last < page.found else EMPTY
    turning = EMPTY
    if newer or older:
        turning = Markup('<nav class="turning" aria-label="Pages of the list">{}{}</nav>').format(newer, older)
    return Markup('<p class="count" role="status">{}{}</p><ul class="entries" aria-label="Articles">{}</ul>{}').format(
        shown, of, join(_line(line) for line in page.lines), turning
    )


def article(shown: Article | None) -> Markup:
    """Returns one whole article; empty without one."""
    if shown is None:
        return EMPTY
    return Markup(
        '<section class="panel" aria-label="Article" tabindex="-1"><p>'
        '<button type="button" class="link" data-do="shut">close the article</button></p>{}</section>'
    ).format(evidence.whole(shown))


def progress(said: Progress | None) -> Markup:
    """Returns the progress of a change; None stands for a change that reports none yet."""
    if said is None:
        return Markup('<p class="progress" role="status">{}</p>').format("waiting…")
    text = f"{said.stage} {said.done:,} of {_count(said.total, _UNITS[said.stage][:-1])}"
    return _PROGRESS.format(text=text, total=max(said.total, 1), done=said.done)


def report(done: UpdateReport) -> Markup:
    """Returns what a change did, by file: first what failed and why."""
    failed = [(_name(failure.uri), f"failed: {failure.reason}") for failure in done.failed]
    moved = [(_name(move.new), f"moved, was {_name(move.old)}") for move in done.moved]
    kinds: list[tuple[str, list[tuple[str, str]]]] = [("failed", failed)]
    kinds += [
        (kind, [(_name(uri), kind) for uri in getattr(done, kind)])
        for kind in ("added", "changed", "unchanged", "removed")
    ]
    kinds.append(("moved", moved))
    counts = ", ".join(f"{len(rows)} {kind}" for kind, rows in kinds if rows) or "nothing was to be done"
    tables = join(_files(kind, rows) for kind, rows in kinds if rows)
    return Markup('<div class="report" role="status"><p><b>{}</b>; version {} of the archive</p>{}</div>').format(
        counts, done.version, tables
    )


def legend(months: Sequence[Month], colours: Mapping[str, str]) -> Markup:
    """Returns the sources of the timeline with their colours and counts."""
    counts: Counter[str] = Counter()
    for month in months:
        counts[month.source] += month.articles
    items = join(
        Markup('<li><i style="background:{}" aria-hidden="true"></i><span dir="auto">{}</span> {}</li>').format(
            colours.get(source, ""), source, f"{count:,}"
        )
        for source, count in counts.items()
    )
    return Markup('<ul class="legend" aria-label="Articles by source">{}</ul>').format(items)


def versions(kept: Sequence[Version]) -> Markup:
    """Returns the versions of the archive, each earlier one with a button to return to it."""
    items = join(
        _VERSION.format(
            number=version.number,
            what=version.what,
            made=_time(version.made),
            button=_RESTORE.format(number=version.number) if at else Markup("<b>now</b>"),
        )
        for at, version in enumerate(kept)
    )
    return Markup('<ul class="versions" aria-label="Versions">{}</ul>').format(items)


def _line(line: Line) -> Markup:
    known = [
        Markup('<span dir="auto">{}</span>').format(line.source) if line.source else EMPTY,
        Markup("<span>{}</span>").format(day(line.published) if line.published else "undated"),
        Markup('<span dir="auto">by {}</span>').format(line.author) if line.author else EMPTY,
        Markup('<span dir="auto">{}</span>').format(line.file),
    ]
    excerpt = EMPTY
    if line.excerpt:
        excerpt = Markup('<p class="excerpt" dir="auto">{}</p>').format(join(_part(*part) for part in line.excerpt))
    facts = join((fact for fact in known if fact), Markup(" "))
    return _LINE.format(id=line.id, title=line.title, facts=facts, excerpt=excerpt)


def _part(text: str, is_found: bool) -> Markup:
    return Markup("<mark>{}</mark>" if is_found else "{}").format(text)


def _files(kind: str, rows: Sequence[tuple[str, str]]) -> Markup:
    table = _table(kind, rows[:LISTED])
    if len(rows) > LISTED:
        rest = Markup("<details><summary>{} more {}</summary>{}</details>")
        table += rest.format(len(rows) - LISTED, kind, _table(kind, rows[LISTED:]))
    return table


def _table(kind: str, rows: Sequence[tuple[str, str]]) -> Markup:
    items = join(
        Markup('<li class="{}"><span dir="auto">{}</span> <span>{}</span></li>').format(kind, name, text)
        for name, text in rows
    )
    return Markup("<ul>{}</ul>").format(items)


def _name(uri: str) -> str:
    return uri if is_address(uri) else PurePosixPath(uri).name


def _time(made: str | None) -> Markup:
    if made is None:
        return EMPTY
    time = datetime.fromisoformat(made).astimezone()
    return Markup('<time datetime="{}">{}, {:%H:%M}</time> ').format(made, day(time.date()), time)


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"
