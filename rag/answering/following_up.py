"""Requests about the last answer: make it shorter, say more, name its sources.

The answer is made again from the same question and index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import prompts
from rag.answer import Outcome
from rag.answering.draft import Draft
from rag.answering.selection import choose
from rag.answering.steps import Step
from rag.question.kinds import FORMS, Form, Kind
from rag.question.question import Question
from rag.text import terms

SHORT_WORDS = 60
"""The most words of a shortened answer of one or two sentences."""

MOST_SENTENCES = 5


def followed_up(asked: Question, draft: Draft) -> Iterator[Step | Outcome]:
    """Yields the answer to a request about the last answer; `draft` has the earlier question and its candidates."""
    form = FORMS[draft.question.kind]
    if asked.kind is Kind.SHORTER:
        yield draft.begin("")
        yield from draft.quote(choose(draft.candidates, _shortened(form, asked)))
        return
    first = choose(draft.candidates, form)
    if asked.kind is Kind.SOURCE:
        titles = dict.fromkeys(f"“{one.candidate.hit.article.title}”" for one in first)
        lead = prompts.render("sources", question=draft.question.typed, titles=", ".join(titles))
        yield draft.begin(lead, listed=True)
        yield from draft.quote(first)
        return
    double = replace(form, words=2 * form.words, sentences=2 * form.sentences, floor=form.floor / 2, share=0.0)
    spans = {(one.candidate.hit.article.id, one.span) for one in first}
    more = [one for one in choose(draft.candidates, double) if (one.candidate.hit.article.id, one.span) not in spans]
    if more:
        yield draft.begin("", listed=form.points and len(more) > 1)
        yield from draft.quote(more)
    else:
        yield Outcome.TALK
        yield draft.begin(prompts.render("nothing_more", question=draft.question.typed))


def _shortened(form: Form, asked: Question) -> Form:
    """Returns the form with as many sentences as the request names, at most five, or one if it names no number."""
    named = [int(number) for number in terms.numbers(asked.typed) if number.isdecimal()]
    sentences = min(max(named, default=1), MOST_SENTENCES) or 1
    return replace(form, words=max(SHORT_WORDS, 30 * sentences), sentences=sentences)
