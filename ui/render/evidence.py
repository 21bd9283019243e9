"""Renders the evidence panel and the article reader as HTML: passages and whole articles.

The passages of a turn appear before its first sentence, with the sentences that matter marked lightly; what the answer
then quotes is marked strongly. Pure functions.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from markupsafe import Markup

from index import Article
from index.language.sentences import Span
from rag.answer import Evidence
from ui.conversations.conversation import Stage, Turn
from ui.render.markup import EMPTY, Highlights, also_in, byline, join, paragraphs, web_link

_PANEL = Markup(
    '<section class="panel {kind}" data-turn="{number}" aria-label="Evidence" tabindex="-1">'
    '<header class="panel-head"><h2>{title}</h2>{about}</header>{body}</section>'
)

_GUIDE = Markup(
    '<dl class="guide">'
    '<div><dt><span class="origin quoted">quoted from the clipping</span></dt>'
    "<dd>The sentence stands in the article, word for word.</dd></div>"
    '<div><dt><span class="origin checked">supported by <span class="sample">1</span></span></dt>'
    "<dd>The model wrote it, and the check is sure that passage 1 supports it.</dd></div>"
    '<div><dt><span class="origin own">in the model’s words; compare <span class="sample">1</span></span></dt>'
    "<dd>The check is not sure. Compare passage 1; words that are not in the clipping are underlined.</dd></div>"
    '<div><dt><mark class="quote">the proof</mark></dt>'
    "<dd>What the answer rests on, marked in the passage. Follow a number to see it.</dd></div>"
    '<div><dt><span class="origin none">not in the clippings</span></dt>'
    "<dd>Your articles do not say. You get what they do say, the nearest passages, and no guess.</dd></div>"
    "</dl>"
)

_PASSAGE = Markup(
    '<article class="passage{cited}" id="passage-{number}-{marker}" tabindex="-1" aria-label="Passage {marker}">'
    '<header><span class="marker" aria-hidden="true">{marker}</span><div><h3 dir="auto">{title}</h3>{byline}</div>'
    '</header><div class="text">{text}</div>{also}'
    '<footer><button type="button" class="link" data-read data-turn="{number}" data-marker="{marker}" '
    'aria-label="Whole article: {title}">whole article</button>{web}</footer></article>'
)

_SKELETON = Markup('<div class="skeletons" aria-hidden="true"><i></i><i></i><i></i></div>')

_READER = Markup(
    '<section class="panel reader" data-turn="{number}" data-marker="{marker}" aria-label="Article" tabindex="-1">'
    '<header class="panel-head"><button type="button" class="link" data-cite data-turn="{number}" '
    'data-marker="{marker}">← {count}</button> <a href="#turn-{number}" data-back>back to the answer</a></header>'
    "{article}</section>"
)

_ARTICLE = Markup(
    '<article class="whole"><h2 dir="auto">{title}</h2>{byline}<div class="text">{text}</div>'
    '<footer><span class="file" dir="auto">{file}</span>{web}</footer>{comments}</article>'
)

_COMMENTS = Markup(
    '<details class="comments"><summary>{count} under this article</summary>'
    "<p>Not reporting: readers wrote these. They are never searched, and never cited.</p><ul>{items}</ul></details>"
)


def nothing_yet(number: int = 0) -> Markup:
    """Returns the panel of a turn without evidence, by the turn's number: a guide to reading an answer."""
    return _PANEL.format(kind="empty", number=number, title="How to read an answer", about=EMPTY, body=_GUIDE)


def panel(turn: Turn) -> Markup:
    """Returns the panel with the passages of a turn."""
    if not turn.passages and turn.understood and not turn.understood.kind.about_the_articles:
        return nothing_yet(turn.number)  # small talk, for which nothing was searched
    if turn.stage is Stage.SEARCHING:
        kind, title, body = "waiting", "Evidence", _SKELETON
    elif not turn.passages:
        kind, title, body = "bare", "Evidence", Markup('<p class="none">No passage was found.</p>')
    else:
        refused = turn.stage is Stage.REFUSED
        kind = "refused" if refused else "found"
        title = "Nearest passages, which do not hold the answer" if refused else "Evidence"
        body = join(_passage(turn, evidence) for evidence in turn.passages)
    return _PANEL.format(kind=kind, number=turn.number, title=title, about=_about(turn), body=body)


def reader(turn: Turn, evidence: Evidence) -> Markup:
    """Returns the whole article of a passage, with what is quoted from it marked."""
    article = evidence.hit.article
    own = tuple(c for c in turn.citations if c.article_id == article.id)
    highlights = Highlights.of(article, own, () if turn.stage is Stage.REFUSED else evidence.spans)
    count = len(turn.passages)
    return _READER.format(
        number=turn.number,
        marker=evidence.marker,
        count="the passage" if count == 1 else f"all {count} passages",
        article=whole(article, highlights),
    )


def whole(article: Article, highlights: Highlights = Highlights()) -> Markup:  # noqa: B008 (frozen)
    """Returns a whole article, with its readers' comments in a section of their own."""
    return _ARTICLE.format(
        title=article.title,
        byline=byline(article),
        text=paragraphs(article.text, (0, len(article.text)), highlights),
        file=PurePosixPath(article.uri).name,
        web=web_link(article),
        comments=_comments(article.comments),
    )


def _about(turn: Turn) -> Markup:
    return Markup(
        '<p class="about"><span dir="auto">{}</span> <a href="#turn-{}" data-back>back to the answer</a></p>'
    ).format(f"for “{turn.question}”", turn.number)


def _passage(turn: Turn, evidence: Evidence) -> Markup:
    article = evidence.hit.article
    own = tuple(c for c in turn.citations if c.marker == evidence.marker)
    highlights = Highlights.of(article, own, () if turn.stage is Stage.REFUSED else evidence.spans)
    return _PASSAGE.format(
        cited=" cited" if own else "",
        number=turn.number,
        marker=evidence.marker,
        title=article.title,
        byline=byline(article),
        text=paragraphs(article.text, _window(evidence, highlights), highlights),
        web=web_link(article),
        also=also_in(evidence.hit.also_in),
    )


def _window(evidence: Evidence, highlights: Highlights) -> Span:
    """Returns the span of the chunk, extended to everything that is marked."""
    chunk = evidence.hit.chunk
    spans = ((chunk.start, chunk.end), *highlights.quotes, *evidence.spans)
    return min(start for start, _ in spans), max(end for _, end in spans)


def _comments(comments: tuple[str, ...]) -> Markup:
    if not comments:
        return EMPTY
    count = "1 reader comment" if len(comments) == 1 else f"{len(comments)} reader comments"
    items = join(Markup('<li dir="auto">{}</li>').format(comment) for comment in comments)
    return _COMMENTS.format(count=count, items=items)
