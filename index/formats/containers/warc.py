"""Reads the web pages in a WARC file, as crawlers and browsers' extensions write them. Runs in the sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from index.formats.documents.document import LARGEST_TEXT, Failed, Item, Member, Skipped

_PAGES = ("text/html", "application/xhtml+xml")
_OK = "200"


def read_warc(file: BinaryIO) -> Iterator[Item]:
    """Yields the pages that were answered with status 200, and counts the rest by media type. Raises ValueError."""
    skipped: Counter[str] = Counter()
    damage = ""
    end = 0
    try:
        records = ArchiveIterator(file)
        for record in records:
            if record.format != "warc":  # the older ARC, for which the library takes any line of five words
                raise ValueError("it does not begin with WARC")
            item = _item(record) if record.rec_type in ("response", "resource") else None
            records.read_to_end()
            end = records.get_record_offset() + records.get_record_length()
            if record.raw_stream.limit > 0:
                raise EOFError("its last record is not whole")
            if isinstance(item, Skipped):
                skipped[item.kind] += 1
            elif item is not None:
                yield item
        file.seek(end)
        if file.read(1000).strip():
            raise EOFError("its last record is not whole")
    # The library raises errors of many types for damaged records; what was read before the damage is kept.
    except (ArchiveLoadFailed, ValueError, LookupError, TypeError, AttributeError, OSError, EOFError) as error:
        damage = f"is no WARC file that can be read further, or is cut off ({' '.join(str(error).split())[:120]})"
    yield from (Skipped(kind, count) for kind, count in skipped.items())
    if damage:
        raise ValueError(damage)


def _item(record: Any) -> Item:
    kind, _, parameters = _header(record, "Content-Type").lower().partition(";")
    status = record.http_headers.get_statuscode() if record.http_headers is not None else _OK
    if kind.strip() not in _PAGES:
        return Skipped(kind.strip() or "no media type", 1)
    if status != _OK:
        return Skipped(f"page of status {status}", 1)
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    data = record.content_stream().read(LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        return Failed(address, f"is larger than {LARGEST_TEXT / 1e6:,.0f} MB")
    charset = parameters.partition("charset=")[2].strip(" \"'")
    return Member(address, ".html", data, {"url": address}, charset) if data else Failed(address, "is empty")


def _header(record: Any, name: str) -> str:
    headers = record.http_headers or record.rec_headers
    return headers.get_header(name) or ""
