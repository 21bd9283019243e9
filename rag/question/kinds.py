"""The kinds of questions, and what each asks of the rest: one table, one row a kind.

A kind is recognised by a head of the reader's network, so that small letters, typos, commands and a missing question
mark do not matter. It was trained on questions of our own writing (scripts/train/data/kinds_*.jsonl).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


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
    LIKELIEST_NEWEST_FIRST = "the likeliest, newest articles first"


@dataclass(frozen=True, slots=True)
class Form:
    """How questions of a kind are answered.

    `passages` are searched for and read; `words` and `sentences` are the most that an answer has. Sentences whose
    probability to belong to it is less than `floor`, or than `share` of the likeliest one's, are left out. With
    `one_article` it is that of a single article, with `points` each sentence stands on a line of its own.
    """

    passages: int
    words: int
    sentences: int
    floor: float = 0.04
    share: float = 0.0
    order: Order = Order.LIKELIEST_FIRST
    one_article: bool = False
    points: bool = False


FILLER = 0.65
"""Share of the likeliest sentence's probability below which another one only fills up an answer in few words."""

MINOR = 0.3
"""The same for longer answers, and for those that need both sides."""

FORMS: dict[Kind, Form] = {
    Kind.FACT: Form(4, 58, 3, share=FILLER),
    Kind.EXPLANATION: Form(5, 108, 7, share=MINOR, order=Order.LIKELIEST_THEN_ARTICLES),
    Kind.VERDICT: Form(4, 58, 3, share=MINOR),
    Kind.OVERVIEW: Form(10, 158, 10, share=MINOR, order=Order.LIKELIEST_NEWEST_FIRST, points=True),
    Kind.SUMMARY: Form(8, 175, 10, share=MINOR, order=Order.AS_IN_THE_ARTICLES, one_article=True),
    Kind.TIMELINE: Form(10, 152, 10, share=MINOR, order=Order.OLDEST_FIRST, points=True),
    Kind.LATEST: Form(8, 92, 7, order=Order.NEWEST_FIRST, points=True),
    Kind.LIST: Form(8, 175, 10, share=MINOR, points=True),
    Kind.COMPARISON: Form(8, 108, 7, share=MINOR, points=True),
    Kind.QUOTATION: Form(4, 58, 3, share=FILLER),
}
"""The kinds that articles are searched for."""


NUMBER = "number_or_date"
"""Label of the training questions that want a number or a date."""

LABELS = {
    "archive": Kind.ARCHIVE,
    "compare": Kind.COMPARISON,
    "fact": Kind.FACT,
    "how": Kind.EXPLANATION,
    "latest": Kind.LATEST,
    "list": Kind.LIST,
    "more": Kind.MORE,
    NUMBER: Kind.FACT,
    "overview": Kind.OVERVIEW,
    "quote": Kind.QUOTATION,
    "shorter": Kind.SHORTER,
    "source": Kind.SOURCE,
    "summary": Kind.SUMMARY,
    "talk": Kind.TALK,
    "timeline": Kind.TIMELINE,
    "who_is": Kind.FACT,
    "why": Kind.EXPLANATION,
    "yesno": Kind.VERDICT,
}
"""Labels of the training questions, in the order of the network's outputs: several have the same row of the table."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A question's kind, and the probability in [0, 1] that it wants a number or a date."""

    kind: Kind
    number: float = 0.0


class SortsQuestions(Protocol):
    """Anything that tells what a question wants, and whether it leans on earlier ones."""

    def kinds(self, question: str) -> dict[str, float]:
        """The probability of each of `LABELS`."""

    def leans(self, question: str, earlier: Sequence[str]) -> float:
        """The probability that the question cannot be understood without the earlier ones (oldest first)."""


def recognise(sorter: SortsQuestions, question: str) -> Recognised:
    """The kind that is expected to serve best: the likeliest, or where that is unsure one with a shorter answer."""
    labelled = sorter.kinds(question)
    shares: dict[Kind, float] = {}
    for label, share in labelled.items():
        kind = LABELS[label]
        shares[kind] = shares.get(kind, 0.0) + share
    best = max(shares, key=lambda one: sum(share * usefulness(one, true) for true, share in shares.items()))
    return Recognised(best, labelled[NUMBER])


def usefulness(answered: Kind, asked: Kind) -> float:
    """What an answer of one kind is worth in [0, 1] to who asked for another.

    One that is too long is worth nothing, one that is too short half. One about the collection or the conversation is
    worth less than nothing to who asked what the articles say.
    """
    if answered is asked:
        return 1.0
    if not answered.about_the_articles:
        return BESIDE_THE_POINT if asked.about_the_articles else 0.0
    if not asked.about_the_articles:
        return 0.0
    given, wanted = FORMS[answered].words, FORMS[asked].words
    return 0.0 if given > wanted else OTHER_KIND if given == wanted else TOO_SHORT


BESIDE_THE_POINT = -0.5
OTHER_KIND = 0.8
TOO_SHORT = 0.5
