"""Remembered shares give the scores that FTS5 gives, bit for bit, and only so many are remembered."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from index import bm25
from index.bm25 import Bm25, Shares

WORDS = ["clay", "river", "bridge", "flood", "vote", "mine", "wolf"]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE chunk_fts USING fts5 (title, text)")
    chance = random.Random(0)
    for row_id in range(3, 300, 2):
        title, text = (" ".join(chance.choices(WORDS, k=chance.randrange(most))) for most in (3, 30))
        connection.execute("INSERT INTO chunk_fts (rowid, title, text) VALUES (?, ?, ?)", (row_id, title, text))
    connection.execute("INSERT INTO chunk_fts (rowid, title, text) SELECT rowid + 400, title, text FROM chunk_fts")
    yield connection
    connection.close()


def row_ids(db: sqlite3.Connection) -> np.ndarray:
    return np.array([row[0] for row in db.execute("SELECT rowid FROM chunk_fts ORDER BY rowid")])


class Fetch:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.asked: list[str] = []

    def __call__(self, term: str, title_weight: float) -> Shares:
        self.asked.append(term)
        sql = "SELECT rowid, -bm25(chunk_fts, ?, 1.0) FROM chunk_fts WHERE chunk_fts MATCH ? ORDER BY rowid"
        rows = self._db.execute(sql, (title_weight, term)).fetchall()
        return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float64)


@pytest.mark.parametrize("terms", [["wolf", "clay", "river"], ["vote", "vote"], ["mine"], ["nobody", "flood"]])
@pytest.mark.parametrize("title_weight", [1.0, 2.5])
def test_scores_are_those_of_fts5(db: sqlite3.Connection, terms: list[str], title_weight: float) -> None:
    rows = db.execute(
        "SELECT rowid, -bm25(chunk_fts, ?, 1.0) AS score FROM chunk_fts WHERE chunk_fts MATCH ? "
        "ORDER BY score DESC, rowid",
        (title_weight, " OR ".join(terms)),
    ).fetchall()
    whole = Bm25(row_ids(db))
    for _ in range(2):  # met the first time, and remembered
        found = whole.best(terms, Fetch(db), limit=10**6, title_weight=title_weight, allowed=None)
        assert list(found.items()) == rows
    allowed = row_ids(db)[::3]
    found = whole.best(terms, Fetch(db), limit=10**6, title_weight=title_weight, allowed=allowed)
    assert list(found.items()) == [row for row in rows if row[0] in set(allowed.tolist())]


def test_what_is_as_good_as_the_last_comes_along(db: sqlite3.Connection) -> None:
    # Every text occurs twice.
    everything = Bm25(row_ids(db)).best(["wolf", "clay"], Fetch(db), limit=10**6, title_weight=1.0, allowed=None)
    some = Bm25(row_ids(db)).best(["wolf", "clay"], Fetch(db), limit=7, title_weight=1.0, allowed=None)
    assert list(some.items()) == list(everything.items())[:8]


def test_words_are_asked_for_once_while_they_are_remembered(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, whole = Fetch(db), Bm25(row_ids(db))
    sizes = {word: len(fetch(word, 1.0)[0]) for word in WORDS}
    monkeypatch.setattr(bm25, "SHARES_KEPT", sizes["clay"] + sizes["river"] + sizes["mine"])
    fetch.asked.clear()
    for terms in (["clay"], ["river"], ["mine"], ["clay", "mine"], ["wolf"], ["clay"], ["wolf"], ["river"]):
        whole.best(terms, fetch, limit=9, title_weight=1.0, allowed=None)
    assert fetch.asked[:4] == ["clay", "river", "mine", "wolf"]  # for which the river had to go
    assert fetch.asked[-1] == "river"
    assert whole.best(["clay"], fetch, limit=9, title_weight=2.0, allowed=None)
    assert fetch.asked[-1] == "clay"


def test_words_of_passages_that_are_not_there_do_not_count(db: sqlite3.Connection) -> None:
    # As where the full text is damaged.
    known = row_ids(db)[5:50:4]
    found = Bm25(known).best(["wolf"], Fetch(db), limit=10**6, title_weight=1.0, allowed=None)
    whole = Bm25(row_ids(db)).best(["wolf"], Fetch(db), limit=10**6, title_weight=1.0, allowed=None)
    assert found == {row_id: score for row_id, score in whole.items() if row_id in set(known.tolist())} != {}
