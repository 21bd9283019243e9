"""Detects reports that disagree: articles give different numbers for the question, or one corrects the other.

All must be shown with their dates, the latest first, and not only the one that ranks highest: "14 dead" on the morning
after and "31 dead" when the search ended are both statements of an article. Of one day, it is shown who counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index import Article
from index.language.sentences import Span, paragraph_spans
from rag.question.kinds import Kind
from rag.question.question import Question
from rag.retrieval.counters import counter
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

MOST_REPORTS = 5
"""The most reports that are shown, the likeliest ones."""

PARTIES = terms.stems("organiser organizer union opposition campaigner protester activist")
"""Stems of those who count their own people: others count differently, not later."""

UNIT_CHARACTERS = 25
"""The number of characters after a number that are searched for what it counts."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Report:
    """One of the reports that disagree; `counted_by` is who gave its figure, where that is the difference."""

    candidate: Candidate
    counted_by: str = ""

    @property
    def day(self) -> date:
        """The day of its article; the first of all days for an article without a date."""
        return self.candidate.hit.article.published or date.min


def conflicting(question: Question, ranked: Sequence[Candidate]) -> list[Report]:
    """Returns the best sentences of the articles that disagree, the latest first; empty if none disagree.

    One of them is the likeliest sentence. Only for questions of fact. Numbers are compared only if the reader is sure
    of one in the likeliest sentence; articles without a date are left out of that comparison, because the answer gives
    the date of each report.
    """
    if not ranked or question.kind is not Kind.FACT:
        return []
    return [Report(c) for c in _corrected(ranked)] or _different_numbers(question, ranked)


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


@dataclass(frozen=True, slots=True)
class _Figure:
    """A sentence with the numbers of its answer, and who gave them as far as the sentence says so."""

    candidate: Candidate
    numbers: frozenset[str]
    given_by: str

    @property
    def article(self) -> Article:
        """The sentence's article."""
        return self.candidate.hit.article

    def is_known_to(self, other: _Figure) -> bool:
        """Whether the other article is an earlier one and holds the numbers: then they are older than both."""
        return _day(other) < _day(self) and self.numbers <= terms.numbers(other.article.text)

    def is_of_another(self, other: _Figure) -> bool:
        """Whether somebody else gave this figure: on the same day, or one of them is a party to what was counted."""
        one, two = terms.stems(self.given_by), terms.stems(other.given_by)
        parties = bool(one & PARTIES) != bool(two & PARTIES)
        return bool(one and two) and not one & two and (parties or _day(self) == _day(other))


def _different_numbers(question: Question, ranked: Sequence[Candidate]) -> list[Report]:
    asked = terms.numbers(question.plain)
    best = ranked[0]
    if not terms.numbers(best.answer_text) - asked or best.hit.article.published is None or best.says < SURE:
        return []
    figures: list[_Figure] = []
    for candidate in ranked:
        if candidate.probability < AS_LIKELY * best.probability or len(figures) == MOST_REPORTS:
            break
        numbers = terms.numbers(candidate.answer_text) - asked
        if candidate is not best and not _is_comparable(question, best, candidate, numbers):
            continue
        figure = _Figure(candidate, numbers, _given_by(candidate))
        if all(not numbers & other.numbers and _may_differ(figure, other) for other in figures):
            figures.append(figure)
    # A number that an earlier article knows, too, is no news: its report tells the past.
    news = [figure for figure in figures if not any(figure.is_known_to(other) for other in figures)]
    if len(news) < 2 or news[0].candidate is not best:
        return []
    differ = any(one.is_of_another(other) for one in news for other in news)
    reports = [Report(figure.candidate, figure.given_by if differ else "") for figure in news]
    return sorted(reports, key=lambda report: report.day, reverse=True)


def _is_comparable(question: Question, best: Candidate, other: Candidate, numbers: frozenset[str]) -> bool:
    """Whether the other sentence is dated, sure, and counts what the best one does."""
    if not numbers or other.says < SURE or other.hit.article.published is None:
        return False
    unit, others = _unit(best), _unit(other)
    asked = terms.question_stems(question.plain)
    return bool(unit & others or (unit & asked and others & asked))


def _may_differ(one: _Figure, other: _Figure) -> bool:
    """Whether both can be reports: of different articles, or of one that names two who counted."""
    return one.article.id != other.article.id or one.is_of_another(other)


def _given_by(candidate: Candidate) -> str:
    assert candidate.answer is not None  # because its text contains a number
    start = candidate.span[0]
    return counter(candidate.text, (candidate.answer[0] - start, candidate.answer[1] - start))


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


def _day(figure: _Figure) -> date:
    return figure.article.published or date.min
