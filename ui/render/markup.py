"""Makes HTML from the templates in `ui/render/templates`, and what several parts of the page use: dates, marked text.

Jinja2 escapes every value that it puts into a template unless it is Markup already, and only `rendered` makes Markup.
So text from articles, questions and models cannot become HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from index import Article
from index.language.sentences import Span, paragraph_spans
from index.language.stems import stem
from index.plural import several
from index.storage.browse import terms_of
from rag.answer import Citation
from ui.archive.catalogue import source_key

_WORD = re.compile(r"[^\W_]+")


def day(published: date) -> str:
    """Returns the date for people: "14 March 2021"."""
    return f"{published.day} {published:%B %Y}"


def known(*facts: str | date | None) -> str:
    """Returns those of the facts that are known: "Port Calder Courier, 14 March 2021"."""
    return ", ".join(day(fact) if isinstance(fact, date) else fact for fact in facts if fact)


def one_line(text: str) -> str:
    """Returns the text with a space for each run of white space."""
    return " ".join(text.split())


def safe_url(url: str | None) -> str | None:
    """Returns the address if it leads to the web (http or https, with a host), else None."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else None


def local_time(time: str) -> datetime:
    """Returns an ISO time in the time zone of this machine."""
    return datetime.fromisoformat(time).astimezone()


class _LineBreaks(Extension):
    """Takes the line breaks out of a template before Jinja2 reads it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Returns the template on one line."""
        beside_a_tag = r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])"
        return re.sub(r"\s*\n\s*", " ", re.sub(beside_a_tag, "", source.strip()))


_TEMPLATES = Environment(
    loader=PackageLoader("ui.render"),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=[_LineBreaks],
    auto_reload=False,
)
_TEMPLATES.filters |= {
    "day": day,
    "local_time": local_time,
    "safe_url": safe_url,
    "several": several,
    "source_key": source_key,
}
_TEMPLATES.globals["known"] = known


def rendered(template: str, **values: object) -> Markup:
    """Returns the template's HTML with the values; `template` is the name of its file.

    A line break in a template, with the indentation after it, leaves nothing where it stands beside a tag or `{{ }}`,
    and a space where it stands within a sentence or a tag. So the page gets none of the indentation.
    """
    return Markup(_TEMPLATES.get_template(template).render(values))


@dataclass(frozen=True, slots=True)
class Highlights:
    """What to mark in an article's text: cited quotes strongly, the answer within them, relevant sentences lightly.

    `found` are words that were searched for.
    """

    quotes: tuple[Span, ...] = ()
    sentences: tuple[Span, ...] = ()
    answers: tuple[Span, ...] = ()
    found: tuple[Span, ...] = ()

    @classmethod
    def of(cls, article: Article, citations: Sequence[Citation], sentences: Sequence[Span] = ()) -> Highlights:
        """Returns the highlights for the citations that quote this article, with its current text."""
        own = [
            c for c in citations if c.article_id == article.id and c.quote and article.text[c.start : c.end] == c.quote
        ]
        quotes, answers = {(c.start, c.end) for c in own}, {c.answer for c in own if c.answer}
        return cls(tuple(sorted(quotes)), tuple(sentences), tuple(sorted(answers)))


def found_spans(text: str, words: str) -> tuple[Span, ...]:
    """Returns where the text holds the words that were searched for: in any inflected form, or as a word's beginning.

    Words between quotation marks are found next to each other.
    """
    spans: list[Span] = []
    for term in terms_of(words):
        sought = [word.casefold() for word in _WORD.findall(term)]
        if len(sought) > 1:
            phrase = r"\W+".join(map(re.escape, sought))
            spans += (match.span() for match in re.finditer(rf"\b{phrase}", text, re.IGNORECASE))
        elif sought:
            stemmed = stem(sought[0])
            matches = ((match, match[0].casefold()) for match in _WORD.finditer(text))
            spans += (match.span() for match, word in matches if word.startswith(sought[0]) or stem(word) == stemmed)
    return tuple(sorted(set(spans)))


def quote_name(start: int, end: int) -> str:
    """Returns the name by which the script finds the marks of a quote."""
    return f"{start}-{end}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of text with the names of the quotes that it belongs to, whether it answers, is relevant, or found."""

    text: str
    quotes: tuple[str, ...]
    answers: bool
    matters: bool
    found: bool


def paragraphs(text: str, window: Span, highlights: Highlights) -> Markup:
    """Returns the paragraphs of `text` within `window`, highlighted, with an ellipsis where text is left out."""
    start, end = window
    shown = [span for span in paragraph_spans(text) if span[0] < end and span[1] > start]
    return rendered(
        "paragraphs.html",
        paragraphs=[_pieces(text, (max(left, start), min(right, end)), highlights) for left, right in shown],
        cut_before=bool(text[:start].strip()),
        cut_after=bool(text[end:].strip()),
    )


def _pieces(text: str, span: Span, highlights: Highlights) -> list[_Piece]:
    start, end = span
    edges = {
        edge
        for s in (*highlights.quotes, *highlights.sentences, *highlights.answers, *highlights.found)
        for edge in s
        if start < edge < end
    }
    return [
        _Piece(
            text[left:right],
            quotes=tuple(quote_name(*quote) for quote in highlights.quotes if _holds(quote, (left, right))),
            answers=any(_holds(answer, (left, right)) for answer in highlights.answers),
            matters=any(_holds(sentence, (left, right)) for sentence in highlights.sentences),
            found=any(_holds(word, (left, right)) for word in highlights.found),
        )
        for left, right in pairwise(sorted({start, end} | edges))
    ]


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
