"""Detects reports that disagree: two articles give different numbers for the question, or one corrects the other.

Both must be shown with their dates, the later first, and not only the one that ranks higher: "14 dead" on the morning
after and "31 dead" when the search ended are both statements of an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from index import Article
from index.language.sentences import Span, paragraph_spans
from rag.question.kinds import Kind
from rag.question.question import Question
from rag.retrieval.evidence import Candidate
from rag.text import terms

AS_LIKELY = 0.5
"""Only reports with at least this share of the best sentence's probability are compared with it."""

CORRECTED_AS_LIKELY = 0.2
"""The same for a correction and the article it corrects; lower, because both are known to be about the same thing."""

SURE = 0.0
"""Least score of a short answer that is stated, in logits above the reader's "no answer"."""

MAX_PARAGRAPH = 450
"""Longest paragraph of a correction, in characters, that is quoted as a whole."""

UNIT_CHARACTERS = 25
"""The number of characters after a number that are searched for what it counts."""

_WORD = re.compile(r"\w+")


def conflicting(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Returns the best sentences of two articles that disagree, the latest first; empty if none disagree.

    Of several articles, these are the latest and the likeliest of the others. Only for questions of fact. Numbers are
    compared only if the reader marked one in the best sentence; articles without a date are left out of that
    comparison, because the answer gives the date of each report.
    """
    if not ranked or question.kind is not Kind.FACT:
        return []
    return _corrected(ranked) or _different_numbers(question, ranked)


def corrects(later: Article, earlier: Article) -> bool:
    """Whether `later` is a correction that names `earlier` by its title."""
    announced = {"correction", "corrected", "clarification", "retraction", "erratum"}
    opening = (_WORD.findall(later.title.lower())[:1], _WORD.findall(later.text[:40].lower())[:1])
    named = len(earlier.title) > 0 and _plain(earlier.title) in _plain(later.text)
    return named and any(announced & set(words) for words in opening)


def _corrected(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Returns the best sentence of the correction and of the corrected report, if one of them ranks first; or []."""
    best = ranked[0].hit.article
    floor = CORRECTED_AS_LIKELY * ranked[0].probability
    for candidate in ranked[1:]:
        other = candidate.hit.article
        if candidate.probability < floor:
            break
        if corrects(other, best):
            about = not _announces(candidate, best) and _puts_right(candidate, ranked[0])
            return [_paragraph(candidate), ranked[0]] if about else []
        if corrects(best, other):
            correction = next((c for c in ranked if c.hit.article.id == best.id and not _announces(c, other)), None)
            about = correction is not None and _puts_right(correction, candidate)
            return [_paragraph(correction), candidate] if correction and about else []
    return []


def _paragraph(candidate: Candidate) -> Candidate:
    """Extends the candidate to the paragraph that contains it, if that is short.

    A correction is often spread over several sentences.
    """
    start, end = _paragraph_span(candidate)
    return replace(candidate, span=(start, end)) if end - start <= MAX_PARAGRAPH else candidate


def _paragraph_span(candidate: Candidate) -> Span:
    start, end = candidate.span
    paragraphs = paragraph_spans(candidate.hit.article.text)
    return next(((a, b) for a, b in paragraphs if a <= start and end <= b), candidate.span)


def _puts_right(correction: Candidate, corrected: Candidate) -> bool:
    """Whether the correction is about the answer marked in the corrected article: its paragraph repeats the number.

    True if the answer has no number. A correction of other figures of the article says nothing about this one.
    """
    number = next((word.stem for word in terms.words(corrected.answer_text) if word.number), "")
    return not number or number in terms.numbers(correction.hit.article.text[slice(*_paragraph_span(correction))])


def _announces(candidate: Candidate, earlier: Article) -> bool:
    """Whether the sentence names the earlier article's title, and so only announces what is corrected."""
    return _plain(earlier.title) in _plain(candidate.text)


def _different_numbers(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    asked = terms.numbers(question.plain)
    best = ranked[0]
    if not terms.numbers(best.answer_text) - asked:
        return []
    floor, unit = AS_LIKELY * best.probability, _unit(best)
    reports: dict[str, tuple[Candidate, frozenset[str]]] = {}
    for candidate in ranked:
        article = candidate.hit.article
        sure = candidate is best or candidate.says >= SURE
        if candidate.probability < floor or article.published is None or article.id in reports or not sure:
            continue
        said = terms.numbers(candidate.answer_text) - asked
        same = bool(said) and (candidate is best or bool(unit & _unit(candidate)))
        if same and not any(said & others for _, others in reports.values()):
            reports[article.id] = (candidate, said)
    if len(reports) < 2:
        return []
    latest, number = max(reports.values(), key=lambda report: _day(report[0]))
    earlier = next(candidate for candidate, _ in reports.values() if candidate is not latest)
    # A number that the earlier article knows, too, is older than both: the later one tells the past.
    return [] if number <= terms.numbers(earlier.hit.article.text) else [latest, earlier]


def _unit(candidate: Candidate) -> frozenset[str]:
    """Returns stems of what the number counts: the other words of the answer, and those right after it."""
    assert candidate.answer is not None  # because its text contains a number
    behind = candidate.hit.article.text[candidate.answer[1] : candidate.span[1]]
    if len(behind) > UNIT_CHARACTERS:
        behind = behind[:UNIT_CHARACTERS].rpartition(" ")[0]
    counted = terms.stems(f"{candidate.answer_text} {behind}")
    return counted - terms.numbers(candidate.answer_text)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _day(candidate: Candidate) -> date:
    return candidate.hit.article.published or date.min
