"""The scores are those that FTS5 itself gives."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from index.search.bm25 import Bm25
from index.search.postings import Postings
from index.storage.database.schema import TOKENIZER

WORDS = ["clay", "River's", "bridges", "flooding", "vote", "wolf", *(f"word{number}" for number in range(40))]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE chunk_fts USING fts5 (title, text, tokenize = '{TOKENIZER}')")
    chance = random.Random(0)
    for row_id in range(3, 300, 2):
        title, text = (" ".join(chance.choices(WORDS, k=chance.randrange(most))) for most in (3, 30))
        text += " the" if row_id % 9 else ""
        connection.execute("INSERT INTO chunk_fts (rowid, title, text) VALUES (?, ?, ?)", (row_id, title, text))
    connection.execute("INSERT INTO chunk_fts (rowid, title, text) SELECT rowid + 400, title, text FROM chunk_fts")
    yield connection
    connection.close()


def row_ids(db: sqlite3.Connection) -> np.ndarray:
    return np.array([row[0] for row in db.execute("SELECT rowid FROM chunk_fts ORDER BY rowid")])


def whole(db: sqlite3.Connection) -> Bm25:
    passages = db.execute("SELECT title, text, 'en' FROM chunk_fts ORDER BY rowid").fetchall()
    return Bm25(row_ids(db), Postings.from_passages(row_ids(db), lambda _: passages))


@pytest.mark.parametrize(
    "terms", [["wolf", "clay", "river"], ["votes", "vote"], ["bridge"], ["nobody", "flood"], ["the", "wolf"]]
)
@pytest.mark.parametrize("title_weight", [1.0, 2.5])
def test_scores_are_those_of_fts5(db: sqlite3.Connection, terms: list[str], title_weight: float) -> None:
    rows = db.execute(
        "SELECT rowid, -bm25(chunk_fts, ?, 1.0) AS score FROM chunk_fts WHERE chunk_fts MATCH ?",
        (title_weight, " OR ".join(terms)),
    ).fetchall()
    found = whole(db).best(terms, limit=10**6, title_weight=title_weight, allowed=None)
    assert found == pytest.approx(dict(rows), rel=1e-12)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    allowed = row_ids(db)[::3]
    some = whole(db).best(terms, limit=10**6, title_weight=title_weight, allowed=allowed)
    assert list(some.items()) == [row for row in found.items() if row[0] in set(allowed.tolist())]


def test_what_is_as_good_as_the_last_comes_along(db: sqlite3.Connection) -> None:
    # Every text occurs twice.
    everything = whole(db).best(["wolf", "clay"], limit=10**6, title_weight=1.0, allowed=None)
    some = whole(db).best(["wolf", "clay"], limit=7, title_weight=1.0, allowed=None)
    last = list(everything.values())[6]
    assert list(some.items()) == [row for row in everything.items() if row[1] >= last]
    assert len(some) == 8


def test_a_term_that_is_several_words_counts_as_these(db: sqlite3.Connection) -> None:
    found = whole(db).best(["river_wolf"], limit=10**6, title_weight=1.0, allowed=None)
    assert found == whole(db).best(["river", "wolf"], limit=10**6, title_weight=1.0, allowed=None)


def test_nothing_is_found_where_there_is_nothing() -> None:
    nothing = np.empty(0, np.int64)
    empty = Bm25(nothing, Postings.from_passages(nothing, lambda _: []))
    assert empty.best(["wolf"], limit=9, title_weight=1.0, allowed=None) == {}
