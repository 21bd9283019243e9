"""From what was typed, and the conversation so far, to a Question: its spelling, kind, period, and what it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from index import Index
from index.embedding.embedder import Embedder
from rag.question.kinds import Kind, Recognised, SortsQuestions, recognise
from rag.question.period import period
from rag.question.question import ENGLISH, Question

REMEMBERED = 1024
"""Questions whose kind is remembered, and turns of which it is known whether they lean: they come again."""

HISTORY = 6
"""Earlier questions that one may lean on."""

LEANS_FROM = 0.8
"""Probability of leaning on earlier questions from which on they are looked at."""

RETURNS = 0.25
"""By how much nearer, in cosine, an older subject must be than the last one for a question to return to it."""

_QUOTING = str.maketrans(dict.fromkeys('"*^“”', " "))
"""Marks that people set around words to search for, which no date needs."""

ABOUT_THE_LAST_ANSWER = (Kind.SHORTER, Kind.MORE, Kind.SOURCE)


class Understanding:
    """Makes Questions. Without a sorter every question is one for a fact that leans on nothing."""

    def __init__(self, sorter: SortsQuestions | None = None) -> None:
        self._sorter = sorter
        self._recognised = lru_cache(REMEMBERED)(self._recognise)
        self._leans = lru_cache(REMEMBERED)(self._lean)

    def question(self, index: Index, typed: str, history: Sequence[str] = (), *, today: date | None = None) -> Question:
        """What `typed` asks for after the questions of `history` (oldest first); "last week" counts from `today`."""
        typed = " ".join(typed.split())
        within = period(" ".join(typed.translate(_QUOTING).split()), today or date.today())
        language = index.question_language(typed)
        if language != ENGLISH:  # the kinds and what leans on what were learned from English questions
            return Question(typed, period=within, language=language)
        earlier = [" ".join(turn.split()) for turn in history[-HISTORY:]]
        recognised = self._recognised(typed)
        kind = recognised.kind
        subjects = tuple(turn for turn in earlier if self._recognised(turn).kind.about_the_articles)
        leans_on: tuple[str, ...] = ()
        if kind in ABOUT_THE_LAST_ANSWER:
            leans_on = self._chain(subjects)
            kind = kind if leans_on else Kind.TALK
        elif kind.about_the_articles and self._leans(typed, subjects):
            leans_on = self._subject(index.embedder, typed, subjects)
        spelt, earlier_spelt = corrected(index, typed), corrected(index, " ".join(leans_on))
        return Question(typed, kind, leans_on, spelt, earlier_spelt, within, recognised.number)

    def _recognise(self, typed: str) -> Recognised:
        return recognise(self._sorter, typed) if self._sorter else Recognised(Kind.FACT)

    def _lean(self, typed: str, subjects: tuple[str, ...]) -> bool:
        return self._sorter is not None and bool(subjects) and self._sorter.leans(typed, subjects) >= LEANS_FROM

    def _subject(self, embedder: Embedder, typed: str, subjects: tuple[str, ...]) -> tuple[str, ...]:
        """The questions that this one goes on from: the last one's, unless an older subject is much nearer."""
        last = self._chain(subjects)
        older = [turn for n, turn in enumerate(subjects) if not self._leans(turn, subjects[:n])]
        vector = embedder.embed_question(typed)
        near = {turn: float(vector @ embedder.embed_question(turn)) for turn in {*older, *last}}
        best = max(older, key=near.__getitem__, default=None)
        if best is None or best in last or near[best] < RETURNS + max(near[turn] for turn in last):
            return last
        return (best,)

    def _chain(self, subjects: tuple[str, ...]) -> tuple[str, ...]:
        """The last question with the one that it leans on, if it does; empty if nothing was asked yet."""
        if not subjects:
            return ()
        last = len(subjects) - 1
        first = last
        while first > 0 and self._leans(subjects[first], subjects[:first]):
            first -= 1
        return (subjects[last],) if first == last else (subjects[first], subjects[last])


def corrected(index: Index, typed: str) -> str:
    """The question with misspelt words put right; empty if there are none."""
    spelling = index.spelling(typed)
    right = typed
    for wrong, meant in spelling.items():
        right = re.sub(rf"\b{re.escape(wrong)}\b", meant, right, flags=re.IGNORECASE)
    return right if spelling else ""
