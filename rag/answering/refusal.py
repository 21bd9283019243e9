"""What is said where there is no answer: why, what the articles do say, and what can be asked instead."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import prompts
from index import Filters, Index
from index.search import STOPWORDS, question_terms
from index.wordforms import variants
from rag import wording
from rag.answer import Outcome
from rag.answering.selection import Chosen, choose, is_readable
from rag.question.kinds import FORMS, Kind
from rag.question.question import Question
from rag.retrieval.evidence import Candidate, Found

ON_TOPIC = 0.5
"""Share of the question's words, weighted by rarity, that stand in the best passage of a topic that is covered."""

SHORTEST_NAME = 4
SUGGESTIONS = 3

QUOTED_CHARACTERS = 160
"""Of a question that is quoted in a message."""

REQUESTS = frozenset("summarise summarize summarising summarizing tldr pls plz timeline takeaways gimme".split())
"""Words of requests that are no names, though the embedding model does not know each as one word."""


def nothing_found(filters: Filters) -> tuple[Outcome, str]:
    """For a search that found no passage at all: the filters let none through, or there is none."""
    limits = str(filters)
    if limits:
        return Outcome.OUTSIDE_LIMITS, prompts.render("out_of_limits", limits=limits)
    return Outcome.NOTHING_INDEXED, prompts.render("no_articles")


def refuse(question: Question, found: Found, index: Index) -> tuple[Outcome, str]:
    """The outcome of a question without an answer, and the sentence that says so."""
    strange = unknown_names(question, index)
    covered = found.signals["context"] >= ON_TOPIC and not strange
    said = prompts.render("not_said" if covered else "not_covered", question=shortened(question.typed))
    if strange:
        said = f"{said} {prompts.render('never_mentioned', words=', '.join(strange))}"
    return (Outcome.NOT_SAID if covered else Outcome.NOT_COVERED), said


def shortened(typed: str) -> str:
    """The question as it is quoted in a message: without the mark at its end, and not longer than a line or two."""
    return textwrap.shorten(typed.rstrip("?!. "), QUOTED_CHARACTERS, placeholder=" …")


def nearest(question: Question, found: Found) -> list[Chosen]:
    """What the articles do say of it: the likeliest sentence that shares a word with the question.

    One that gives a number of its own might be taken for the answer, and is left out.
    """
    asked, about = wording.numbers(question.plain), wording.question_stems(question.plain)
    silent = [
        replace(c, answer=None)  # nothing of it is the answer
        for c in found.candidates
        if is_readable(c.text) and not wording.numbers(c.text) - asked and about & wording.stems(c.text)
    ]
    return choose(silent, replace(FORMS[Kind.FACT], sentences=1)) if silent else []


def unknown_names(question: Question, index: Index) -> list[str]:
    """Names in the question, as typed, that stand in no article in any form.

    A name has a capital though it does not begin the question, or is no word that the embedding model knows. Of scripts
    without spaces between words, or without capitals, none is named, nor where most words are strange: that is another
    language.
    """
    words = [word.strip(".,;:?!\"“”‘’'()") for word in question.plain.split()]
    shouting = not any(letter.islower() for letter in question.plain)
    meant = set(question_terms(question.plain)) - STOPWORDS
    names = [
        word
        for n, word in enumerate(words)
        if len(word) >= SHORTEST_NAME
        and word.lower() in meant
        and word.lower() not in REQUESTS
        and not _is_unspaced(word)
        and ((n > 0 and word[0].isupper() and not shouting) or index.embedder.count_tokens([word.lower()]) > [1])
    ]
    forms = {word: variants(word.lower()) for word in dict.fromkeys(names)}
    every = [form for group in forms.values() for form in group]
    counts = dict(zip(every, index.document_frequencies(every)[0], strict=True))
    strange = [word for word, group in forms.items() if not any(counts[form] for form in group)]
    small = [word for word in strange if word.islower()]
    return [word for word in strange if word not in small or 2 * len(small) <= len(meant)]


def suggestions(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Up to three questions that the articles nearest to the question can answer."""
    titles = dict.fromkeys(c.hit.article.title for c in candidates if c.hit.article.title)
    return tuple(prompts.render("suggestion", title=title) for title in list(titles)[:SUGGESTIONS])


def _is_unspaced(word: str) -> bool:
    """Whether the word has letters of a script without capitals: "Lo" in Unicode's general categories."""
    return any(unicodedata.category(letter) == "Lo" for letter in word)
