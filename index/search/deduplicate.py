"""Deduplication of hits: one passage of a story, however many articles print it.

Among the articles of a story (`near_duplicates.stories`) that match the filters, one is preferred: a correction,
otherwise the latest. A passage of another article is replaced by its counterpart in the preferred one; what the
preferred article does not contain may still be found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index.article import Article
from index.embedding.chunking import Place
from index.near_duplicates.similarity import holds, says_it_corrects, shingles
from index.storage.database.filters import Filters
from index.storage.store import Store


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Another article that contains a passage, in nearly the same words."""

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
    """Sort key for the articles of a story, the preferred one last: corrections, then the latest, then the longest."""
    return says_it_corrects(article), article.published or date.min, len(article.text), article.id


class Stories:
    """The stories that some chunks belong to, limited to the articles that match the filters.

    Everything is fetched at once, in four SQL statements whatever the number of stories.
    """

    def __init__(self, store: Store, filters: Filters, places: Mapping[int, Place]) -> None:
        """Loads the stories of the chunks at these `places`, which are keyed by row id."""
        story = store.duplicates.stories({place.article_id for place in places.values()})
        allowed = store.articles.allowed(list(story), filters)
        self._members: dict[str, list[Article]] = defaultdict(list)
        for article in sorted(store.articles.get(allowed), key=preference, reverse=True):
            self._members[story[article.id]].append(article)
        self._of = {article.id: members for members in self._members.values() for article in members}
        self._texts = {article.id: article.text for members in self._members.values() for article in members}
        self._places: dict[str, dict[int, Place]] = defaultdict(dict)
        for row_id, place in store.chunks.places_in(allowed).items():
            self._places[place.article_id][row_id] = place

    def counterpart(self, row_id: int, place: Place) -> tuple[int, Place]:
        """Returns the chunk that replaces this one: its counterpart in the most preferred article with the passage."""
        for member in self._of.get(place.article_id, ()):
            if member.id == place.article_id:
                break
            passage = self._passage(place)
            if holds(_shingles(member.text), passage):
                near = self._places[member.id].items()
                nearest = max(near, key=lambda one: (len(passage & self._passage(one[1])), -one[1].ordinal))
                return self.counterpart(*nearest)  # an even more preferred article may contain it, too
        return row_id, place

    def also_in(self, place: Place) -> tuple[AlsoIn, ...]:
        """Returns the other articles of the story that contain the passage, the preferred one first."""
        members = self._of.get(place.article_id, ())
        passage = self._passage(place) if members else frozenset()
        return tuple(
            AlsoIn(m.id, m.uri, m.title, m.source, m.published, m.url)
            for m in members
            if m.id != place.article_id and holds(_shingles(m.text), passage)
        )

    def _passage(self, place: Place) -> frozenset[str]:
        return _shingles(self._texts[place.article_id][place.start : place.end])


REMEMBERED = 1024
"""Number of texts whose shingles are cached from one question to the next, some 10 kB each."""

LONGEST_REMEMBERED = 10_000
"""Maximum length of such a text in characters."""

_remembered = lru_cache(REMEMBERED)(shingles)


def _shingles(text: str) -> frozenset[str]:
    return (_remembered if len(text) <= LONGEST_REMEMBERED else shingles)(text)
