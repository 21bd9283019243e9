"""Refusals: the reason why there is no answer, and related statements of the articles."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

import prompts
from index import Filters, Index
from index.language.searchable import is_uncased
from index.language.stopwords import STOPWORDS, stopwords_of
from index.language.word_forms import variants
from index.search.question_words import question_terms
from rag.answer import Outcome
from rag.answering.selection import Chosen, choose, is_readable
from rag.question.kinds import FORMS, Kind
from rag.question.question import ENGLISH, Question
from rag.retrieval.evidence import Candidate, Found
from rag.retrieval.other_languages import CAPITAL_NOUNS
from rag.text import terms

ON_TOPIC = 0.5
"""Least share of the question's words, weighted by rarity, in the best passage if the articles cover the topic."""

NEAR = 0.35
"""Least cosine with the question of a sentence that is quoted instead of an answer: below, most are off topic."""

SHORTEST_NAME = 4

ALIKE = 0.65
"""Least likeness of a name to one that was typed (difflib's ratio, in [0, 1]) at which it is suggested instead."""

_NAME = re.compile(r"[^\W\d_]{6,}")
"""A word that is long enough to be compared: shorter ones are like too many others."""

QUOTED_CHARACTERS = 160
"""Characters to which a question is truncated when a message quotes it."""


def nothing_found(filters: Filters, language: str = ENGLISH) -> tuple[Outcome, str]:
    """Returns outcome and message if the search found no passage: no article passes the filters, or there are none."""
    limits = str(filters)
    if limits:
        return Outcome.OUTSIDE_LIMITS, prompts.render("out_of_limits", language, limits=limits)
    return Outcome.NOTHING_INDEXED, prompts.render("no_articles", language)


def refuse(question: Question, found: Found, strange: Sequence[str]) -> tuple[Outcome, str]:
    """Returns the outcome of a question that is refused, NOT_SAID or NOT_COVERED, and the message.

    `strange` are the names in it that occur in no article. What a follow-up leans on was found before, so its topic is
    covered.
    """
    language = question.language
    on_topic = bool(question.leans_on) or found.signals["context"] >= ON_TOPIC
    covered = on_topic and not strange
    said = prompts.render("not_said" if covered else "not_covered", language, question=shortened(question.typed))
    if strange:
        said = f"{said} {prompts.render('never_mentioned', language, words=', '.join(strange))}"
    return (Outcome.NOT_SAID if covered else Outcome.NOT_COVERED), said


def shortened(typed: str) -> str:
    """Returns the question as a message quotes it: without the mark at its end, at most 160 characters long."""
    return textwrap.shorten(typed.strip("¿¡").rstrip("?!. ？！。؟।"), QUOTED_CHARACTERS, placeholder=" …")


def nearest(question: Question, found: Found) -> list[Chosen]:
    """Returns the likeliest sentence that is near the question and shares a word with it; empty if there is none.

    Sentences with a number that is not in the question are left out: readers might take it for the answer.
    """
    asked, about = terms.numbers(question.plain), terms.question_stems(question.plain)
    silent = [
        replace(c, answer=None)  # so that no part of it is marked as the answer
        for c in found.candidates
        if is_readable(c) and c.cosine >= NEAR and not terms.numbers(c.text) - asked and about & terms.stems(c.text)
    ]
    return choose(silent, replace(FORMS[Kind.FACT], sentences=1)) if silent else []


def unknown_names(question: Question, index: Index) -> list[str]:
    """Returns the names in the question, as typed, that occur in no article in any inflected form.

    A name is a word with a capital that does not begin the question, or one that is more than one token for the
    embedding model. Words of scripts without capitals are never returned, nor are words in small letters if they are
    more than half of the question's words, which is then probably in another language.
    """
    if question.language != ENGLISH:
        return names_nowhere(question, index)
    words = [word.strip(".,;:?!\"“”‘’'()") for word in question.plain.split()]
    shouting = not any(letter.islower() for letter in question.plain)
    meant = set(question_terms(question.plain)) - STOPWORDS
    names = [
        word
        for n, word in enumerate(words)
        if len(word) >= SHORTEST_NAME
        and word.lower() in meant
        and word.lower() not in terms.REQUESTS
        and not is_uncased(word)
        and ((n > 0 and word[0].isupper() and not shouting) or index.embedder.count_tokens([word.lower()]) > [1])
    ]
    forms = {word: variants(word.lower()) for word in dict.fromkeys(names)}
    every = [form for group in forms.values() for form in group]
    counts = dict(zip(every, index.document_frequencies(every)[0], strict=True))
    strange = [word for word, group in forms.items() if not any(counts[form] for form in group)]
    small = [word for word in strange if word.islower()]
    return [word for word in strange if word not in small or 2 * len(small) <= len(meant)]


def names_nowhere(question: Question, index: Index) -> list[str]:
    """Returns the names in a question in another language than English, as typed, that occur in no article.

    A name is a word with a capital that does not begin the question. Empty in a language where a capital does not tell
    a name from a word: German, and all that are written without capitals.
    """
    if question.language in CAPITAL_NOUNS:
        return []
    words = [word.strip(".,;:?!\"“”„«»‘’'()¿¡") for word in question.plain.split()[1:]]
    stop = stopwords_of(question.language)
    names = [word for word in words if len(word) >= SHORTEST_NAME and word[0].isupper() and word.lower() not in stop]
    beginnings = {name: name[: max(SHORTEST_NAME, len(name) - LONGEST_ENDING)] for name in dict.fromkeys(names)}
    return [name for name, beginning in beginnings.items() if not index.page(words=beginning, limit=0)[1]]


LONGEST_ENDING = 3
"""Letters at the end of a name that may differ by its case."""


def probably_meant(question: Question, strange: Sequence[str], candidates: Sequence[Candidate]) -> str:
    """Returns the question as typed with similar names from the candidates' passages in place of the `strange` ones.

    Empty if no name there is similar to a strange one.
    """
    near = {word: _nearly(word, candidates) for word in strange}
    meant = question.typed
    for word, name in near.items():
        meant = meant.replace(word, name or word)
    return meant if any(near.values()) else ""


def _nearly(word: str, candidates: Sequence[Candidate]) -> str:
    """Returns the name in the candidates' passages that is spelled most like the word; empty if none is alike."""
    texts = dict.fromkeys(candidate.hit.text for candidate in candidates)
    initial = word[0].upper()
    names = {name.lower(): name for text in texts for name in _NAME.findall(text) if name[0] == initial}
    return next((names[near] for near in get_close_matches(word.lower(), names, 1, ALIKE)), "")
