"""From what was typed, and the conversation so far, to a Question: its spelling, kind, period, and what it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index import Index
from index.embedding.embedder import Embedder, Vectors
from rag.question.kinds import Kind, KindRecogniser, QuestionEmbedder, Recognised
from rag.question.leaning import LeaningRecogniser
from rag.question.period import period
from rag.question.question import Question

REMEMBERED = 1024
"""Vectors of questions and of their first words that are remembered, 1.5 kB each."""

HISTORY = 6
"""Earlier questions that one may lean on."""

RETURNS = 0.25
"""By how much nearer, in cosine, an older subject must be than the last one for a question to return to it."""

_QUOTING = str.maketrans(dict.fromkeys('"*^“”', " "))
"""Marks that people set around words to search for, which no date needs."""

ABOUT_THE_LAST_ANSWER = (Kind.SHORTER, Kind.MORE, Kind.SOURCE)


class Understanding:
    """Makes Questions. Without recognisers every question is one for a fact that leans on nothing."""

    def __init__(self, kinds: KindRecogniser | None = None, leaning: LeaningRecogniser | None = None) -> None:
        self._kinds = kinds
        self._leaning = leaning
        self._vectors: dict[tuple[str, str], Vectors] = {}

    @classmethod
    def load(cls, embedder_name: str) -> Understanding:
        """With the trained recognisers, if they were trained on the vectors of this model, in whatever precision."""
        kinds, leaning = KindRecogniser.load(), LeaningRecogniser.load()
        return cls(kinds, leaning) if kinds.embedder == embedder_name.partition("@")[0] else cls()

    def question(self, index: Index, typed: str, history: Sequence[str] = (), *, today: date | None = None) -> Question:
        """What `typed` asks for after the questions of `history` (oldest first); "last week" counts from `today`."""
        embedder = RememberingEmbedder(index.embedder, self._vectors)
        typed = " ".join(typed.split())
        earlier = [" ".join(turn.split()) for turn in history[-HISTORY:]]
        recognised = self._recognised(embedder, typed)
        kind = recognised.kind
        subjects = [turn for turn in earlier if self._recognised(embedder, turn).kind.about_the_articles]
        leans_on: tuple[str, ...] = ()
        if kind in ABOUT_THE_LAST_ANSWER:
            leans_on = self._chain(embedder, subjects)
            kind = kind if leans_on else Kind.TALK
        elif kind.about_the_articles and self._leans(embedder, typed, subjects):
            leans_on = self._subject(embedder, typed, subjects)
        within = period(" ".join(typed.translate(_QUOTING).split()), today or date.today())
        return Question(typed, kind, leans_on, corrected(index, typed), within, recognised.number)

    def _recognised(self, embedder: QuestionEmbedder, typed: str) -> Recognised:
        return self._kinds.recognise(embedder, typed) if self._kinds else Recognised(Kind.FACT)

    def _leans(self, embedder: QuestionEmbedder, typed: str, subjects: Sequence[str]) -> bool:
        return self._leaning is not None and self._leaning.leans(embedder, typed, subjects)

    def _subject(self, embedder: QuestionEmbedder, typed: str, subjects: Sequence[str]) -> tuple[str, ...]:
        """The questions that this one goes on from: the last one's, unless an older subject is much nearer."""
        last = self._chain(embedder, subjects)
        older = [turn for n, turn in enumerate(subjects) if not self._leans(embedder, turn, subjects[:n])]
        vector = embedder.embed_question(typed)
        near = {turn: float(vector @ embedder.embed_question(turn)) for turn in [*older, *last]}
        best = max(older, key=near.__getitem__, default=None)
        if best is None or best in last or near[best] < RETURNS + max(near[turn] for turn in last):
            return last
        return (best,)

    def _chain(self, embedder: QuestionEmbedder, subjects: Sequence[str]) -> tuple[str, ...]:
        """The last question with the one that it leans on, if it does; empty if nothing was asked yet."""
        if not subjects:
            return ()
        last = len(subjects) - 1
        first = last
        while first > 0 and self._leans(embedder, subjects[first], subjects[:first]):
            first -= 1
        return (subjects[last],) if first == last else (subjects[first], subjects[last])


class RememberingEmbedder:
    """An embedder that remembers vectors: the questions of a conversation come again with each new one."""

    def __init__(self, embedder: Embedder, vectors: dict[tuple[str, str], Vectors]) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._vectors = vectors

    def embed_question(self, question: str) -> Vectors:
        """The vector of the question, computed only if it has not been seen lately."""
        found = self._vectors.get((self.name, question))
        if found is None:
            found = self._embedder.embed_question(question)
            if len(self._vectors) >= REMEMBERED:
                self._vectors.clear()
            self._vectors[self.name, question] = found
        return found


def corrected(index: Index, typed: str) -> str:
    """The question with misspelt words put right; empty if there are none."""
    spelling = index.spelling(typed)
    right = typed
    for wrong, meant in spelling.items():
        right = re.sub(rf"\b{re.escape(wrong)}\b", meant, right, flags=re.IGNORECASE)
    return right if spelling else ""
