"""A parsed article with everything removed from it: `preview` displays it, updates make Articles from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.article import Article
from index.cleaning.clean import NOT_TEXT, Cleaned, Dropped, clean, clean_paragraphs, lost
from index.cleaning.metadata import NO_COLUMNS, Fields, read_fields
from index.cleaning.paragraphs import Paragraph, check_lines, one_line, paragraphs
from index.cleaning.printed_pages import in_order
from index.errors import UnreadableFile
from index.formats.documents.document import LOCKED, NO_TEXT, Document, Remark, Skipped
from index.formats.exports.head import Piece, read_piece
from index.formats.exports.split import UNSPLIT, marks_of_many, split_articles
from index.formats.webpage import visible_blocks
from index.language.identification import language_of

PAGE_NOT_READ = "only the text in the feed, since the page cannot be read"
"""The reason given for an entry of a feed whose page refuses to be read."""

STRANGE_DATE = "date not understood"
"""The reason given for a date that the file states, in a notation that is not read or can mean two days."""

_MISSING = {NOT_TEXT, NO_TEXT, LOCKED, UNSPLIT, PAGE_NOT_READ, STRANGE_DATE}
_USED = {"byline, source or date", "repeated headline"}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned article with its `uri`, including the comments and boilerplate removed from its text."""

    uri: str
    cleaned: Cleaned

    def missing(self) -> str | None:
        """Returns a description of what could not be read; None if the article was read completely."""
        found: dict[str, list[str]] = {}
        for dropped in self.cleaned.dropped:
            if dropped.reason in _MISSING:
                found.setdefault(dropped.reason, []).append(dropped.text)
        return "; ".join(f"{reason}: {_some(texts)}" for reason, texts in found.items()) or None

    def left_out(self) -> Counter[str]:
        """Returns the number of paragraphs that are left out, by reason; comments count, metadata do not."""
        reasons = Counter(dropped.reason for dropped in self.cleaned.dropped if dropped.reason not in _MISSING | _USED)
        return reasons + Counter({"readers' comment": len(self.cleaned.comments)})

    def article(self) -> Article:
        """Returns the article as it is indexed."""
        c = self.cleaned
        language = language_of(c.text, c.language)
        return Article(self.uri, c.title, c.text, c.author, c.source, c.published, c.url, c.comments, language)


class NoArticle(Exception):
    """Raised for a file that is none, with its `kind`, by which such files are counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


Outcome = Draft | UnreadableFile | Skipped | Remark
"""What a file gives, one after the other: articles, failures, counts of what is no article, and how it was read."""


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def with_fields(cleaned: Cleaned, fields: Fields) -> Cleaned:
    """Returns `cleaned` with metadata from outside the text, which takes precedence over that found in the text."""
    check_lines(len(fields.comments))
    strange = (Dropped(fields.strange_date, STRANGE_DATE),) if fields.strange_date else ()
    given = ["\n\n".join(p.text for p in paragraphs(comment)) for comment in fields.comments]
    return replace(
        cleaned,
        author=fields.author or cleaned.author,
        source=fields.source or cleaned.source,
        published=fields.published or cleaned.published or fields.noted,
        url=fields.url or cleaned.url,
        comments=(*(comment for comment in given if comment), *cleaned.comments),
        language=fields.language or cleaned.language,
        dropped=(*cleaned.dropped, *strange),
    )


def clean_document(document: Document) -> list[Cleaned]:
    """Cleans what was read in the sandbox: the article, or several if a text holds many.

    The author of a document is not that of the articles which someone put together in it.
    """
    pieces = [] if document.markup else split_articles("\n\n".join(document.paragraphs))
    dropped = tuple(Dropped(*pair) for pair in document.dropped)
    if pieces:
        first, *others = clean_pieces(pieces, {**document.facts, "author": ""})
        return [replace(first, dropped=(*first.dropped, *dropped)), *others]
    texts = visible_blocks(document.markup) if document.markup else document.paragraphs
    check_lines(len(texts))
    fields = read_fields(document.facts)
    lines = [Paragraph(text) for line in texts if (text := one_line(line))]
    cleaned = with_fields(clean_paragraphs(lines, title=fields.title), fields)
    unread = (*lost("".join(texts)), *_unsplit("\n\n".join(texts)))
    return [replace(cleaned, dropped=(*cleaned.dropped, *dropped, *unread))]


def clean_texts(text: str, facts: Mapping[str, Any] = NO_COLUMNS) -> list[Cleaned]:
    """Cleans a plain text: the article, or several if it holds many. `facts` are known from outside of it.

    What the lines above a mail's text say of it counts more than the mail's own sender and day.
    """
    if pieces := split_articles(text):
        return clean_pieces(pieces, facts)
    fields = read_fields(facts)
    piece = read_piece(text.splitlines()) if facts else None
    if piece and piece.text and piece.facts.get("date") and {"author", "source"} & piece.facts.keys():
        return clean_pieces([replace(piece, facts={**piece.facts, "title": fields.title})], facts)
    ordered, heads = in_order(text)
    cleaned = with_fields(clean(ordered, title=fields.title), fields)
    left_out = (Dropped(head, "head of a page") for head in heads)
    return [replace(cleaned, dropped=(*cleaned.dropped, *left_out, *_unsplit(text)))]


def clean_pieces(pieces: Sequence[Piece], facts: Mapping[str, Any] = NO_COLUMNS) -> list[Cleaned]:
    """Cleans the articles of a text that holds many; `facts` are known of all of them."""
    found = []
    for piece in pieces:
        fields = read_fields({**facts, **{key: value for key, value in piece.facts.items() if value}})
        cleaned = with_fields(clean(piece.text, title=fields.title), fields)
        lines = tuple(Dropped(line, "line of the export") for line in piece.dropped)
        found.append(replace(cleaned, dropped=(*cleaned.dropped, *lines)))
    return found


def _unsplit(text: str) -> tuple[Dropped, ...]:
    """Returns the marks of several articles in a text that could not be split, as an entry for `Cleaned.dropped`."""
    marks = marks_of_many(text)
    return (Dropped(marks, UNSPLIT),) if marks else ()
