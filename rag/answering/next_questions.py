"""Questions that the articles can answer: to begin with, and to go on with after an answer or a refusal.

They are made of titles, and of names that several articles mention.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice

import prompts
from index import Article, Index
from index.language.calendar_words import DAYS, MONTHS
from index.language.stopwords import STOPWORDS
from rag.answer import Citation
from rag.question.kinds import Kind
from rag.question.question import ENGLISH, Question
from rag.retrieval.evidence import Candidate
from rag.text import terms

MOST = 3
"""The most questions after an answer or a refusal."""

TOPICS, TITLES = 3, 2
"""The most questions to begin with: on topics of several articles, and on the newest articles."""

NEWEST_ARTICLES = 200
"""The number of articles, the newest ones, whose names are counted."""

TRIED = 6
"""The most topics that are tried; each takes about half a second."""

LONGEST_TITLE = 120
"""Longest title, in characters, that a question repeats."""

RELATED = 0.35
"""Least cosine with the question of a sentence of an article that is suggested."""

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\S")
_BEGINNINGS = frozenset(".!?:—–-“”\"‘’'()[]*#>•")
_NO_NAMES = frozenset((*MONTHS, *DAYS, "mr", "mrs", "ms", "dr", "i"))


def about_articles(
    asked: Question, candidates: Sequence[Candidate], quoted: Sequence[Citation] = ()
) -> tuple[str, ...]:
    """Returns questions about up to three of the candidates' articles that are related and that no citation quotes.

    Related is an article with a sentence near the question, whose title has a word in common with the question or with
    the title of an article that is quoted.
    """
    cited = {citation.article_id for citation in quoted}
    topic = terms.question_stems(asked.searched).union(*(terms.stems(citation.title) for citation in quoted))
    titles = dict.fromkeys(c.hit.article.title for c in _near(candidates) if c.hit.article.id not in cited)
    return tuple(islice(_about((title for title in titles if topic & terms.stems(title)), asked.language), MOST))


def related(asked: Question, candidates: Sequence[Candidate], quoted: Sequence[Citation]) -> tuple[str, ...]:
    """Returns up to three questions after an answer: on a topic of it, and on related articles that it does not quote.

    The topic is a name that several of the found articles mention, and that the question or the title of a quoted
    article holds; only after English questions. Without any, it is what the first quoted article says.
    """
    articles = {c.hit.article.id: c.hit.article for c in _near(candidates)}
    names = common_names(list(articles.values()), most=len(articles)) if asked.language == ENGLISH else []
    wording = "question_newest" if asked.kind in (Kind.OVERVIEW, Kind.TIMELINE, Kind.SUMMARY) else "question_happened"
    about = " ".join((asked.plain, *(citation.title for citation in quoted)))
    topic = [prompts.render(wording, name=name) for name in names if name in about][:1]
    found = (*topic, *about_articles(asked, candidates, quoted))[:MOST]
    return found or tuple(_about([citation.title for citation in quoted[:1]], asked.language))


def _near(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.cosine >= RELATED]


def opening_questions(index: Index, is_answered: Callable[[str], bool]) -> tuple[str, ...]:
    """Returns up to five questions that the archive answers; on topics only those for which `is_answered` is true."""
    articles, _ = index.page(limit=NEWEST_ARTICLES)
    wordings = ("question_newest", "question_happened", "question_known")
    names = common_names(articles, most=max(2, len(articles) // 2))[:TRIED]
    topics = (prompts.render(wordings[n % len(wordings)], name=name) for n, name in enumerate(names))
    return tuple(chain(islice(filter(is_answered, topics), TOPICS), _on_each(articles)[:TITLES]))


def on_newest_articles(index: Index) -> tuple[str, ...]:
    """Returns questions on up to three of the newest articles: to ask instead, where no article is related."""
    articles, _ = index.page(limit=10 * MOST)
    return _on_each(articles)[:MOST]


def _on_each(articles: Sequence[Article]) -> tuple[str, ...]:
    return tuple(_about(_unlike([article.title for article in articles])))


def common_names(articles: Sequence[Article], *, most: int) -> list[str]:
    """Returns the names that from two to `most` articles mention, best first; no two of them share a word.

    A name is the better the more articles mention it; one of several words, or in a title, counts double. The articles'
    sources and authors are left out.
    """
    counts: Counter[str] = Counter(chain.from_iterable(set(_names(article.text)) for article in articles))
    makers = " ".join(text for article in articles for text in (article.source, article.author) if text)
    titles = " ".join(article.title for article in articles)

    def worth(name: str) -> int:
        return counts[name] * (1 + (" " in name)) * (1 + (name in titles))

    chosen: dict[str, frozenset[str]] = {}
    for name in sorted(counts, key=lambda name: (-worth(name), name)):
        stems = terms.stems(name)
        new = bool(stems) and not any(stems & others for others in chosen.values())
        if 2 <= counts[name] <= most and new and name not in makers:
            chosen[name] = stems
    return list(chosen)


def _names(text: str) -> Iterator[str]:
    """Yields the runs of capitalised words, without single ones that begin a sentence."""
    before = "."
    for capital, run in groupby(_WORD.findall(text), key=_is_capitalised):
        words = list(run)
        within = before not in _BEGINNINGS or len(words) > 1
        if capital and within and not {word.lower() for word in words} & _NO_NAMES:
            yield " ".join(words)
        before = words[-1]


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and not word.isupper() and word.lower() not in STOPWORDS


def _unlike(titles: Iterable[str]) -> Iterator[str]:
    """Yields the titles of which no two have two words in common."""
    chosen: list[frozenset[str]] = []
    for title in titles:
        stems = terms.stems(title)
        if all(len(stems & others) < 2 for others in chosen):
            chosen.append(stems)
            yield title


def _about(titles: Iterable[str], language: str = ENGLISH) -> Iterator[str]:
    return (prompts.render("suggestion", language, title=title) for title in titles if 0 < len(title) <= LONGEST_TITLE)
