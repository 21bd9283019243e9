"""A parsed article with everything removed from it: `preview` displays it, `read_file` makes Articles from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.article import Article
from index.cleaning.clean import NOT_TEXT, Cleaned, Dropped, clean_paragraphs, lost
from index.cleaning.metadata import Fields, read_fields
from index.cleaning.paragraphs import Paragraph, check_lines, one_line, paragraphs
from index.formats.document import LOCKED, NO_TEXT, Document
from index.language.identification import language_of

STRANGE_DATE = "date not understood"
"""The reason given for a date that the file states, in a notation that is not read or can mean two days."""

_MISSING = {NOT_TEXT, NO_TEXT, LOCKED, STRANGE_DATE}
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
        published=fields.published or cleaned.published,
        url=fields.url or cleaned.url,
        comments=(*(comment for comment in given if comment), *cleaned.comments),
        language=fields.language or cleaned.language,
        dropped=(*cleaned.dropped, *strange),
    )


def clean_document(document: Document) -> Cleaned:
    """Cleans the content of a PDF, Word or EPUB file."""
    check_lines(len(document.paragraphs))
    fields = read_fields(document.facts)
    lines = [Paragraph(text) for line in document.paragraphs if (text := one_line(line))]
    cleaned = with_fields(clean_paragraphs(lines, title=fields.title), fields)
    unread = lost("".join(document.paragraphs))
    return replace(cleaned, dropped=(*cleaned.dropped, *(Dropped(*pair) for pair in document.dropped), *unread))
