"""What is in the archive: every article in a line, found by words and limits, and counted by month and source.

The lines are read once for each version of the index. Knows nothing about Gradio.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from index import Article, Filters
from ui.archive import Archive

MOST_SOURCES = 6
"""Sources with a colour of their own in the timeline; more colours cannot be told apart."""

OTHERS = "other sources"
UNKNOWN = "source unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One article, without its text."""

    id: str
    uri: str
    title: str
    source: str | None
    author: str | None
    published: date | None

    @property
    def file(self) -> str:
        """The last part of its uri."""
        return PurePosixPath(self.uri).name

    def holds(self, words: Iterable[str]) -> bool:
        """Whether title, source, author or file name hold every word, which are casefolded."""
        text = " ".join(filter(None, (self.title, self.source, self.author, self.file))).casefold()
        return all(word in text for word in words)

    def passes(self, filters: Filters) -> bool:
        """Whether a search limited so would look at it; as `Filters.sql`."""
        if filters.after and not (self.published and self.published >= filters.after):
            return False
        if filters.before and not (self.published and self.published <= filters.before):
            return False
        pairs = ((filters.source, self.source), (filters.author, self.author))
        return all(part.casefold() in (name or "").casefold() for part, name in pairs if part)


@dataclass(frozen=True, slots=True)
class Month:
    """How many articles a source published in a month, which is written 2021-03."""

    month: str
    source: str
    articles: int


class Catalogue:
    """The articles of an archive, latest first, undated ones last."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._read: tuple[int, tuple[Line, ...]] | None = None

    def lines(self) -> tuple[Line, ...]:
        """All articles. ClippingsError if the index cannot be read."""
        with self._lock:
            version = self._archive.version
            if self._read is None or self._read[0] != version:
                found = sorted((line_of(article) for article in self._archive.articles()), key=_latest_first)
                self._read = version, tuple(found)
            return self._read[1]

    def find(self, words: str, filters: Filters) -> list[Line]:
        """The articles that hold all the words and pass the limits."""
        wanted = words.casefold().split()
        return [line for line in self.lines() if line.passes(filters) and line.holds(wanted)]

    def sources(self) -> list[str]:
        """The names of all sources."""
        return sorted({line.source for line in self.lines() if line.source}, key=str.casefold)


def timeline(lines: Sequence[Line]) -> list[Month]:
    """The dated articles by source, the largest first, and month; the smaller sources together, at the end."""
    dated = [(line.source or UNKNOWN, f"{line.published:%Y-%m}") for line in lines if line.published]
    largest = [source for source, _ in Counter(source for source, _ in dated).most_common()]
    own = largest if len(largest) <= MOST_SOURCES + 1 else largest[:MOST_SOURCES]
    rank = {source: at for at, source in enumerate([*own, OTHERS])}
    counts = Counter((source if source in rank else OTHERS, month) for source, month in dated)
    ordered = sorted(counts.items(), key=lambda item: (rank[item[0][0]], item[0][1]))
    return [Month(month, source, count) for (source, month), count in ordered]


def line_of(article: Article) -> Line:
    """The article without its text."""
    return Line(article.id, article.uri, article.title, article.source, article.author, article.published)


def _latest_first(line: Line) -> tuple[bool, int, str]:
    return line.published is None, -line.published.toordinal() if line.published else 0, line.title.casefold()
