"""An article that was read, with what was taken out of it: what `preview` shows and `read_file` makes Articles of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.article import Article
from index.cleaning import NOT_TEXT, Cleaned, Dropped, clean_paragraphs, lost
from index.document import LOCKED, NO_TEXT, Document
from index.fields import Fields, read_fields
from index.language import language_of
from index.paragraphs import Paragraph, check_lines, one_line, paragraphs

_MISSING = {NOT_TEXT, NO_TEXT, LOCKED}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned article with its `uri`, and with the comments and refuse that were taken out of it."""

    uri: str
    cleaned: Cleaned

    def missing(self) -> str | None:
        """What could not be read of the article although the rest was; None if it was read whole."""
        found: dict[str, list[str]] = {}
        for dropped in self.cleaned.dropped:
            if dropped.reason in _MISSING:
                found.setdefault(dropped.reason, []).append(dropped.text)
        return "; ".join(f"{reason}: {_some(texts)}" for reason, texts in found.items()) or None

    def article(self) -> Article:
        """The article as it is indexed."""
        c = self.cleaned
        language = language_of(c.text, c.language)
        return Article(self.uri, c.title, c.text, c.author, c.source, c.published, c.url, c.comments, language)


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def with_fields(cleaned: Cleaned, fields: Fields) -> Cleaned:
    """`cleaned`, with what was said outside the text taking precedence over what was found in it."""
    check_lines(len(fields.comments))
    given = ["\n\n".join(p.text for p in paragraphs(comment)) for comment in fields.comments]
    return replace(
        cleaned,
        author=fields.author or cleaned.author,
        source=fields.source or cleaned.source,
        published=fields.published or cleaned.published,
        url=fields.url or cleaned.url,
        comments=(*(comment for comment in given if comment), *cleaned.comments),
        language=fields.language or cleaned.language,
    )


def clean_document(document: Document) -> Cleaned:
    """Clean what was read out of a PDF, Word or EPUB file."""
    check_lines(len(document.paragraphs))
    fields = read_fields(document.facts)
    lines = [Paragraph(text) for line in document.paragraphs if (text := one_line(line))]
    cleaned = with_fields(clean_paragraphs(lines, title=fields.title), fields)
    unread = lost("".join(document.paragraphs))
    return replace(cleaned, dropped=(*cleaned.dropped, *(Dropped(*pair) for pair in document.dropped), *unread))
