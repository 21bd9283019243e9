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
from rag.question.kinds import Kind
from rag.question.question import Question
from rag.retrieval.evidence import Candidate

AS_LIKELY = 0.5
"""A report disagrees with the best only if it is at least this share as likely to hold the answer."""

CORRECTED_AS_LIKELY = 0.2
"""The same for a correction and what it corrects: they are about the same thing, so less is needed."""

SURE = 0.0
"""How far above "no answer", in logits, the reader must hold what another report gives."""

MAX_REPORTS = 2

MAX_PARAGRAPH = 250
"""Characters of a correction's paragraph that is quoted whole."""

UNIT_CHARACTERS = 25
"""Characters after a number that are looked at for what it counts."""

_WORD = re.compile(r"\w+")


def conflicting(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence of each article that says something else, the latest first; empty if they agree.

    Numbers are compared only where the question asks for a fact and the reader points at a number. Articles without a
    date are no reports "as of" anything and are left out.
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


def _different_numbers(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    asked = wording.numbers(question.plain)
    best = ranked[0]
    if not wording.numbers(best.answer_text) - asked:
        return []
    floor, unit = AS_LIKELY * best.probability, _unit(best)
    reports: dict[str, tuple[Candidate, frozenset[str]]] = {}
    for candidate in ranked:
        article = candidate.hit.article
        sure = candidate is best or candidate.says >= SURE
        if candidate.probability < floor or article.published is None or article.id in reports or not sure:
            continue
        said = wording.numbers(candidate.answer_text) - asked
        same = bool(said) and (candidate is best or bool(unit & _unit(candidate)))
        if same and not any(said & others for _, others in reports.values()):
            reports[article.id] = (candidate, said)
    found = [candidate for candidate, _ in reports.values()][:MAX_REPORTS]
    return sorted(found, key=_day, reverse=True) if len(found) > 1 else []


def _unit(candidate: Candidate) -> frozenset[str]:
    """Stems of what the number counts: the words with it and right behind it in its sentence."""
    assert candidate.answer is not None  # it has a number in it
    behind = candidate.hit.article.text[candidate.answer[1] : candidate.span[1]]
    if len(behind) > UNIT_CHARACTERS:
        behind = behind[:UNIT_CHARACTERS].rpartition(" ")[0]
    counted = wording.stems(f"{candidate.answer_text} {behind}")
    return counted - wording.numbers(candidate.answer_text)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _day(candidate: Candidate) -> date:
    return candidate.hit.article.published or date.min
