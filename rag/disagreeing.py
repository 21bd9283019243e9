"""Reports that disagree: two articles give different numbers for what was asked, or one corrects the other.

A reader must see both with their dates, the later first, not whichever the search liked better: "14 dead" on the
morning after and "31 dead" when the search ended are both what an article says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from index import Article
from index.sentences import paragraph_spans
from rag import wording
from rag.evidence import Candidate
from rag.expecting import Expects, counted, counts, expectation, measures

NUMERIC = (Expects.COUNT, Expects.NUMBER, Expects.MONEY, Expects.SHARE)

AS_LIKELY = 0.5
"""A report disagrees with the best only if it is at least this share as likely to hold the answer."""

CORRECTED_AS_LIKELY = 0.2
"""The same for a correction and what it corrects: they are about the same thing, so less is needed."""

MAX_REPORTS = 3

MAX_PARAGRAPH = 600
"""Characters of a correction's paragraph that is quoted whole."""

_NEXT_WORD = re.compile(r"\W*\w+")
_CORRECTION = re.compile(r"(?:correction|corrected|clarification|retraction|erratum)\b", re.IGNORECASE)


def disagreeing(question: str, ranked: Sequence[Candidate], threshold: float) -> list[Candidate]:
    """The best sentence of each article that says something else, the latest first; empty if they agree.

    Numbers are compared only where the question asks for one. Articles without a date are no reports "as of"
    anything and are left out.
    """
    if not ranked:
        return []
    return _corrected(ranked) or _different_numbers(question, ranked, threshold)


def corrects(later: Article, earlier: Article) -> bool:
    """Whether `later` is a correction that names `earlier` by its title."""
    announced = _CORRECTION.match(later.title) or _CORRECTION.match(later.text)
    return bool(announced) and len(earlier.title) > 0 and _plain(earlier.title) in _plain(later.text)


def _corrected(ranked: Sequence[Candidate]) -> list[Candidate]:
    """The correction's best sentence and the one of the report it corrects, if either is the best of all."""
    best = ranked[0].hit.article
    floor = CORRECTED_AS_LIKELY * ranked[0].probability
    for candidate in ranked[1:]:
        other = candidate.hit.article
        if candidate.probability < floor:
            break
        if corrects(other, best):
            return [_paragraph(candidate), ranked[0]] if not _announces(candidate, best) else []
        if corrects(best, other):
            correction = next((c for c in ranked if c.hit.article.id == best.id and not _announces(c, other)), None)
            return [_paragraph(correction), candidate] if correction else []
    return []


def _paragraph(candidate: Candidate) -> Candidate:
    """The whole paragraph, if it is short: a correction's sentence says by turns what was wrong and what is right."""
    start, end = candidate.span
    whole = next((a, b) for a, b in paragraph_spans(candidate.hit.article.text) if a <= start and end <= b)
    return replace(candidate, span=whole) if whole[1] - whole[0] <= MAX_PARAGRAPH else candidate


def _announces(candidate: Candidate, earlier: Article) -> bool:
    """Whether the sentence only says what is corrected, by the earlier title."""
    return _plain(earlier.title) in _plain(candidate.text)


def _different_numbers(question: str, ranked: Sequence[Candidate], threshold: float) -> list[Candidate]:
    if expectation(question) not in NUMERIC:
        return []
    floor = max(threshold, AS_LIKELY * ranked[0].probability)
    reports: dict[str, tuple[Candidate, frozenset[str]]] = {}
    for candidate in ranked:
        article = candidate.hit.article
        if candidate.probability < floor or article.published is None or article.id in reports:
            continue
        said = _numbers(question, candidate)
        if said and not any(said & others for _, others in reports.values()):
            reports[article.id] = (candidate, said)
    found = [candidate for candidate, _ in reports.values()][:MAX_REPORTS]
    return sorted(found, key=_day, reverse=True) if len(found) > 1 else []


def _numbers(question: str, candidate: Candidate) -> frozenset[str]:
    """The numbers that the sentence gives as the answer."""
    asked = wording.numbers(question)
    if not measures(question, _with_unit(candidate)):
        return frozenset()  # 38,000 vehicles are no other length than 1,840 metres
    if candidate.answer is not None:
        return wording.numbers(candidate.answer_text) - asked
    things = counted(question)
    if things and not counts(things, wording.words(candidate.text)):
        return frozenset()
    return wording.numbers(candidate.text) - asked


def _with_unit(candidate: Candidate) -> str:
    """What the reader takes for the answer, with the word after it; the sentence if it has not read."""
    if candidate.answer is None:
        return candidate.text
    after = _NEXT_WORD.match(candidate.hit.article.text, candidate.answer[1])
    return candidate.answer_text + (after[0] if after else "")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _day(candidate: Candidate) -> date:
    return candidate.hit.article.published or date.min
