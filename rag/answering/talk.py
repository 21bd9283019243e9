"""Answers to small talk, and to questions about the archive: a line or two, made from the index's metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import prompts
from index import Article, Filters, Index
from index.language.stopwords import STOPWORDS
from index.plural import several
from rag.question.period import Period
from rag.question.question import Question

GREETINGS = frozenset("hi hello hey hallo hiya morning afternoon evening greetings yo".split())
THANKS = frozenset("thanks thank thx ty cheers great perfect nice cool".split())
FAREWELLS = frozenset("bye goodbye cu ciao night later".split())

ABOUT_ARCHIVES = STOPWORDS | frozenset(
    "article articles archive archives collection paper papers newspaper newspapers source sources topic topics "
    "subject subjects story stories piece pieces text texts document documents news newest oldest latest earliest last "
    "first old new recent many much number count list show tell give see cover covered covers hold holds contain have "
    "has mention mentions mentioned about from date dates dated year years month months up go goes back far come comes "
    "complete included anything everything something stored there here kind sort all whats what's how's big long "
    "section sections".split()
)
"""Words that occur in questions about an archive and do not name a topic."""

OLDEST = frozenset("oldest earliest first".split())

SHOWN_TITLES = 3
SHOWN_SOURCES = 4


def talk(question: Question, index: Index) -> str:
    """Returns the answer to small talk: a greeting, thanks or farewell in return, and what can be asked."""
    words = {word.strip(".,;:!?").lower() for word in question.typed.split()}
    opening = next((said for some, said in _OPENINGS if words & some), "")
    articles = index.status().articles
    rest = prompts.render("talk", articles=several(articles, "article")) if articles else prompts.render("no_articles")
    return f"{opening} {rest}".strip()


_OPENINGS = ((FAREWELLS, "Goodbye."), (THANKS, "You are welcome."), (GREETINGS, "Hello."))


def about_archive(question: Question, index: Index, filters: Filters) -> str:
    """Returns the number of articles, their dates and sources, or those about the period or topic in the question.

    Empty if no article passes the filters.
    """
    newest, whole = index.page(filters, limit=SHOWN_TITLES)
    if not whole:
        return ""
    within = _narrowed(filters, question.period)
    if within != filters:
        some, total = index.page(within, limit=SHOWN_TITLES) if within else ([], 0)
        titles = f": {_titles(some)}" if some else ""
        return prompts.render("archive_period", count=f"{total:,}", all=several(whole, "article"), titles=titles)
    topic = _topic(question, index, filters, whole)
    if topic:
        return topic
    return prompts.render(
        "archive",
        are="is" if whole == 1 else "are",
        articles=several(whole, "article"),
        dates=f" within the limits ({filters})" if str(filters) else _dates(index),
        sources="" if str(filters) else _sources(index),
        shown=_oldest(question, index, filters) or f"The newest: {_titles(newest)}",
    )


def _oldest(question: Question, index: Index, filters: Filters) -> str:
    """Returns the titles of the articles of the archive's first day if the question asks for them; else empty."""
    first = index.status().first_published
    if first is None or not OLDEST & {word.strip(".,;:!?") for word in question.plain.lower().split()}:
        return ""
    day = date.fromisoformat(first)
    within = _narrowed(filters, Period(day, day))
    some, _ = index.page(within, limit=SHOWN_TITLES) if within else ([], 0)
    return f"The oldest: {_titles(some)}" if some else ""


def _narrowed(filters: Filters, period: Period | None) -> Filters | None:
    """Returns the filters further limited to the period; None if no day is within both."""
    if period is None:
        return filters
    after = max(filters.after or period.start, period.start)
    before = min(filters.before or period.end, period.end)
    return replace(filters, after=after, before=before) if after <= before else None


def _topic(question: Question, index: Index, filters: Filters, whole: int) -> str:
    """Returns the count and titles of the articles with the question's first word that names a topic; else empty.

    `whole` is the number of all articles that pass the filters.
    """
    words = [word.strip(".,;:!?\"'“”‘’()") for word in question.plain.lower().split()]
    for word in dict.fromkeys(words):
        if word and word not in ABOUT_ARCHIVES:
            some, total = index.page(filters, words=word, limit=SHOWN_TITLES)
            if some:
                facts = {"count": f"{total:,}", "all": several(whole, "article")}
                return prompts.render("archive_topic", word=word, titles=_titles(some), **facts)
    return ""


def _dates(index: Index) -> str:
    status = index.status()
    if status.first_published is None:
        return ""
    return f", from {status.first_published} to {status.last_published}"


def _sources(index: Index) -> str:
    """Returns a sentence that names the sources with the most articles; empty if no article has a source."""
    counts: Counter[str] = Counter()
    for tally in index.tally():
        if tally.source:
            counts[tally.source] += tally.articles
    named = [f"{source} ({count:,})" for source, count in counts.most_common(SHOWN_SOURCES)]
    more = f" and {len(counts) - len(named)} more" if len(counts) > len(named) else ""
    return f" They are from {', '.join(named)}{more}." if named else ""


def _titles(articles: Sequence[Article]) -> str:
    return "; ".join(f"“{article.title}”" for article in articles)
