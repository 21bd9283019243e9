"""The kinds of questions, and what each asks of the rest: one table, one row a kind.

A kind is recognised by a linear classifier on the question's vector and that of its first words, so that small letters,
typos, commands and a missing question mark do not matter. It was trained on questions of our own writing
(scripts/train/data/kinds.jsonl).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

import numpy as np

from index.embedding.embedder import Vectors
from index.text.sentences import Span, sentence_spans
from rag.question.linear import LinearClassifier, Vector

WEIGHTS_FILE = Path(__file__).with_name("kinds.safetensors")

OPENING = 4
"""Words at the beginning of a question whose vector is looked at by itself: they say most about what it wants."""


GOING_ON = frozenset("and but so ok okay also then well".split())
"""Words at the beginning that only go on from what was said."""

SHORTEST_SENTENCE = 3
"""Words of a sentence that can be the question; "Thanks." behind one is none."""

# Numbers, names and compounds whole: "1,907", "O’Hara", "run-off".
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")


class Kind(Enum):
    """What a question asks for."""

    FACT = "fact"
    EXPLANATION = "explanation"
    VERDICT = "verdict"
    OVERVIEW = "overview"
    SUMMARY = "summary"
    TIMELINE = "timeline"
    LATEST = "latest"
    LIST = "list"
    COMPARISON = "comparison"
    QUOTATION = "quotation"
    ARCHIVE = "archive"
    TALK = "talk"
    SHORTER = "shorter"
    MORE = "more"
    SOURCE = "source"

    @property
    def about_the_articles(self) -> bool:
        """Whether articles are searched for it; the others are about the conversation or the archive itself."""
        return self in FORMS


class Order(Enum):
    """How the sentences of an answer follow each other."""

    LIKELIEST_FIRST = "likeliest first"
    AS_IN_THE_ARTICLES = "as in the articles"
    LIKELIEST_THEN_ARTICLES = "likeliest first, then as in the articles"
    OLDEST_FIRST = "oldest first"
    NEWEST_FIRST = "newest first"


@dataclass(frozen=True, slots=True)
class Form:
    """How questions of a kind are answered.

    `passages` are searched for and read; `words` and `sentences` are the most that an answer has; sentences less likely
    than `floor` to belong to it are left out. With `one_article` it is that of a single article, with `points` each
    sentence stands on a line of its own.
    """

    passages: int
    words: int
    sentences: int
    floor: float = 0.04
    order: Order = Order.LIKELIEST_FIRST
    one_article: bool = False
    points: bool = False


FORMS: dict[Kind, Form] = {
    Kind.FACT: Form(5, 58, 3),
    Kind.EXPLANATION: Form(6, 108, 5, order=Order.LIKELIEST_THEN_ARTICLES),
    Kind.VERDICT: Form(5, 58, 3),
    Kind.OVERVIEW: Form(10, 158, 9, order=Order.LIKELIEST_THEN_ARTICLES, points=True),
    Kind.SUMMARY: Form(8, 175, 9, order=Order.AS_IN_THE_ARTICLES, one_article=True),
    Kind.TIMELINE: Form(10, 152, 8, order=Order.OLDEST_FIRST, points=True),
    Kind.LATEST: Form(8, 92, 5, order=Order.NEWEST_FIRST, points=True),
    Kind.LIST: Form(8, 175, 8, points=True),
    Kind.COMPARISON: Form(8, 108, 5, points=True),
    Kind.QUOTATION: Form(5, 58, 3),
}
"""The kinds that articles are searched for."""


NUMBER = "number_or_date"
"""Label of the training questions that want a number or a date."""

MERGED = {
    "number_or_date": Kind.FACT,
    "who_is": Kind.FACT,
    "why": Kind.EXPLANATION,
    "how": Kind.EXPLANATION,
    "yesno": Kind.VERDICT,
    "compare": Kind.COMPARISON,
    "quote": Kind.QUOTATION,
}
"""Labels of the training questions that are no kinds by themselves."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A question's kind, and the probability in [0, 1] that it wants a number or a date."""

    kind: Kind
    number: float = 0.0


class QuestionEmbedder(Protocol):
    """The part of an `index.embedding.embedder.Embedder` that questions need."""

    name: str
    dimension: int

    def embed_question(self, question: str) -> Vectors:
        """One unit vector (dimension,)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted."""


def features(embedder: QuestionEmbedder, question: str) -> Vector:
    """What the classifier looks at: the vectors of the question and of its first four words, one after the other.

    Of several sentences only the last counts: it asks, those before it explain. And of it the words alone, without the
    ones that only go on from what was said ("and", "ok so"): a missing question mark, quotation marks or brackets make
    no other kind.
    """
    *_, (start, end) = [span for span in sentence_spans(question) if _asks(question, span)] or [(0, len(question))]
    words = _WORD.findall(question[start:end]) or question.split()
    first = next((n for n, word in enumerate(words) if word.lower() not in GOING_ON), 0)
    return opening_vectors(embedder, words[first:])


def opening_vectors(embedder: QuestionEmbedder, words: Sequence[str]) -> Vector:
    """The vectors of all the words and of the first four, one after the other."""
    whole = embedder.embed_question(" ".join(words))
    first = whole if len(words) <= OPENING else embedder.embed_question(" ".join(words[:OPENING]))
    return np.concatenate([whole, first]).astype(np.float32)


def _asks(question: str, span: Span) -> bool:
    return len(question[span[0] : span[1]].split()) >= SHORTEST_SENTENCE


class KindRecogniser:
    """Tells a question's kind."""

    def __init__(self, classifier: LinearClassifier) -> None:
        self._classifier = classifier

    @classmethod
    def load(cls) -> KindRecogniser:
        """With the trained weights."""
        return cls(LinearClassifier.load(WEIGHTS_FILE))

    @property
    def embedder(self) -> str:
        """Name of the embedding model whose vectors it was trained on."""
        return self._classifier.embedder

    def recognise(self, embedder: QuestionEmbedder, question: str) -> Recognised:
        """The kind that is expected to serve best: the likeliest, or where that is unsure one with a shorter answer."""
        probabilities = self._classifier.probabilities(features(embedder, question)).tolist()
        labelled = dict(zip(self._classifier.labels, probabilities, strict=True))
        shares: dict[Kind, float] = {}
        for label, share in labelled.items():
            kind = kind_of(label)
            shares[kind] = shares.get(kind, 0.0) + share
        best = max(shares, key=lambda one: sum(share * usefulness(one, true) for true, share in shares.items()))
        return Recognised(best, labelled.get(NUMBER, 0.0))


def kind_of(label: str) -> Kind:
    """The kind that a label of the training questions belongs to: several have the same row of the table."""
    return MERGED.get(label) or Kind(label)


def usefulness(answered: Kind, asked: Kind) -> float:
    """What an answer of one kind is worth in [0, 1] to who asked for another.

    One that is too long is worth nothing, one that is too short half.
    """
    if answered is asked:
        return 1.0
    if not (answered.about_the_articles and asked.about_the_articles):
        return 0.0
    given, wanted = FORMS[answered].words, FORMS[asked].words
    return 0.0 if given > wanted else OTHER_KIND if given == wanted else TOO_SHORT


OTHER_KIND = 0.8
TOO_SHORT = 0.5
