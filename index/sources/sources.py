"""Finds the sources that the user named: files, web pages and entries of feeds, each with its articles.

    paths and addresses -> find_sources -> Source -> articles, failures

An index stores the name and the fingerprint of every source that it has read, and reads the source again when the
fingerprint changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.cleaning.clean import Dropped, clean
from index.cleaning.metadata import NO_COLUMNS, Columns
from index.decoding.charset import decode
from index.errors import UnreadableFile
from index.formats.documents.document import Document, Remark, Skipped
from index.formats.parsed import PAGE_NOT_READ, Draft, Outcome, clean_document
from index.formats.registry import find_files, has_fields, leading_out, read_drafts
from index.formats.webpage import clean_page
from index.sources.feeds import Entry, is_feed, plain_length, read_feed
from index.urls import checked_address, is_address

if TYPE_CHECKING:
    from index.sources.fetch import Page

READER_VERSION = "6"
"""Part of every fingerprint: to be incremented when reading or cleaning changes, so that all sources are read again."""

MOST_ENTRIES = 200
"""Largest number of entries read from a feed; in most feeds, the newest come first."""

LEADS_OUT = "is a link that leads out of the folders given; name what it leads to as well, to have it read"
"""The reason given for a link that is not followed."""

# Number of characters from which an entry of a feed is taken for the whole article, not for a summary.
_WHOLE_ARTICLE = 1000


class Source(Protocol):
    """A file, page or feed entry from which articles are read."""

    @property
    def name(self) -> str:
        """Its name in the index: the absolute path of a file, or an address."""

    def remembering(self, known: str | None) -> Source:
        """Returns the source with the columns stored in its earlier fingerprint `known`, unless it has columns."""

    def fits(self) -> bool:
        """Returns whether it is a table with all the columns that are to be read."""

    def fingerprint(self) -> str:
        """Returns a string that changes when the source does. Raises OSError if it cannot be read."""

    def drafts(self) -> Iterator[Outcome]:
        """Yields the articles one by one, with what was removed from each, and the failures where they occur."""


def find_sources(places: Sequence[Path | str], columns: Columns = NO_COLUMNS) -> list[Source]:
    """Returns all sources at `places`: the files under the paths, and the pages and feed entries at the addresses.

    The addresses given are fetched immediately, the pages linked from a feed when they are read, and no others.
    `columns` maps fields to the columns of tables. Raises WrongUse if a path does not exist or an address is invalid.
    """
    addresses = [checked_address(place) for place in places if isinstance(place, str) and is_address(place)]
    paths = [Path(place) for place in places if not is_address(place)]
    found: list[Source] = [FileSource(path, columns) for path in find_files(paths)]
    found += [_failed(str(link), LEADS_OUT) for link in leading_out(paths)]
    for address in dict.fromkeys(addresses):
        found += _at(address)
    return list({source.name: source for source in found}.values())


def preview(place: Path | str, columns: Columns = NO_COLUMNS, *, limit: int = 3) -> tuple[Draft | UnreadableFile, ...]:
    """Returns what indexing a file or an address would give: its first articles, with everything removed from them.

    `limit` is the largest number of articles and failures. Failures are returned, not raised.
    """
    if is_address(place):
        sources: list[Source] = find_sources([place], columns)
    else:
        sources = [FileSource(Path(place), columns)]
    outcomes = (outcome for source in sources for outcome in source.drafts())
    return tuple(islice((one for one in outcomes if not isinstance(one, Skipped | Remark)), limit))


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file, with the columns that the user named for it."""

    path: Path
    columns: Columns

    @property
    def name(self) -> str:
        """See `Source`."""
        return str(self.path)

    def remembering(self, known: str | None) -> FileSource:
        """See `Source`."""
        earlier = (known or "").split(":", 2)[2:]
        return replace(self, columns=_read_note(earlier[0])) if earlier and not self.columns else self

    def fits(self) -> bool:
        """See `Source`."""
        return has_fields(self.path, self.columns)

    def fingerprint(self) -> str:
        """See `Source`."""
        content = ""
        if self.path.is_file():  # opening a named pipe would block; `drafts` reports it
            with self.path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        return ":".join([READER_VERSION, content, *([_note(self.columns)] if self.columns else [])])

    def drafts(self) -> Iterator[Outcome]:
        """See `Source`."""
        return read_drafts(self.path, self.columns)


@dataclass(frozen=True, slots=True)
class WebSource:
    """A page, an entry of a feed, or an address that could not be fetched; `content` is hashed for the fingerprint."""

    name: str
    content: bytes
    read: partial[Draft]

    def remembering(self, known: str | None) -> WebSource:
        """See `Source`."""
        return self

    def fits(self) -> bool:
        """See `Source`; False, since it is no table."""
        return False

    def fingerprint(self) -> str:
        """See `Source`."""
        return f"{READER_VERSION}:{hashlib.sha256(self.content).hexdigest()}"

    def drafts(self) -> Iterator[Draft | UnreadableFile]:
        """See `Source`."""
        try:
            yield self.read()
        except UnreadableFile as failure:
            yield failure
        except ValueError as error:
            yield UnreadableFile(self.name, str(error))


def _at(address: str) -> list[WebSource]:
    """Returns the sources at an address: one page, or the entries of a feed."""
    try:
        page = _fetch(address)
        entries = read_feed(page.content, page.address) if is_feed(page.content) else None
    except ValueError as error:
        return [_failed(address, str(error))]
    if entries is None:
        return [WebSource(address, page.content, partial(_page_draft, address, page))]
    if not entries:
        return [_failed(address, "is a feed without entries")]
    found = [
        WebSource(entry.address, repr(entry).encode(), partial(_entry_draft, entry, address))
        for entry in entries[:MOST_ENTRIES]
    ]
    if len(entries) > MOST_ENTRIES:
        found.append(_failed(address, f"has {len(entries)} entries, of which the first {MOST_ENTRIES} are read"))
    return found


def _fetch(address: str, *, named: str | None = None) -> Page:
    # Imported only if an address is given, since importing the network libraries takes half a second.
    from index.sources.fetch import fetch

    return fetch(address, named=named)


def _failed(address: str, reason: str) -> WebSource:
    return WebSource(address, b"", partial(_fail, address, reason))


def _fail(address: str, reason: str) -> Draft:
    raise UnreadableFile(address, reason)


_NO_TEXT = "has no article text in it; if a browser shows one, save the page there, and give the file"


class _NoText(ValueError):
    """The page was fetched and has no article."""


def _page_draft(uri: str, page: Page) -> Draft:
    if page.kind in ("text/plain", "text/markdown"):
        cleaned = clean(decode(page.content, declared=page.charset))
    elif page.kind in ("text/html", "application/xhtml+xml", "text/xml", "application/xml", ""):
        cleaned = clean_page(page.content, charset=page.charset)
    else:
        raise ValueError(f"is no page but {page.kind}; download it, and give the file")
    if not cleaned.text:
        raise _NoText(_NO_TEXT)
    return Draft(uri, replace(cleaned, url=cleaned.url or page.address))


def _entry_draft(entry: Entry, feed: str) -> Draft:
    """Returns the article of a feed's entry: from the feed itself if it is complete there, otherwise from its page.

    The text in the feed is also taken if the page has less, as one that needs scripts, or if the site refuses it.
    """
    length = plain_length(entry.markup)
    draft = _whole_entry(entry) if length >= _WHOLE_ARTICLE else None
    if draft is None:
        if not is_address(entry.address):
            raise ValueError("is no address of the web")
        draft = _entry_page(entry, feed, length)
    found = draft.cleaned
    return Draft(
        entry.address,
        replace(
            found,
            title=found.title or entry.title,
            author=found.author or entry.author or None,
            source=found.source or entry.source or None,
            published=found.published or entry.published,
        ),
    )


def _whole_entry(entry: Entry) -> Draft | None:
    head = f"<html><head><title>{escape(entry.title)}</title></head>"
    cleaned = clean_page(f"{head}<body><article>{entry.markup}</article></body></html>")
    return Draft(entry.address, replace(cleaned, url=entry.address)) if cleaned.text else None


def _entry_page(entry: Entry, feed: str, length: int) -> Draft:
    """Returns the article of an entry's page, or of the entry if that has more text; `length` is that of its text."""
    from index.sources.fetch import Refused

    unread: tuple[Dropped, ...] = ()
    try:
        draft = _page_draft(entry.address, _fetch(entry.address, named=feed))
    except Refused as error:
        unread = (Dropped(str(error), PAGE_NOT_READ),)
    except _NoText:
        pass
    else:
        if len(draft.cleaned.text) >= length:
            return draft
    facts = {"title": entry.title, "url": entry.address}
    (cleaned,) = clean_document(Document(facts=facts, dropped=(), markup=entry.markup or "<p></p>"))
    if not cleaned.text:
        raise ValueError(unread[0].text if unread else _NO_TEXT)
    return Draft(entry.address, replace(cleaned, dropped=(*cleaned.dropped, *unread)))


def content_of(fingerprint: str) -> str:
    """Returns the part of a file's fingerprint that is the hash of its content."""
    return fingerprint.split(":")[1]


def has_columns(fingerprint: str) -> bool:
    """Returns whether the fingerprint contains columns that were named for a table."""
    return fingerprint.count(":") > 1


def _note(columns: Columns) -> str:
    return ",".join(f"{field}={name}" for field, name in sorted(columns.items()))


def _read_note(note: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in note.split(","))
