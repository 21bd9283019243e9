"""Selects the sentences of the answer and their order, according to the kind of question, without redundancy.

Sentences are taken in order of probability up to the word limit of the kind. Near duplicates of a selected sentence are
left out (Carbonell and Goldstein 1998, "The use of MMR", section 2, with a threshold instead of the weighted sum).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.language.searchable import count_words
from index.language.sentences import Span
from rag.question.kinds import Form, Order
from rag.question.question import Question
from rag.retrieval.evidence import Candidate, whole_quotation
from rag.retrieval.passages import sides
from rag.text import terms
from rag.text.date_mentions import dates

SAME_MEANING = 0.9
"""Least cosine similarity of two sentence vectors at which the sentences count as duplicates."""

SAME_WORDS = 0.8
"""Least share of a sentence's words that occur in another one, at which it counts as a repetition of that."""

ABOUT_IT = 0.4
"""For the latest news: least probability of an article's best sentence, as a share of the highest, to be on topic."""

OF_EACH = 2
"""For the latest news: the most sentences from each article."""

COMPARING = terms.stems("compare comparing comparison contrast difference differ between")
"""Stems of words that ask for a comparison and name no side of it."""

SHORTEST = 4
"""The fewest words of a sentence that is shown; shorter ones are headings, captions and fragments."""

LIKELY = 0.5
"""Least probability of a sentence of fewer words with which it is shown, together with the sentence before it."""

NEARLY = 0.7
"""Least probability, as a share of the best sentence's, of a short text without a mark at its end that is shown."""

SHORTEST_OPEN = 12
"""The same for text without a mark at its end: list items have that many words, headings do not."""

ENDS = ".!?…。！？؟۔।"
_ROW = re.compile(r"[^:.!?]{1,60}: (?=.*\d).{3,}")
_BULLET = re.compile(r"(?:|.?\n)[-*+•‣◦·▪●○–—] ")
CLOSING = "\"'”’»)]"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the answer: a candidate, and its span extended to the whole quotation that contains it."""

    candidate: Candidate
    span: Span

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.candidate.hit.article.text[self.span[0] : self.span[1]]


def choose(candidates: Sequence[Candidate], form: Form) -> list[Chosen]:
    """Returns the sentences of the answer in the order to be shown; at least one if there is any candidate.

    `candidates` are sorted by probability, highest first.
    """
    chosen: list[Chosen] = []
    room = form.words
    readable = _readable(candidates)
    floor = max(form.floor, form.share * readable[0].probability) if readable else form.floor
    for candidate in _newest(readable) if form.order is Order.NEWEST_FIRST else readable:
        if len(chosen) >= form.sentences:
            break
        if chosen and candidate.probability < floor:
            continue
        one = Chosen(candidate, whole_quotation(candidate.hit, candidate.span))
        words = count_words(one.text)
        if (words <= room or not chosen) and not any(_same(one, other) for other in chosen):
            chosen.append(one)
            room -= words
    return ordered(chosen, form.order)


def first_items(items: Sequence[Candidate], form: Form) -> list[Chosen]:
    """Returns the first items of a printed list, as many as fit into the words of the form; at least one if any."""
    kept: list[Chosen] = []
    room = form.words
    for item in items:
        room -= len(item.text.split())
        if kept and room < 0:
            break
        kept.append(Chosen(item, item.span))
    return kept


def missing_side(question: Question, chosen: Sequence[Chosen]) -> str:
    """Returns the side of a comparison that no chosen sentence or title of its article names, if the other is named.

    Empty if both sides are named or none is, or if the question is no comparison.
    """
    shown = terms.stems(" ".join(f"{one.candidate.hit.article.title}. {one.text}" for one in chosen))
    missing = [side for side, words in _own_words(question).items() if not words & shown]
    return missing[0] if len(missing) == 1 else ""


def side_of(question: Question, text: str) -> str:
    """Returns the name of the side of a comparison that the text names; empty if it names both or none of two sides."""
    own, shown = list(_own_words(question).values()), terms.stems(text)
    named = [words for words in own if words & shown]
    if len(own) != 2 or len(named) != 1:
        return ""
    typed = question.plain.split()
    places = [n for n, word in enumerate(typed) if terms.stems(word) & named[0] - COMPARING]
    return " ".join(typed[places[0] : places[-1] + 1]).strip("?!.,;") if places else ""


def _own_words(question: Question) -> dict[str, frozenset[str]]:
    """Returns the stems that only one side of a comparison has, by side; without sides that have none."""
    both = sides(question)
    stems = [terms.question_stems(side) for side in both]
    own = [stems[0] - stems[1], stems[1] - stems[0]] if len(both) == 2 else []
    return {side.rstrip("?"): words for side, words in zip(both, own, strict=False) if words}


def ordered(chosen: Sequence[Chosen], order: Order) -> list[Chosen]:
    """Returns the sentences in the given order; where that is undecided, sentences of an article keep its order."""
    if order is Order.LIKELIEST_FIRST:
        return list(chosen)
    if order is Order.OLDEST_FIRST:
        return sorted(chosen, key=lambda one: (_day_told(one), one.span))
    if order in (Order.NEWEST_FIRST, Order.LIKELIEST_NEWEST_FIRST):
        return sorted(chosen, key=lambda one: (-_published(one).toordinal(), *_place(chosen, one)))
    lead = 1 if order is Order.LIKELIEST_THEN_ARTICLES else 0
    return [*chosen[:lead], *sorted(chosen[lead:], key=lambda one: _place(chosen, one))]


def is_readable(candidate: Candidate) -> bool:
    """Whether a candidate can be shown as a sentence: it has no line break and is no heading, caption or fragment.

    An item of a list and the row of a table, "Skell: Turnout 55.0%", are no fragments.
    """
    text = candidate.text
    if "\n" in text:
        return False
    start = candidate.span[0]
    if _ROW.fullmatch(text) or _BULLET.fullmatch(candidate.hit.article.text[max(0, start - 3) : start]):
        return True
    return count_words(text) >= (SHORTEST if text.rstrip(CLOSING)[-1:] in ENDS else SHORTEST_OPEN)


def _readable(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Returns the candidates that can be shown as sentences, or all candidates if there is none.

    A likely sentence of few words, such as "It hasn't.", is shown together with the sentence before it. Captions of
    `SHORTEST` words are shown if they are nearly as likely as the best sentence.
    """
    some = [_with_sentence_before(c) if _is_short_reply(c) else c for c in candidates]
    floor = NEARLY * candidates[0].probability if candidates else 0.0
    readable = [c for c in some if is_readable(c) or (c.probability >= floor and _is_caption(c.text))]
    return readable or list(candidates)


def _is_caption(text: str) -> bool:
    return "\n" not in text and text.rstrip(CLOSING)[-1:] not in ENDS and len(text.split()) >= SHORTEST


def _is_short_reply(candidate: Candidate) -> bool:
    text = candidate.text.rstrip(CLOSING)
    return candidate.probability >= LIKELY and text[-1:] in ENDS and len(text.split()) < SHORTEST


def _with_sentence_before(candidate: Candidate) -> Candidate:
    """Extends the candidate to the sentence before it, if its passage has one in the same paragraph."""
    start, end = candidate.span
    before = [a for a, b in candidate.hit.chunk.sentences if b <= start]
    text = candidate.hit.article.text
    return replace(candidate, span=(before[-1], end)) if before and "\n" not in text[before[-1] : end] else candidate


def _newest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Returns the best two sentences of each article about the topic, the newest article first.

    An article is about the topic if its best sentence has at least `ABOUT_IT` of the probability of the best of all.
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
    new = terms.stems(one.text)
    return len(new & terms.stems(other.text)) >= SAME_WORDS * len(new)


def _place(chosen: Sequence[Chosen], one: Chosen) -> tuple[int, Span]:
    """Sort key: articles in the order in which they first occur in `chosen`, sentences in the order of the article."""
    articles = list(dict.fromkeys(each.candidate.hit.article.id for each in chosen))
    return articles.index(one.candidate.hit.article.id), one.span


def _published(one: Chosen) -> date:
    return one.candidate.hit.article.published or date.min


def _day_told(one: Chosen) -> tuple[int, int, int]:
    """Returns the first date with a year in the sentence, else its first year, else the article's date.

    The date is (year, month, day), with 0 for what the sentence does not give.
    """
    published = _published(one)
    whole = next((found for found in dates(one.text) if found.year), None)
    if whole is not None and whole.year is not None:
        return whole.year, whole.month or 0, whole.day or 0
    words = (word.strip(".,;:()'’\"“”") for word in one.text.split())
    year = next((int(word) for word in words if len(word) == 4 and word.isdecimal() and word[:2] in CENTURIES), None)
    return (year, 0, 0) if year else (published.year, published.month, published.day)


CENTURIES = ("17", "18", "19", "20")
"""The first two digits of four-digit numbers that are taken for years."""
