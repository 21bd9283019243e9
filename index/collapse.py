"""One passage of a story among the hits, however many articles print it.

Of the articles of a story (`duplicates`) that the filters let through, the one preferred speaks: an article that says
it corrects, then the latest. A passage of another one gives way to its counterpart there; what the preferred article
does not hold may still be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from index.article import Article
from index.chunking import Chunk
from index.filters import Filters
from index.likeness import holds, says_it_corrects, shingles
from index.store import Store


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Another article that holds a passage, in nearly the same words."""

    article_id: str
    uri: str
    title: str
    source: str | None
    published: date | None
    url: str | None

    def __str__(self) -> str:
        """Title with source and date: "Flood toll rises (Reuters, 2021-03-14)"."""
        about = ", ".join(str(part) for part in (self.source, self.published) if part)
        return f"{self.title} ({about})" if about else self.title


def preference(article: Article) -> tuple[bool, date, int, str]:
    """Sorts the articles of a story, the preferred one last: corrections, then the latest, then the longest."""
    return says_it_corrects(article), article.published or date.min, len(article.text), article.id


class Stories:
    """The stories that some chunks belong to, as far as the filters let their articles through."""

    def __init__(self, store: Store, filters: Filters) -> None:
        self._store = store
        self._filters = filters
        self._story: dict[str, str] = {}
        self._members: dict[str, list[Article]] = {}
        self._shingles: dict[str, frozenset[str]] = {}
        self._chunks: dict[str, dict[int, Chunk]] = {}

    def represent(self, chunks: Mapping[int, Chunk]) -> dict[int, int]:
        """For each chunk, by row id, the row id of the one that stands for it: its own, or its counterpart's.

        The counterpart stands in the most preferred article that holds the passage.
        """
        self._story |= self._store.duplicates.stories({chunk.article_id for chunk in chunks.values()})
        return {
            row_id: self._counterpart(chunk, row_id) if chunk.article_id in self._story else row_id
            for row_id, chunk in chunks.items()
        }

    def also_in(self, chunk: Chunk) -> tuple[AlsoIn, ...]:
        """The other articles of the story that hold the chunk's passage, the preferred one first."""
        members = self._articles(chunk.article_id)
        passage = self._passage(chunk) if members else frozenset()
        return tuple(
            AlsoIn(m.id, m.uri, m.title, m.source, m.published, m.url)
            for m in members
            if m.id != chunk.article_id and holds(self._shingles_of(m), passage)
        )

    def _counterpart(self, chunk: Chunk, row_id: int) -> int:
        passage = self._passage(chunk)
        for member in self._articles(chunk.article_id):
            if member.id == chunk.article_id:
                break
            if holds(self._shingles_of(member), passage):
                chunks = self._chunks_of(member.id)
                nearest = max(chunks, key=lambda n: (len(passage & self._passage(chunks[n])), -chunks[n].ordinal))
                return self._counterpart(chunks[nearest], nearest)  # which a more preferred article may hold, too
        return row_id

    def _articles(self, article_id: str) -> list[Article]:
        """Articles of the story of an article, the preferred one first; none for an article that stands alone."""
        story = self._story.get(article_id)
        if story is None:
            return []
        if story not in self._members:
            allowed = self._store.allowed_articles(self._store.duplicates.members(story), self._filters)
            self._members[story] = sorted(self._store.articles(allowed), key=preference, reverse=True)
            self._story |= dict.fromkeys((member.id for member in self._members[story]), story)
        return self._members[story]

    def _passage(self, chunk: Chunk) -> frozenset[str]:
        article = next(m for m in self._articles(chunk.article_id) if m.id == chunk.article_id)
        return shingles(article.text[chunk.start : chunk.end])

    def _shingles_of(self, article: Article) -> frozenset[str]:
        if article.id not in self._shingles:
            self._shingles[article.id] = shingles(article.text)
        return self._shingles[article.id]

    def _chunks_of(self, article_id: str) -> dict[int, Chunk]:
        if article_id not in self._chunks:
            self._chunks[article_id] = self._store.chunks_of(article_id)
        return self._chunks[article_id]
