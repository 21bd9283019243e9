"""An article that was read, with what was taken out of it: what `preview` shows and `read_file` makes Articles of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.article import Article
from index.cleaning import Cleaned, Dropped, clean_paragraphs
from index.document import Document
from index.fields import Fields, read_fields
from index.language import language_of
from index.paragraphs import Paragraph, one_line, paragraphs


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned article with its `uri`, and with the comments and refuse that were taken out of it."""

    uri: str
    cleaned: Cleaned

    def article(self) -> Article:
        """The article as it is indexed."""
        c = self.cleaned
        language = language_of(c.text, c.language)
        return Article(self.uri, c.title, c.text, c.author, c.source, c.published, c.url, c.comments, language)


def with_fields(cleaned: Cleaned, fields: Fields) -> Cleaned:
    """`cleaned`, with what was said outside the text taking precedence over what was found in it."""
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
    fields = read_fields(document.facts)
    lines = [Paragraph(text) for line in document.paragraphs if (text := one_line(line))]
    cleaned = with_fields(clean_paragraphs(lines, title=fields.title), fields)
    return replace(cleaned, dropped=(*cleaned.dropped, *(Dropped(*pair) for pair in document.dropped)))
