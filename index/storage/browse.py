"""Browsing the archive: articles page by page, found by words, with excerpts; and counts by month and source.

Unlike `search`, which ranks passages for a question, `page` returns every article that contains all the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from index.article import Article
from index.language.searchable import is_uncased
from index.storage.database.filters import Filters
from index.storage.database.statements import Statements, query_rows
from index.storage.revisions import article_of

EXCERPT_WORDS = 24
"""Maximum number of tokens in an excerpt."""

EXCERPT_LETTERS = 40
"""The same in letters on either side of a word of a script without capitals."""

_FACTS = "title || ' ' || coalesce(source, '') || ' ' || coalesce(author, '')"
# The file name in the uri: what follows its last slash.
_FILE = "replace(uri, rtrim(uri, replace(uri, '/', '')), '')"
_IN_FACTS = f"instr(casefold({_FACTS} || ' ' || {_FILE}), casefold(?)) > 0"
_IN_TEXT = "id IN (SELECT article_id FROM chunk WHERE id IN (SELECT rowid FROM chunk_fts WHERE chunk_fts MATCH ?))"
_CONTAINED = "instr(casefold(text), casefold(?)) > 0"
_ARTICLE = "SELECT * FROM article WHERE id = ?"

_WORDS = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of articles of a source in a month (written as 2021-03); None for an unknown month or source."""

    month: str | None
    source: str | None
    articles: int


class Browse:
    """Reads the archive page by page."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    def page(self, filters: Filters, *, title: str, words: str, limit: int, offset: int) -> tuple[list[Article], int]:
        """See `Index.page`."""
        conditions: list[str] = []
        values: list[object] = []
        if title:
            conditions, values = ["instr(casefold(title), casefold(?)) > 0"], [title]
        for term in terms_of(words):
            if is_uncased(term):
                conditions.append(f"({_CONTAINED} OR {_IN_FACTS})")
                values += [term, term]
            elif _has_letters(term):
                conditions.append(f"({_IN_TEXT} OR {_IN_FACTS})")
                values += [_match(term), term]
            else:
                conditions.append(_IN_FACTS)
                values.append(term)
        condition, limits = filters.sql()
        where = " AND ".join(filter(None, [condition, *conditions])) or "1"
        # Sorting ids takes a tenth of the time that sorting whole articles takes, and their number is the total.
        ids = self._db.execute(
            f"SELECT id FROM article WHERE {where} ORDER BY published DESC, uri", (*limits, *values)
        ).fetchall()
        rows = (row for (found,) in ids[offset : offset + limit] for row in query_rows(self._db, _ARTICLE, found))
        return [article_of(row) for row in rows], len(ids)

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """See `Index.excerpts`."""
        found: dict[str, list[tuple[str, bool]]] = {}
        uncased = [term for term in terms_of(words) if is_uncased(term)]
        for term, article_id in product(uncased, ids):
            for row in query_rows(self._db, _ARTICLE, article_id):
                found |= {article_id: parts} if (parts := _around(row["text"], term)) else {}
        terms = [term for term in terms_of(words) if _has_letters(term) and term not in uncased]
        if not terms:
            return found
        rows = self._db.execute(
            "SELECT article_id, snippet(chunk_fts, 1, char(2), char(3), '…', ?) "
            "FROM chunk_fts JOIN chunk ON chunk.id = chunk_fts.rowid WHERE chunk_fts MATCH ? "
            "AND article_id IN (SELECT value FROM json_each(?)) ORDER BY rank",
            (EXCERPT_WORDS, f"text : ({' OR '.join(map(_match, terms))})", json.dumps(list(ids))),
        )
        for article_id, text in rows:
            pieces = re.split("[\2\3]", text)  # alternately outside and inside a match
            found.setdefault(article_id, [(piece, bool(at % 2)) for at, piece in enumerate(pieces) if piece])
        return found

    def tally(self) -> list[Tally]:
        """See `Index.tally`."""
        rows = self._db.execute(
            "SELECT substr(published, 1, 7), source, count(*) FROM article GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return [Tally(*row) for row in rows]


def _around(text: str, term: str) -> list[tuple[str, bool]]:
    """Returns the text around the first occurrence of a term, in parts as `Index.excerpts`; empty without one."""
    at = text.find(term)
    if at < 0:
        return []
    after = at + len(term)
    before, behind = text[max(0, at - EXCERPT_LETTERS) : at], text[after : after + EXCERPT_LETTERS]
    return [(f"…{before}", False), (term, True), (f"{behind}…", False)]


def terms_of(words: str) -> list[str]:
    """Splits `words` into search terms; words between quotation marks form one term."""
    return [term for quoted, word in _WORDS.findall(words) if (term := quoted.strip() or word)]


def _has_letters(term: str) -> bool:
    """Returns whether the term contains a letter or digit, so that FTS5 can find it."""
    return bool(re.search(r"[^\W_]", term))


def _match(term: str) -> str:
    """Returns the FTS5 query for the term as a phrase, whose last word matches as a prefix."""
    return '"' + term.replace('"', " ") + '" *'
