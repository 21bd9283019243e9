"""Lists the archive: articles page by page, searched by words and filters, and counted by month and source.

The queries run in the index; the counts are cached for each of its versions. Independent of Gradio.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from index import Article, Filters
from index.storage.browse import Tally
from ui.archive.service import Archive

AT_A_TIME = 50
"""Number of articles on one page of the list."""

MOST_SOURCES = 6
"""Number of sources with a colour of their own in the timeline; more colours cannot be distinguished."""

OTHERS = "other sources"
UNKNOWN = "source unknown"

Excerpt = Sequence[tuple[str, bool]]
"""An excerpt of an article as consecutive pieces, each with whether it matches a search word."""


@dataclass(frozen=True, slots=True)
class Line:
    """One article of the list, with an excerpt around the search words."""

    id: str
    uri: str
    title: str
    source: str | None
    author: str | None
    published: date | None
    excerpt: Excerpt = ()

    @property
    def file(self) -> str:
        """The last part of the article's uri."""
        return PurePosixPath(self.uri).name


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: its lines begin at number `start` of the `found` articles; the archive holds `total`."""

    lines: tuple[Line, ...]
    start: int
    found: int
    total: int


@dataclass(frozen=True, slots=True)
class Month:
    """The number of articles that a source published in a month, which is written 2021-03."""

    month: str
    source: str
    articles: int


class Catalogue:
    """The articles of an archive, latest first, undated ones last."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._read: tuple[int, list[Tally]] | None = None

    def page(self, words: str, filters: Filters, start: int = 0) -> Page:
        """Returns up to `AT_A_TIME` articles that hold all the words and pass the filters, from number `start` on.

        Numbers count from 0. If there are not so many articles, returns the last page. Raises ClippingsError if the
        index cannot be read.
        """
        found, count = self._archive.page(filters, words=words, limit=AT_A_TIME, offset=start)
        if start and not found:
            start = max(0, count - 1) // AT_A_TIME * AT_A_TIME
            found, count = self._archive.page(filters, words=words, limit=AT_A_TIME, offset=start)
        excerpts = self._archive.excerpts([article.id for article in found], words) if words.strip() else {}
        lines = tuple(line_of(article, excerpts.get(article.id, ())) for article in found)
        return Page(lines, start, count, sum(row.articles for row in self._tally()))

    def sources(self) -> list[tuple[str, int]]:
        """Returns the names of all sources with their numbers of articles, the largest first."""
        counts: Counter[str] = Counter()
        for row in self._tally():
            if row.source:
                counts[row.source] += row.articles
        return sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold()))

    def timeline(self) -> list[Month]:
        """Returns the counts of dated articles by source and month: largest source first, the smaller ones merged."""
        return timeline(self._tally())

    def _tally(self) -> list[Tally]:
        with self._lock:
            version = self._archive.version
            if self._read is None or self._read[0] != version:
                self._read = version, self._archive.tally()
            return self._read[1]


def timeline(tally: Sequence[Tally]) -> list[Month]:
    """See `Catalogue.timeline`."""
    sources: Counter[str] = Counter()
    for row in tally:
        if row.month:
            sources[row.source or UNKNOWN] += row.articles
    largest = [source for source, _ in sources.most_common()]
    own = largest if len(largest) <= MOST_SOURCES + 1 else largest[:MOST_SOURCES]
    rank = {source: at for at, source in enumerate([*own, OTHERS])}
    counts: Counter[tuple[str, str]] = Counter()
    for row in tally:
        if row.month:
            source = row.source or UNKNOWN
            counts[source if source in rank else OTHERS, row.month] += row.articles
    ordered = sorted(counts.items(), key=lambda item: (rank[item[0][0]], item[0][1]))
    return [Month(month, source, count) for (source, month), count in ordered]


def places(sources: Sequence[str], count: int) -> dict[str, int]:
    """Returns for each of the first `count` sources a place below `count`, each its own.

    The place depends on the name, so that it seldom changes when other sources come or go.
    """
    taken: dict[int, str] = {}
    for source in sources[:count]:
        place = int(source_key(source), 16) % count
        while place in taken:
            place = (place + 1) % count
        taken[place] = source
    return {source: place for place, source in taken.items()}


def source_key(source: str) -> str:
    """Returns a short name for a source that is safe in HTML and CSS: eight hexadecimal digits."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]


def line_of(article: Article, excerpt: Excerpt = ()) -> Line:
    """Returns the article's metadata and the excerpt, without the article's text."""
    return Line(article.id, article.uri, article.title, article.source, article.author, article.published, excerpt)
