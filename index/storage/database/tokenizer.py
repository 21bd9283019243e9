"""Splits texts into words with FTS5's own tokenizer, so that postings and full text contain the same English words.

Texts in other languages are rewritten before (`index.language.searchable`).
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.storage.database.schema import TOKENIZER

_VOWEL_SIGNS = "".join(c for c in map(chr, range(0x900, 0x1800)) if unicodedata.category(c) in ("Mc", "Mn"))
"""Vowel signs of the scripts from Devanagari to Khmer, which FTS5 would treat as spaces within a word."""


class Occurrences(NamedTuple):
    """The occurrences of words in some passages: all of the first word, then the second's, each in passage order.

    `sizes` has for each of the `words` (UTF-8, ascending) its number of occurrences; `passages` and `in_title` have for
    each occurrence the position of the passage, and 1 if it is in the title.
    """

    words: list[bytes]
    sizes: NDArray[np.int64]
    passages: NDArray[np.int64]
    in_title: NDArray[np.int64]


class Tokenizer:
    """Splits, folds and stems words like the full text; for one thread at a time."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.text_factory = bytes
        self._db.execute(
            "CREATE VIRTUAL TABLE passage USING fts5 "
            f"(title, text, content = '', tokenize = '{TOKENIZER} tokenchars {_VOWEL_SIGNS}')"
        )
        self._db.execute("CREATE VIRTUAL TABLE occurrence USING fts5vocab (passage, instance)")

    def words(self, texts: Sequence[str]) -> list[list[bytes]]:
        """Returns the words of each text, in order."""
        self._read([("", text) for text in texts])
        found: list[list[bytes]] = [[] for _ in texts]
        for place, word in self._db.execute("SELECT doc, term FROM occurrence ORDER BY doc, offset"):
            found[place].append(word)
        self._forget()
        return found

    def occurrences(self, passages: Sequence[tuple[str, str]]) -> Occurrences:
        """Returns the occurrences of all words in some passages, each a title and a text."""
        self._read(passages)
        # One row per word: a Python object for each occurrence would take three times as long. FTS5 returns the words
        # in order, so no sorting is needed.
        rows = self._db.execute(
            "SELECT term, group_concat(doc * 2 + (col = 'title')) FROM occurrence GROUP BY term"
        ).fetchall()
        self._forget()
        codes = np.fromstring(b",".join(places for _, places in rows), np.int64, sep=",")
        sizes = np.array([places.count(b",") + 1 for _, places in rows], np.int64)
        return Occurrences([word for word, _ in rows], sizes, codes >> 1, codes & 1)

    def _read(self, passages: Iterable[tuple[str, str]]) -> None:
        self._db.execute("BEGIN")
        rows = ((place, title, text) for place, (title, text) in enumerate(passages))
        self._db.executemany("INSERT INTO passage (rowid, title, text) VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def _forget(self) -> None:
        self._db.execute("INSERT INTO passage (passage) VALUES ('delete-all')")
