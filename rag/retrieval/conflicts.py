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
"""The same for a correction and the article it corrects, and for a figure that joins two that differ; lower, because
they are known to be about the same thing."""

PARTY_AS_LIKELY = 0.1
"""The same for two who count differently; lower, because both are known to count."""

SURE, ALMOST_SURE = 0.0, -2.0
"""Least score of a short answer that is stated, and of one more where others are; in logits above "no answer"."""

MAX_PARAGRAPH = 450
"""Longest paragraph of a correction, in characters, that is quoted as a whole."""

SAME_NAMES = 2
"""The least number of names that two sentences share in which figures of two who count differently stand."""

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
    given_by: str = ""

    @property
    def article(self) -> Article:
        """The sentence's article."""
        return self.candidate.hit.article

    @property
    def day(self) -> date:
        """The day of the article; the first of all days for an article without a date."""
        return self.article.published or date.min

    def is_known_to(self, other: _Figure) -> bool:
        """Whether the other article is an earlier one and holds the numbers: then they are older than both."""
        return other.day < self.day and self.numbers <= terms.numbers(other.article.text)

    def is_of_another(self, other: _Figure) -> bool:
        """Whether somebody else gave this figure: on the same day, or one of them is a party to what was counted."""
        return self._differs_in(self.given_by, other.given_by) and (self.is_against(other) or self.day == other.day)

    def is_against(self, other: _Figure) -> bool:
        """Whether one of the two who gave the figures counts its own people, and the other does not."""
        own = [bool(terms.stems(figure.given_by) & PARTIES) for figure in (self, other)]
        return self._differs_in(self.given_by, other.given_by) and own[0] != own[1]

    @staticmethod
    def _differs_in(one: str, other: str) -> bool:
        return bool(one and other) and not terms.stems(one) & terms.stems(other)


def _different_numbers(question: Question, ranked: Sequence[Candidate]) -> list[Report]:
    asked = terms.numbers(question.plain)
    best, *others = (_figure(c, asked) for c in ranked if c.probability >= PARTY_AS_LIKELY * ranked[0].probability)
    if not best.numbers or best.article.published is None or best.candidate.says < SURE:
        return []
    dated = [figure for figure in others if figure.numbers and figure.article.published]
    sure = [
        f for f in _likely(dated, AS_LIKELY, best) if f.candidate.says >= SURE and _is_comparable(question, best, f)
    ]
    against = [f for f in dated if f.is_against(best) and len(_names(f) & _names(best)) >= SAME_NAMES]
    news = _news([best, *against, *sure])
    differ = any(one.is_of_another(other) for one in news for other in news)
    if len(news) > 1 and not differ:
        unit = _unit(best.candidate)
        others = [f for f in _likely(dated, CORRECTED_AS_LIKELY, best) if f.candidate.says >= ALMOST_SURE]
        news = _news([*news, *(figure for figure in others if unit & _unit(figure.candidate))])
    if len(news) < 2 or best not in news:
        return []
    reports = [Report(figure.candidate, figure.given_by if differ else "") for figure in news]
    return sorted(reports, key=lambda report: report.day, reverse=True)


def _likely(figures: Sequence[_Figure], share: float, best: _Figure) -> list[_Figure]:
    return [figure for figure in figures if figure.candidate.probability >= share * best.candidate.probability]


def _figure(candidate: Candidate, asked: frozenset[str]) -> _Figure:
    numbers = terms.numbers(candidate.answer_text) - asked
    if not numbers or candidate.answer is None:
        return _Figure(candidate, frozenset())
    start = candidate.span[0]
    return _Figure(
        candidate, numbers, counter(candidate.text, (candidate.answer[0] - start, candidate.answer[1] - start))
    )


def _news(figures: Sequence[_Figure]) -> list[_Figure]:
    """Returns the figures of which each is another number, of another article or from somebody else, and no history.

    A number that an earlier article knows, too, is no news: its report tells the past.
    """
    kept: list[_Figure] = []
    for one in figures:
        if len(kept) < MOST_REPORTS and all(
            not one.numbers & other.numbers and (one.article.id != other.article.id or one.is_of_another(other))
            for other in kept
        ):
            kept.append(one)
    return [one for one in kept if not any(one.is_known_to(other) for other in kept)]


def _is_comparable(question: Question, best: _Figure, other: _Figure) -> bool:
    """Whether the other sentence counts what the best one does, or both count what is asked about."""
    unit, others = _unit(best.candidate), _unit(other.candidate)
    asked = terms.question_stems(question.plain)
    return bool(unit & others or (unit & asked and others & asked))


def _names(figure: _Figure) -> frozenset[str]:
    return terms.names(figure.candidate.text)


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
