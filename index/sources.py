"""What a person named -> sources: files, pages of the web, and entries of feeds, each with its articles.

    paths and addresses -> find_sources -> Source -> articles, failures

A source is what an index remembers as read: it has a name and a fingerprint, and is read again when that changes.
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

from index.addresses import checked_address, is_address
from index.cleaning import clean
from index.decoding import decode
from index.draft import Draft
from index.errors import UnreadableFile
from index.feeds import Entry, is_feed, plain_length, read_feed
from index.fields import NO_COLUMNS, Columns
from index.reading import find_files, has_fields, leading_out, read_drafts
from index.webpage import clean_page

if TYPE_CHECKING:
    from index.fetching import Page

READER_VERSION = "4"
"""Part of every fingerprint: raise it when reading or cleaning changes, and everything is read again."""

MOST_ENTRIES = 200
"""Of a feed; the newest come first in most."""

LEADS_OUT = "is a link that leads out of the folders given; name what it leads to as well, to have it read"
"""Why a link is not followed."""

# With so many characters a feed has the article itself; with fewer, a summary.
_WHOLE_ARTICLE = 1000


class Source(Protocol):
    """Something that holds articles."""

    @property
    def name(self) -> str:
        """What the index calls it: a file's absolute path, or an address."""

    def remembering(self, known: str | None) -> Source:
        """The source read as it was when it had the fingerprint `known`, where nothing else is asked for."""

    def fits(self) -> bool:
        """Whether it is a table that has the columns that are to be read."""

    def fingerprint(self) -> str:
        """What changes when the source does. OSError if it cannot be read."""

    def drafts(self) -> Iterator[Draft | UnreadableFile]:
        """The articles one by one, with what was thrown away, and the failures where they occur."""


def find_sources(places: Sequence[Path | str], columns: Columns = NO_COLUMNS) -> list[Source]:
    """Every source that `places` name: the files under the paths, and what is at the addresses.

    Only an address given here is fetched, now, and what a feed links to, when it is read. `columns` says where a
    table has its fields. Raises WrongUse for a path that does not exist and for what is no address.
    """
    addresses = [checked_address(place) for place in places if isinstance(place, str) and is_address(place)]
    paths = [Path(place) for place in places if not is_address(place)]
    found: list[Source] = [FileSource(path, columns) for path in find_files(paths)]
    found += [_failed(str(link), LEADS_OUT) for link in leading_out(paths)]
    for address in dict.fromkeys(addresses):
        found += _at(address)
    return list({source.name: source for source in found}.values())


def preview(place: Path | str, columns: Columns = NO_COLUMNS, *, limit: int = 3) -> tuple[Draft | UnreadableFile, ...]:
    """What would be made of a file or an address, with everything that is thrown away; of many articles, the first.

    `limit` is the largest number of articles. Failures are returned, not raised.
    """
    if is_address(place):
        sources: list[Source] = find_sources([place], columns)
    else:
        sources = [FileSource(Path(place), columns)]
    return tuple(islice((draft for source in sources for draft in source.drafts()), limit))


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file, with the columns that were named for it."""

    path: Path
    columns: Columns

    @property
    def name(self) -> str:
        """See `Source`."""
        return str(self.path)

    def remembering(self, known: str | None) -> FileSource:
        """See `Source`: with the columns that were named the last time."""
        earlier = (known or "").split(":", 2)[2:]
        return replace(self, columns=_read_note(earlier[0])) if earlier and not self.columns else self

    def fits(self) -> bool:
        """See `Source`."""
        return has_fields(self.path, self.columns)

    def fingerprint(self) -> str:
        """See `Source`."""
        content = ""
        if self.path.is_file():  # opening a pipe would wait for its writer, for ever; `drafts` says what it is
            with self.path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        return ":".join([READER_VERSION, content, *([_note(self.columns)] if self.columns else [])])

    def drafts(self) -> Iterator[Draft | UnreadableFile]:
        """See `Source`."""
        return read_drafts(self.path, self.columns)


@dataclass(frozen=True, slots=True)
class WebSource:
    """A page, an entry of a feed, or what could not be fetched; `content` is what the fingerprint is made of."""

    name: str
    content: bytes
    read: partial[Draft]

    def remembering(self, known: str | None) -> WebSource:
        """See `Source`."""
        return self

    def fits(self) -> bool:
        """See `Source`: it is no table."""
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
    """The sources at an address: one page, or the entries of a feed."""
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
    # Imported when an address was given, and never otherwise: it brings half a second of libraries for the network.
    from index.fetching import fetch

    return fetch(address, named=named)


def _failed(address: str, reason: str) -> WebSource:
    return WebSource(address, b"", partial(_fail, address, reason))


def _fail(address: str, reason: str) -> Draft:
    raise UnreadableFile(address, reason)


def _page_draft(uri: str, page: Page) -> Draft:
    if page.kind in ("text/plain", "text/markdown"):
        cleaned = clean(decode(page.content, declared=page.charset))
    elif page.kind in ("text/html", "application/xhtml+xml", "text/xml", "application/xml", ""):
        cleaned = clean_page(page.content, charset=page.charset)
    else:
        raise ValueError(f"is no page but {page.kind}; download it, and give the file")
    if not cleaned.text:
        raise ValueError("has no article text in it; if a browser shows one, save the page there, and give the file")
    return Draft(uri, replace(cleaned, url=cleaned.url or page.address))


def _entry_draft(entry: Entry, feed: str) -> Draft:
    """The article of a feed's entry: from the feed itself if it is there whole, else from its page."""
    if plain_length(entry.markup) >= _WHOLE_ARTICLE:
        head = f"<html><head><title>{escape(entry.title)}</title></head>"
        cleaned = clean_page(f"{head}<body><article>{entry.markup}</article></body></html>")
        draft = Draft(entry.address, replace(cleaned, url=entry.address)) if cleaned.text else None
    else:
        draft = None
    if draft is None:
        if not is_address(entry.address):
            raise ValueError("is no address of the web")
        draft = _page_draft(entry.address, _fetch(entry.address, named=feed))
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


def content_of(fingerprint: str) -> str:
    """The part of a file's fingerprint that says what is in it."""
    return fingerprint.split(":")[1]


def has_columns(fingerprint: str) -> bool:
    """Whether the fingerprint remembers columns that were named for a table."""
    return fingerprint.count(":") > 1


def _note(columns: Columns) -> str:
    return ",".join(f"{field}={name}" for field, name in sorted(columns.items()))


def _read_note(note: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in note.split(","))
