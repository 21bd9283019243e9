"""Pieces of HTML that every part of the page uses: dates, sources, links, highlighted text.

All HTML is made with `markupsafe.Markup.format`, which escapes whatever is not Markup already. Nothing else may
turn a string into Markup, so text from articles, questions and models cannot become HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup

from index import AlsoIn, Article
from index.language.sentences import Span, paragraph_spans
from rag.answer import Citation

EMPTY = Markup("")
_MORE = Markup('<span class="more">…</span>')


def join(parts: Iterable[Markup], between: Markup = EMPTY) -> Markup:
    """Returns the parts joined to one piece."""
    return between.join(parts)


def day(published: date) -> str:
    """Returns the date for people: "14 March 2021"."""
    return f"{published.day} {published:%B %Y}"


def safe_url(url: str | None) -> str | None:
    """Returns the address if it leads to the web (http or https, with a host), else None."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else None


def byline(article: Article) -> Markup:
    """Returns source, date and author, as far as they are known."""
    facts = [
        Markup('<span class="source" dir="auto">{}</span>').format(article.source) if article.source else EMPTY,
        Markup('<time datetime="{}">{}</time>').format(article.published.isoformat(), day(article.published))
        if article.published
        else Markup("<span>undated</span>"),
        Markup('<span dir="auto">by {}</span>').format(article.author) if article.author else EMPTY,
    ]
    return Markup('<p class="byline">{}</p>').format(join((fact for fact in facts if fact), Markup(" ")))


def also_in(twins: Sequence[AlsoIn]) -> Markup:
    """Returns the other articles with the same passage, by title, source and date; empty if there are none."""
    if not twins:
        return EMPTY
    items = join((Markup('<cite dir="auto">{}</cite>').format(_named(twin)) for twin in twins), Markup("; "))
    return Markup('<p class="also">also in: {}</p>').format(items)


def _named(twin: AlsoIn) -> str:
    facts = [fact for fact in (twin.source, day(twin.published) if twin.published else None) if fact]
    return f"{twin.title} ({', '.join(facts)})" if facts else twin.title


def web_link(article: Article) -> Markup:
    """Returns a link to where the article was published; empty if that is not known."""
    url = safe_url(article.url)
    if url is None:
        return EMPTY
    return Markup(
        '<a class="web" href="{}" target="_blank" rel="noopener noreferrer">on the web<span class="unseen">'
        " (opens a new tab)</span></a>"
    ).format(url)


@dataclass(frozen=True, slots=True)
class Highlights:
    """What to mark in an article's text: cited quotes strongly, the answer within them, relevant sentences lightly."""

    quotes: tuple[Span, ...] = ()
    sentences: tuple[Span, ...] = ()
    answers: tuple[Span, ...] = ()

    @classmethod
    def of(cls, article: Article, citations: Sequence[Citation], sentences: Sequence[Span] = ()) -> Highlights:
        """Returns the highlights for the citations that quote this article, with its current text."""
        own = [
            c for c in citations if c.article_id == article.id and c.quote and article.text[c.start : c.end] == c.quote
        ]
        quotes, answers = {(c.start, c.end) for c in own}, {c.answer for c in own if c.answer}
        return cls(tuple(sorted(quotes)), tuple(sentences), tuple(sorted(answers)))


def quote_name(start: int, end: int) -> str:
    """Returns the name by which the script finds the marks of a quote."""
    return f"{start}-{end}"


def paragraphs(text: str, window: Span, highlights: Highlights) -> Markup:
    """Returns the paragraphs of `text` within `window`, highlighted, with an ellipsis where text is left out."""
    start, end = window
    shown = [span for span in paragraph_spans(text) if span[0] < end and span[1] > start]
    marked = [_marked(text, (max(left, start), min(right, end)), highlights) for left, right in shown]
    if marked and text[:start].strip():
        marked[0] = Markup("{} {}").format(_MORE, marked[0])
    if marked and text[end:].strip():
        marked[-1] = Markup("{} {}").format(marked[-1], _MORE)
    return join(Markup('<p dir="auto">{}</p>').format(paragraph) for paragraph in marked)


def _marked(text: str, span: Span, highlights: Highlights) -> Markup:
    start, end = span
    edges = {
        edge
        for s in (*highlights.quotes, *highlights.sentences, *highlights.answers)
        for edge in s
        if start < edge < end
    }
    cuts = sorted({start, end} | edges)
    return join(_mark(text[left:right], (left, right), highlights) for left, right in pairwise(cuts))


def _mark(piece: str, span: Span, highlights: Highlights) -> Markup:
    if names := [quote_name(*quote) for quote in highlights.quotes if _holds(quote, span)]:
        kind = "quote answer" if any(_holds(answer, span) for answer in highlights.answers) else "quote"
        return Markup('<mark class="{}" data-quotes="{}">{}</mark>').format(kind, " ".join(names), piece)
    if any(_holds(sentence, span) for sentence in highlights.sentences):
        return Markup('<mark class="matters">{}</mark>').format(piece)
    return Markup("{}").format(piece)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
