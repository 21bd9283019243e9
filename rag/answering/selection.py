"""Which sentences become the answer, and in which order: as the question's kind wants it, each point once.

Sentences are taken by their probability until the kind's limit of words is full. One that says nearly what another says
is left out (Carbonell and Goldstein 1998, "The use of MMR", section 2, with a bound in place of the weighted sum).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from index.sentences import Span
from rag import wording
from rag.dates_in_text import dates
from rag.question.kinds import Form, Order
from rag.question.question import Question
from rag.retrieval.evidence import Candidate, whole_quotation
from rag.retrieval.passages import sides

SAME_MEANING = 0.9
"""Cosine of two sentences' vectors from which on the second adds nothing."""

SAME_WORDS = 0.8
"""Share of a sentence's words that makes it a repetition of another."""

ABOUT_IT = 0.4
"""Share of the best sentence's probability that makes an article one about the topic, for the latest on it."""

OF_EACH = 2
"""Sentences of each article that the latest on a topic is told with."""

SHORTEST = 4
"""Words of a sentence that can be shown; fewer are headings, captions and scraps."""

SHORTEST_OPEN = 12
"""The same for what does not end as a sentence: a point of a list, but no heading."""

ENDS = ".!?…。！？"
CLOSING = "\"'”’»)]"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the answer: a candidate, and the span that is shown of it: with its whole quotation."""

    candidate: Candidate
    span: Span

    @property
    def text(self) -> str:
        """What is shown."""
        return self.candidate.hit.article.text[self.span[0] : self.span[1]]


def choose(candidates: Sequence[Candidate], form: Form) -> list[Chosen]:
    """The sentences of the answer in the order in which they are shown; at least one, if there is any candidate.

    `candidates` are the likeliest first.
    """
    chosen: list[Chosen] = []
    room = form.words
    readable = list(_readable(candidates))
    for candidate in _newest(readable) if form.order is Order.NEWEST_FIRST else readable:
        if len(chosen) >= form.sentences:
            break
        if chosen and candidate.probability < form.floor:
            continue
        one = Chosen(candidate, whole_quotation(candidate.hit, candidate.span))
        words = len(one.text.split())
        if (words <= room or not chosen) and not any(_same(one, other) for other in chosen):
            chosen.append(one)
            room -= words
    return ordered(chosen, form.order)


def missing_side(question: Question, chosen: Sequence[Chosen]) -> str:
    """The side of a comparison that no chosen sentence, and no title of its article, names; empty if both are there."""
    both = sides(question)
    if len(both) != 2:
        return ""
    stems = [wording.question_stems(side) for side in both]
    told = wording.stems(" ".join(f"{one.candidate.hit.article.title}. {one.text}" for one in chosen))
    own = [stems[0] - stems[1], stems[1] - stems[0]]
    missing = [side.rstrip("?") for side, words in zip(both, own, strict=True) if words and not words & told]
    return missing[0] if len(missing) == 1 else ""


def ordered(chosen: Sequence[Chosen], order: Order) -> list[Chosen]:
    """The sentences in the order that the kind wants; neighbours in one article stay in the article's order."""
    if order is Order.LIKELIEST_FIRST:
        return list(chosen)
    if order is Order.OLDEST_FIRST:
        return sorted(chosen, key=lambda one: (_day_told(one), one.span))
    if order is Order.NEWEST_FIRST:
        return sorted(chosen, key=lambda one: (-_published(one).toordinal(), *_place(chosen, one)))
    lead = 1 if order is Order.LIKELIEST_THEN_ARTICLES else 0
    return [*chosen[:lead], *sorted(chosen[lead:], key=lambda one: _place(chosen, one))]


def is_readable(text: str) -> bool:
    """Whether a text can be shown as a sentence: no heading, caption or scrap, and no line break in it."""
    words = len(text.split())
    return "\n" not in text and words >= (SHORTEST if text.rstrip(CLOSING)[-1:] in ENDS else SHORTEST_OPEN)


def _readable(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The candidates that can be shown, then, if there is none, all of them."""
    some = [candidate for candidate in candidates if is_readable(candidate.text)]
    return iter(some or candidates)


def _newest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Some sentences of the newest article that is about the topic, then some of the one before, and so on.

    An article is about it if its best sentence is at least a share as likely as the best of all.
    """
    of_article: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        of_article.setdefault(candidate.hit.article.id, []).append(candidate)
    floor = ABOUT_IT * candidates[0].probability if candidates else 0.0
    about = [some for some in of_article.values() if some[0].probability >= floor]
    about.sort(key=lambda some: some[0].hit.article.published or date.min, reverse=True)
    return [candidate for some in about for candidate in some[:OF_EACH]]


def _same(one: Chosen, other: Chosen) -> bool:
    if one.candidate.hit.article.id == other.candidate.hit.article.id:
        (a, b), (c, d) = one.span, other.span
        if a < d and c < b:
            return True
    first, second = one.candidate.vector, other.candidate.vector
    if first is not None and second is not None and float(first @ second) >= SAME_MEANING:
        return True
    new = wording.stems(one.text)
    return len(new & wording.stems(other.text)) >= SAME_WORDS * len(new)


def _place(chosen: Sequence[Chosen], one: Chosen) -> tuple[int, Span]:
    """Articles in the order of their likeliest sentence, sentences in that of the article."""
    articles = list(dict.fromkeys(each.candidate.hit.article.id for each in chosen))
    return articles.index(one.candidate.hit.article.id), one.span


def _published(one: Chosen) -> date:
    return one.candidate.hit.article.published or date.min


def _day_told(one: Chosen) -> tuple[int, int, int]:
    """The first day, month or year that the sentence names; without a year that of the article's date."""
    published = _published(one)
    whole = next((found for found in dates(one.text) if found.year), None)
    if whole is not None and whole.year is not None:
        return whole.year, whole.month or 0, whole.day or 0
    words = (word.strip(".,;:()'’\"“”") for word in one.text.split())
    year = next((int(word) for word in words if len(word) == 4 and word.isdecimal() and word[:2] in CENTURIES), None)
    return (year, 0, 0) if year else (published.year, published.month, published.day)


CENTURIES = ("17", "18", "19", "20")
"""How a number begins that is taken for a year."""
