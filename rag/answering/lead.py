"""Introductions of answers: where reports disagree, and where a list is too long."""

from __future__ import annotations

from collections.abc import Sequence

import prompts
from rag.retrieval.conflicts import Report
from rag.text import terms

FEW_WORDS = 8
"""The most words of a report's answer that the lead repeats."""


def of_differing_reports(reports: Sequence[Report]) -> str:
    """Returns the lead for reports that differ, the latest first; of short answers it states each."""
    days = [report.candidate.hit.article.published for report in reports]
    given = [_within_a_sentence(" ".join(report.candidate.answer_text.split())) for report in reports]
    few = all(0 < len(text.split()) <= FEW_WORDS for text in given)
    counted = len(set(days)) == 1 or any(report.counted_by for report in reports)
    who = [report.counted_by or report.candidate.hit.article.source for report in reports]
    if not (few and all(who if counted else days)):
        return prompts.render("reports_differ")
    if counted:
        return prompts.render("sources_differ_values", values=_each(given, who))
    when = [f"{day.day} {day:%B %Y}" for day in days if day]
    if len(reports) == 2:
        return prompts.render("reports_differ_values", day=when[0], latest=given[0], earlier=given[1])
    return prompts.render("reports_updated_values", values=_each(given, when))


def _each(values: Sequence[str], notes: Sequence[str | None]) -> str:
    return "; ".join(f"{value} ({note})" for value, note in zip(values, notes, strict=True))


def of_items(shown: int, items: int) -> str:
    """Returns the lead for the first items of a printed list; empty if all of them are shown."""
    return prompts.render("first_items", shown=str(shown), items=str(items)) if shown < items else ""


def _within_a_sentence(answer: str) -> str:
    """Returns the answer with a number in words at its beginning in small letters: "Thirty-one" began a sentence."""
    first = answer.split(" ")[0]
    return answer[:1].lower() + answer[1:] if terms.numbers(first) else answer
