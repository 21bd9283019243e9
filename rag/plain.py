"""Plain text for the terminal: answers, reports and previews as people read them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from index import Article
from index.cleaning import Dropped
from index.draft import Draft
from index.update import UpdateReport
from rag.answer import Answer, Citation
from rag.calibration import Calibration
from rag.comparing import Change
from rag.confidence import Interval

WIDTH = 96
"""Columns."""


def report_text(report: UpdateReport) -> str:
    """What an update did: a line for each article, then the counts."""
    marks = (("+", report.added), ("~", report.changed), ("-", report.removed))
    return "\n".join([f"{mark} {uri}" for mark, uris in marks for uri in uris] + [str(report)])


def figures_text(
    figures: Mapping[str, float], intervals: Mapping[str, Interval], changes: Sequence[Change] = ()
) -> str:
    """An evaluation's figures with their 95 % intervals, and against an earlier run how they changed."""
    lines = []
    for name, value in figures.items():
        low, high = intervals.get(name, (None, None))
        lines.append(f"{name:<24}{value:>10}" + (f"   ({low:.3f} to {high:.3f})" if low is not None else ""))
    for c in changes:
        verdict = "" if c.is_clear else "   may be noise"
        line = f"{c.measure:<24}{c.change:>+10.4f}   ({c.interval[0]:+.3f} to {c.interval[1]:+.3f}){verdict}"
        lines += ["", "changes, over the same questions"] * (c is changes[0]) + [line]
    return "\n".join(lines)


def calibration_text(calibration: Calibration) -> str:
    """What the new threshold does to the questions that it was fitted on."""
    parts = [f"{calibration.answerable:.1%} of the answerable questions"]
    if calibration.unanswerable is not None:
        parts.append(f"{calibration.unanswerable:.1%} of the others")
    return f"From now on this index refuses below {calibration.threshold:.3f}: of these, {' and '.join(parts)}."


def answer_text(answer: Answer) -> str:
    """The answer with its clippings, or the refusal with the nearest passages."""
    note = [f"(searched for: {answer.standalone})"] if answer.standalone != answer.question else []
    if answer.read:
        note.append(f"({answer.model} read {answer.read} of {len(answer.passages)} passages)")
    if answer.refused:
        nearest = [f"  {headline(e.hit.article)}\n{indented(e.sentences[0])}" for e in answer.passages[:3]]
        heading = ["", "Nearest passages, which do not hold the answer:"] if nearest else []
        return "\n".join([textwrap.fill(answer.text, WIDTH), *note, *heading, *nearest])
    sources = [_citation_text(citation) for citation in answer.citations]
    return "\n".join([*(textwrap.fill(line, WIDTH) for line in answer.text.split("\n")), *note, "", *sources])


def _citation_text(citation: Citation) -> str:
    about = [str(part) for part in (citation.published, citation.source, citation.author) if part]
    heading = f"[{citation.marker}] {citation.title}" + (f" ({', '.join(about)})" if about else "")
    return f"{heading}\n{indented('“' + ' '.join(citation.quote.split()) + '”')}\n    {citation.url or citation.uri}"


def headline(article: Article) -> str:
    """Title with date and source."""
    about = [str(part) for part in (article.published, article.source) if part]
    return article.title + (f" ({', '.join(about)})" if about else "")


def indented(text: str) -> str:
    """The text in lines of `WIDTH` columns, set in by four."""
    return textwrap.fill(" ".join(text.split()), WIDTH, initial_indent="    ", subsequent_indent="    ")


def preview_text(draft: Draft) -> str:
    """What is kept of an article, its comments, and what is thrown away and why."""
    kept, article = draft.cleaned, draft.article()
    names = ("title", "published", "author", "source", "url", "language")
    head = [f"{name}: {value}" for name in names if (value := getattr(article, name))]
    paragraphs = kept.text.split("\n\n")
    parts = [
        [f"{draft.uri}"],
        head,
        [f"kept: {_many(len(kept.text.split()), 'word')} in {_many(len(paragraphs), 'paragraph')}"],
        *([indented(paragraph)] for paragraph in paragraphs),
    ]
    if kept.comments:
        parts += [
            [f"comments, kept apart and never cited: {len(kept.comments)}"],
            *([indented(c)] for c in kept.comments),
        ]
    if kept.dropped:
        parts += [[f"thrown away: {_many(len(kept.dropped), 'line')}"], _dropped_lines(kept.dropped)]
    return "\n\n".join("\n".join(part) for part in parts)


def _dropped_lines(dropped: Sequence[Dropped]) -> list[str]:
    """Under each reason what was thrown away for it, each on one line, those near the article first."""
    lines = []
    for reason in dict.fromkeys(d.reason for d in dropped):
        texts = [d.text for d in dropped if d.reason == reason]
        lines += [
            f"  {reason} ({len(texts)})",
            *(f"    {textwrap.shorten(t, WIDTH - 4, placeholder=' …')}" for t in texts),
        ]
    return lines


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
