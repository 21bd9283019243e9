"""Refusals: the reason why there is no answer, and related statements of the articles."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import replace

import prompts
from index import Filters, Index
from index.language.stopwords import STOPWORDS
from index.language.word_forms import variants
from index.search.search import question_terms
from rag.answer import Outcome
from rag.answering.selection import Chosen, choose, is_readable
from rag.question.kinds import FORMS, Kind
from rag.question.question import Question
from rag.retrieval.evidence import Found
from rag.text import terms

ON_TOPIC = 0.5
"""Least share of the question's words, weighted by rarity, in the best passage if the articles cover the topic."""

NEAR = 0.35
"""Least cosine with the question of a sentence that is quoted instead of an answer: below, most are off topic."""

SHORTEST_NAME = 4

QUOTED_CHARACTERS = 160
"""Characters to which a question is truncated when a message quotes it."""


def nothing_found(filters: Filters) -> tuple[Outcome, str]:
    """Returns outcome and message if the search found no passage: no article passes the filters, or there are none."""
    limits = str(filters)
    if limits:
        return Outcome.OUTSIDE_LIMITS, prompts.render("out_of_limits", limits=limits)
    return Outcome.NOTHING_INDEXED, prompts.render("no_articles")


def refuse(question: Question, found: Found, index: Index) -> tuple[Outcome, str]:
    """Returns the outcome of a question that is refused, NOT_SAID or NOT_COVERED, and the message.

    What a follow-up leans on was found before, so its topic is covered.
    """
    strange = unknown_names(question, index)
    on_topic = bool(question.leans_on) or found.signals["context"] >= ON_TOPIC
    covered = on_topic and not strange
    said = prompts.render("not_said" if covered else "not_covered", question=shortened(question.typed))
    if strange:
        said = f"{said} {prompts.render('never_mentioned', words=', '.join(strange))}"
    return (Outcome.NOT_SAID if covered else Outcome.NOT_COVERED), said


def shortened(typed: str) -> str:
    """Returns the question as a message quotes it: without the mark at its end, at most 160 characters long."""
    return textwrap.shorten(typed.rstrip("?!. "), QUOTED_CHARACTERS, placeholder=" …")


def nearest(question: Question, found: Found) -> list[Chosen]:
    """Returns the likeliest sentence that is near the question and shares a word with it; empty if there is none.

    Sentences with a number that is not in the question are left out: readers might take it for the answer.
    """
    asked, about = terms.numbers(question.plain), terms.question_stems(question.plain)
    silent = [
        replace(c, answer=None)  # so that no part of it is marked as the answer
        for c in found.candidates
        if is_readable(c.text)
        and c.cosine >= NEAR
        and not terms.numbers(c.text) - asked
        and about & terms.stems(c.text)
    ]
    return choose(silent, replace(FORMS[Kind.FACT], sentences=1)) if silent else []


def unknown_names(question: Question, index: Index) -> list[str]:
    """Returns the names in the question, as typed, that occur in no article in any inflected form.

    A name is a word with a capital that does not begin the question, or one that is more than one token for the
    embedding model. Words of scripts without capitals are never returned, nor are words in small letters if they are
    more than half of the question's words, which is then probably in another language.
    """
    words = [word.strip(".,;:?!\"“”‘’'()") for word in question.plain.split()]
    shouting = not any(letter.islower() for letter in question.plain)
    meant = set(question_terms(question.plain)) - STOPWORDS
    names = [
        word
        for n, word in enumerate(words)
        if len(word) >= SHORTEST_NAME
        and word.lower() in meant
        and word.lower() not in terms.REQUESTS
        and not _is_unspaced(word)
        and ((n > 0 and word[0].isupper() and not shouting) or index.embedder.count_tokens([word.lower()]) > [1])
    ]
    forms = {word: variants(word.lower()) for word in dict.fromkeys(names)}
    every = [form for group in forms.values() for form in group]
    counts = dict(zip(every, index.document_frequencies(every)[0], strict=True))
    strange = [word for word, group in forms.items() if not any(counts[form] for form in group)]
    small = [word for word in strange if word.islower()]
    return [word for word in strange if word not in small or 2 * len(small) <= len(meant)]


def _is_unspaced(word: str) -> bool:
    """Whether the word has a letter of a script without capitals (Unicode's general category "Lo")."""
    return any(unicodedata.category(letter) == "Lo" for letter in word)
