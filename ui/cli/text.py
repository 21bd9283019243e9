"""Plain text for the terminal: answers, reports and previews for people."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from index import AlsoIn, Article, Status
from index.cleaning.clean import Dropped
from index.errors import UnreadableFile
from index.formats.parsed import Draft
from index.plural import several
from index.storage.versions import Version
from index.updates.report import UpdateReport
from rag.answer import UNSURE, Answer, Citation, Level, undated_note
from rag.evaluation.compare import Change
from rag.evaluation.measures.bootstrap import Interval
from rag.retrieval.calibration import Calibration

WIDTH = 96
"""Width of the text, in columns."""


LISTED = 20
"""Maximum number of articles of one kind that a report lists, unless everything is requested."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

LISTED_ROWS = 5
"""Maximum number of failed rows of one table that are listed, unless everything is requested."""


LISTED_SUFFIXES = 5
"""Maximum number of formats that are named of the files that were skipped."""


def report_text(report: UpdateReport, *, everything: bool = False, last: str | None = None) -> str:
    """Returns an update's report: a line per article, at most `LISTED` of each kind, and a `last` line (the counts)."""
    moved = [f"{move.old} -> {move.new}" for move in report.moved]
    partly = [f"{one.uri}: {one.missing}" for one in report.partly]
    lines: list[str] = []
    marks = (
        ("+", report.added),
        ("~", report.changed),
        (">", moved),
        ("-", report.removed),
        ("?", report.gone),
        ("!", partly),
        ("=", report.remarks),
    )
    for mark, uris in marks:
        shown = uris if everything else uris[:LISTED]
        lines += [f"{mark} {uri}" for uri in shown]
        if len(uris) > len(shown):
            lines.append(f"{mark} and {len(uris) - len(shown):,} more (all with --verbose or --json)")
    if report.passed_over:
        lines.append(_passed_over(report.passed_over))
    if report.left_out:
        lines.append(_left_out(report.left_out))
    return "\n".join([*map(printable, lines), last or str(report)])


def printable(line: str) -> str:
    """Returns the line without control characters, which a file name may hold and which would affect the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", line)


def _passed_over(suffixes: Mapping[str, int]) -> str:
    commonest = [f"{suffix} {count:,}" for suffix, count in list(suffixes.items())[:LISTED_SUFFIXES]]
    more = ["…"] if len(suffixes) > LISTED_SUFFIXES else []
    count = sum(suffixes.values())
    only_files = all(kind.startswith(".") or kind == "no suffix" for kind in suffixes)
    what = (
        f"{several(count, 'file')} of other formats" if only_files else f"{several(count, 'item')} that are no articles"
    )
    return f"passed over: {what} ({', '.join([*commonest, *more])})"


def _left_out(reasons: Counter[str]) -> str:
    kinds = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common())
    return f"left out: {several(reasons.total(), 'paragraph')} ({kinds}); clippings index preview FILE lists them"


def failure_lines(failed: Sequence[UnreadableFile], *, everything: bool = False) -> list[str]:
    """Returns a line for each failure; of a table's rows the first `LISTED_ROWS`, unless everything is requested."""
    lines: list[str] = []
    rows = Counter(file for failure in failed if (file := failure.table))
    seen: Counter[str] = Counter()
    for failure in failed:
        file = failure.table
        if everything or file is None or seen[file] < LISTED_ROWS or rows[file] == LISTED_ROWS + 1:
            lines.append(str(failure))
        elif seen[file] == LISTED_ROWS:
            lines.append(f"{file}: and {rows[file] - LISTED_ROWS:,} more rows failed (all with --verbose or --json)")
        if file is not None:
            seen[file] += 1
    return list(map(printable, lines))


def status_text(status: Status) -> str:
    """Returns counts, model, size and versions."""
    dates = f", published {status.first_published} to {status.last_published}" if status.first_published else ""
    dates += f", {status.undated:,} without a date" if status.undated else ""
    now, *earlier = [_version_text(version) for version in status.versions]
    lines = [
        status.folder,
        f"{several(status.articles, 'article')}{dates}",
        f"{several(status.chunks, 'passage')}, {several(status.sentences, 'sentence')}",
        f"embedding model {status.embedder}",
        f"{now}; {status.megabytes} MB, format {status.format}",
    ]
    back = ["kept (clippings index rollback returns to the first, --to NUMBER to any):"] if earlier else []
    return "\n".join([*lines, *back, *(f"    {line}" for line in earlier)])


def _version_text(version: Version) -> str:
    made = datetime.fromisoformat(version.made).astimezone().strftime("%Y-%m-%d %H:%M:%S") if version.made else "?"
    return f"version {version.number} of {made} ({version.what})"


def figures_text(
    figures: Mapping[str, float],
    intervals: Mapping[str, Interval],
    changes: Sequence[Change] = (),
    counts: Mapping[str, int] = {},
) -> str:
    """Returns an evaluation's figures with their 95 % intervals, and their changes against an earlier run.

    `counts` holds the number of questions, turns or pairs of which a figure is the mean.
    """
    lines = []
    for name, value in figures.items():
        low, high = intervals.get(name, (None, None))
        line = f"{name:<24}{value:>10}" + (f"   ({low:.3f} to {high:.3f})" if low is not None else "")
        lines.append(f"{line}   of {counts[name]}" if name in counts else line)
    for c in changes:
        verdict = "" if c.is_clear else "   may be noise"
        line = f"{c.measure:<24}{c.change:>+10.4f}   ({c.interval[0]:+.3f} to {c.interval[1]:+.3f}){verdict}"
        lines += ["", "changes, over the same questions"] * (c is changes[0]) + [line]
    return "\n".join(lines)


def calibration_text(calibration: Calibration) -> str:
    """Returns the new threshold, and which shares of the questions that it was fitted on are refused."""
    parts = [f"{calibration.answerable:.1%} of the answerable questions"]
    if calibration.unanswerable is not None:
        parts.append(f"{calibration.unanswerable:.1%} of the others")
    return f"From now on this index refuses below {calibration.threshold:.3f}: of these, {' and '.join(parts)}."


def answer_text(answer: Answer) -> str:
    """Returns the answer with its clippings; for a refusal that quotes none, the nearest passages."""
    note = _understood(answer)
    if answer.undated:
        note.append(f"({undated_note(answer.undated)})")
    if answer.read:
        note.append(f"({answer.model} read {answer.read} of {several(len(answer.passages), 'passage')})")
    if answer.refused and not answer.citations:
        nearest = [
            "\n".join([f"  {headline(e.hit.article)}", indented(e.sentences[0]), *also_in_lines(e.hit.also_in)])
            for e in answer.passages[:3]
        ]
        heading = ["", "Nearest passages, which do not hold the answer:"] if nearest else []
        return "\n".join([textwrap.fill(answer.text, WIDTH), *note, *heading, *nearest, *_suggested(answer)])
    sources = [_citation_text(citation) for citation in answer.citations]
    lines = [textwrap.fill(line, WIDTH) for line in answer.text.split("\n")]
    return "\n".join([*lines, *_unsure(answer), *note, *([""] if sources else []), *sources, *_suggested(answer)])


def _unsure(answer: Answer) -> list[str]:
    """Returns what the mark of sentences in the model's own words means, and which of their words no clipping holds."""
    own = [sentence for sentence in answer.sentences if sentence.level is Level.OWN_WORDS]
    if not own:
        return []
    strange = dict.fromkeys(sentence.text[a:b] for sentence in own for a, b in sentence.strange)
    words = f" No counterpart there: {', '.join(strange)}." if strange else ""
    return [
        textwrap.fill(f"({UNSURE} in the model's words, not surely supported: compare the clipping.{words})", WIDTH)
    ]


def _understood(answer: Answer) -> list[str]:
    """Returns the earlier questions that this one depends on, or its corrected spelling; nothing if used as typed."""
    if answer.asked.leans_on:
        return [f"(asked about: {' '.join(answer.asked.leans_on)})"]
    return [f"(searched for: {answer.asked.corrected})"] if answer.asked.corrected else []


def _suggested(answer: Answer) -> list[str]:
    """Returns the suggested questions, a line each."""
    return ["", "You can ask:", *(f"    {question}" for question in answer.suggestions)] if answer.suggestions else []


def _citation_text(citation: Citation) -> str:
    about = [str(part) for part in (citation.published, citation.source, citation.author) if part]
    heading = f"[{citation.marker}] {citation.title}" + (f" ({', '.join(about)})" if about else "")
    quoted = indented("“" + " ".join(citation.quote.split()) + "”")
    return "\n".join([heading, quoted, f"    {citation.url or citation.uri}", *also_in_lines(citation.also_in)])


def also_in_lines(also_in: Sequence[AlsoIn]) -> list[str]:
    """Returns one line that names the other articles with the same passage; nothing if there are none."""
    return [indented(f"also in: {'; '.join(map(str, also_in))}")] if also_in else []


def headline(article: Article) -> str:
    """Returns the title with date and source."""
    about = [str(part) for part in (article.published, article.source) if part]
    return article.title + (f" ({', '.join(about)})" if about else "")


def indented(text: str) -> str:
    """Returns the text in lines of `WIDTH` columns, indented by four."""
    return textwrap.fill(" ".join(text.split()), WIDTH, initial_indent="    ", subsequent_indent="    ")


def preview_text(draft: Draft) -> str:
    """Returns what is kept of an article, its comments, and what is discarded and why."""
    kept, article = draft.cleaned, draft.article()
    names = ("title", "published", "author", "source", "url", "language")
    head = [f"{name}: {value}" for name in names if (value := getattr(article, name))]
    paragraphs = kept.text.split("\n\n")
    parts = [
        [f"{draft.uri}"],
        head,
        [f"kept: {several(len(kept.text.split()), 'word')} in {several(len(paragraphs), 'paragraph')}"],
        *([indented(paragraph)] for paragraph in paragraphs),
    ]
    if kept.comments:
        parts += [
            [f"comments, kept apart and never cited: {len(kept.comments)}"],
            *([indented(c)] for c in kept.comments),
        ]
    if kept.dropped:
        parts += [[f"thrown away: {several(len(kept.dropped), 'line')}"], _dropped_lines(kept.dropped)]
    return "\n\n".join("\n".join(part) for part in parts)


def _dropped_lines(dropped: Sequence[Dropped]) -> list[str]:
    """Returns the discarded texts by reason, each on one line, those near the article first."""
    lines = []
    for reason in dict.fromkeys(d.reason for d in dropped):
        texts = [d.text for d in dropped if d.reason == reason]
        lines += [
            f"  {reason} ({len(texts)})",
            *(f"    {textwrap.shorten(t, WIDTH - 4, placeholder=' …')}" for t in texts),
        ]
    return lines
