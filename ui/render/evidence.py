"""Renders the evidence panel and the article reader as HTML: passages and whole articles.

The passages of a turn appear before its first sentence, with the sentences that matter marked lightly; what the answer
then quotes is marked strongly. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from markupsafe import Markup

from index import Article
from index.language.sentences import Span
from rag.answer import Citation, Evidence
from ui.conversations.conversation import Stage, Turn
from ui.render.markup import Highlights, paragraphs, rendered


def nothing_yet(number: int = 0) -> Markup:
    """Returns the panel of a turn without evidence, by the turn's number: a guide to reading an answer."""
    return rendered("guide.html", number=number)


def panel(turn: Turn) -> Markup:
    """Returns the panel with the passages of a turn."""
    if not turn.passages and turn.understood and not turn.understood.kind.about_the_articles:
        return nothing_yet(turn.number)  # small talk, for which nothing was searched
    if turn.stage is Stage.SEARCHING:
        kind = "waiting"
    elif turn.passages:
        kind = "refused" if turn.stage is Stage.REFUSED else "found"
    else:
        kind = "bare"
    return rendered("panel.html", turn=turn, kind=kind, passages=[_passage(turn, each) for each in turn.passages])


def reader(turn: Turn, evidence: Evidence) -> Markup:
    """Returns the whole article of a passage, with what is quoted from it marked."""
    article = evidence.hit.article
    own = tuple(c for c in turn.citations if c.article_id == article.id)
    return rendered(
        "reader.html",
        number=turn.number,
        marker=evidence.marker,
        count=len(turn.passages),
        article=whole(article, _highlights(turn, evidence, own)),
    )


def whole(article: Article, highlights: Highlights = Highlights()) -> Markup:
    """Returns a whole article, with its readers' comments in a section of their own."""
    return rendered(
        "article.html",
        article=article,
        text=paragraphs(article.text, (0, len(article.text)), highlights),
        file=PurePosixPath(article.uri).name,
    )


def _passage(turn: Turn, evidence: Evidence) -> Markup:
    article = evidence.hit.article
    own = tuple(c for c in turn.citations if c.marker == evidence.marker)
    highlights = _highlights(turn, evidence, own)
    return rendered(
        "passage.html",
        number=turn.number,
        marker=evidence.marker,
        article=article,
        cited=bool(own),
        text=paragraphs(article.text, _window(evidence, highlights), highlights),
        also_in=evidence.hit.also_in,
    )


def _highlights(turn: Turn, evidence: Evidence, own: Sequence[Citation]) -> Highlights:
    return Highlights.of(evidence.hit.article, own, () if turn.stage is Stage.REFUSED else evidence.spans)


def _window(evidence: Evidence, highlights: Highlights) -> Span:
    """Returns the span of the chunk, extended to everything that is marked."""
    chunk = evidence.hit.chunk
    spans = ((chunk.start, chunk.end), *highlights.quotes, *evidence.spans)
    return min(start for start, _ in spans), max(end for _, end in spans)
