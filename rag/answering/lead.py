"""Introductions of answers: where reports disagree, and where a list is too long."""

from __future__ import annotations

from collections.abc import Sequence

import prompts
from rag.retrieval.evidence import Candidate
from rag.text import terms

FEW_WORDS = 8
"""The most words of a report's answer that the lead repeats."""


def of_differing_reports(reports: Sequence[Candidate]) -> str:
    """Returns the lead for reports that differ, the latest first; of two short answers it states both."""
    given = [_within_a_sentence(" ".join(report.answer_text.split())) for report in reports]
    day = reports[0].hit.article.published
    if len(given) != 2 or day is None or not all(0 < len(text.split()) <= FEW_WORDS for text in given):
        return prompts.render("reports_differ")
    when = f"{day.day} {day:%B %Y}"
    return prompts.render("reports_differ_values", day=when, latest=given[0], earlier=given[1])


def of_items(shown: int, items: int) -> str:
    """Returns the lead for the first items of a printed list; empty if all of them are shown."""
    return prompts.render("first_items", shown=str(shown), items=str(items)) if shown < items else ""


def _within_a_sentence(answer: str) -> str:
    """Returns the answer with a number in words at its beginning in small letters: "Thirty-one" began a sentence."""
    first = answer.split(" ")[0]
    return answer[:1].lower() + answer[1:] if terms.numbers(first) else answer
