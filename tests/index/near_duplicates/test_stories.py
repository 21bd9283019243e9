"""Stories in a real database: found, kept true through updates, and independent of the order of things."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from index import Article
from index.near_duplicates.minhash import BANDS, buckets, fingerprint
from index.storage.revisions import Revision, article_row
from index.storage.store import Store

# No digits, which would count as figures.
WORDS = ["".join(letters) for letters in product("bdfgklmprst", "aeiou", "bdfgklmprst", "aeiou")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "index", embedder="hash@1", dimension=4)
    yield store
    store.close()


def text(seed: int, words: int = 60) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def edited(original: str, share: float, seed: int) -> str:
    """Another beginning for `share` of the text."""
    words = original.split()
    count = int(share * len(words))
    return " ".join([text(seed, count), *words[count:]])


def article(name: str, body: str) -> Article:
    return Article(f"/{name}", name, body)


def put(store: Store, *articles: Article, gone: tuple[str, ...] = ()) -> None:
    with store.transaction():
        for one in articles:
            store.put_revision(Revision(article_row(one, one.uri), []))
        for name in gone:
            store.remove_article(article(name, "").id)
        store.duplicates.link()


def stories(store: Store) -> set[frozenset[str]]:
    """Stories as sets of uris, and each named by the smallest of its ids."""
    by_id = {one.id: one.uri for one in store.articles.all()}
    found: dict[str, set[str]] = {}
    for article_id, story in store.duplicates.stories(by_id).items():
        found.setdefault(story, set()).add(article_id)
    assert all(story == min(members) for story, members in found.items())
    return {frozenset(by_id[member] for member in members) for members in found.values()}


def test_copies_and_edits_are_one_story_and_the_rest_stand_alone(store: Store) -> None:
    base = text(1)
    put(store, article("a", base), article("b", base), article("c", edited(base, 0.3, 7)), article("d", text(2)))
    assert stories(store) == {frozenset({"/a", "/b", "/c"})}


def test_an_article_between_two_that_differ_joins_them_and_its_going_parts_them(store: Store) -> None:
    words = text(1, 100).split()
    left, middle, right = (" ".join(words[i : i + 60]) for i in (0, 20, 40))
    put(store, article("left", left), article("right", right))
    assert stories(store) == set()
    put(store, article("middle", middle))
    assert stories(store) == {frozenset({"/left", "/middle", "/right"})}
    put(store, gone=("middle",))
    assert stories(store) == set()


def test_an_article_that_changes_leaves_its_story_and_finds_another(store: Store) -> None:
    put(store, *(article(name, text(1)) for name in "ab"), *(article(name, text(2)) for name in "cd"))
    put(store, article("b", text(2)))
    assert stories(store) == {frozenset({"/b", "/c", "/d"})}


def test_short_texts_are_nobodys_duplicates(store: Store) -> None:
    put(store, article("a", text(1, 29)), article("b", text(1, 29)), article("c", ""), article("d", ""))
    assert stories(store) == set()


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_updates_ends_where_a_build_from_scratch_does(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pool = [edited(text(n % 5), chance.choice([0.0, 0.15, 0.3, 0.4, 0.5]), 100 + n) for n in range(40)]
    grown = Store.create(tmp_path / "grown", embedder="hash@1", dimension=4)
    present: dict[str, Article] = {}
    for _ in range(12):
        for _ in range(chance.randint(1, 5)):
            name = f"n{chance.randrange(25)}"
            present[name] = article(name, chance.choice(pool))
        gone = chance.sample(sorted(present), min(len(present), chance.randint(0, 3)))
        put(grown, *present.values(), gone=tuple(gone))
        for name in gone:
            del present[name]
    scratch = Store.create(tmp_path / "scratch", embedder="hash@1", dimension=4)
    everything = list(present.values())
    chance.shuffle(everything)
    put(scratch, *everything)
    assert stories(grown) == stories(scratch) != set()
    grown.close()
    scratch.close()


def test_articles_of_an_index_made_before_there_were_stories_get_them_at_its_next_update(store: Store) -> None:
    with store.transaction():
        for name in "ab":
            store.put_revision(Revision(article_row(article(name, text(1)), name), []))
    ids = [article(name, "").id for name in "ab"]
    assert store.duplicates.stories(ids) == {}
    put(store, article("c", text(3)))
    assert store.duplicates.stories(ids) == dict.fromkeys(ids, min(ids))


def test_a_fingerprint_depends_on_the_words_alone() -> None:
    base = text(1)
    first = fingerprint(base)
    assert first is not None and first.shape == (BANDS,) and first.dtype == np.uint32
    assert np.array_equal(first, fingerprint(base.upper().replace(" ", ", ")))
    assert not np.array_equal(first, fingerprint(text(2)))
    assert fingerprint(text(1, 29)) is None


def test_a_long_text_is_taken_in_pieces_to_the_same_end() -> None:
    long = fingerprint(text(1, 20_000))
    longer = fingerprint(text(1, 20_000) + " " + text(2, 40))
    assert long is not None and longer is not None
    assert (long == longer).mean() > 0.9


def test_buckets_hold_what_shares_a_band_with_something_changed() -> None:
    bands = np.arange(4 * BANDS, dtype=np.uint32).reshape(4, BANDS)
    bands[2, 5] = bands[0, 5]
    bands[3, 9] = bands[1, 9]
    assert list(buckets(bands, [0])) == [[0, 2]]
    assert list(buckets(bands, [2, 3])) == [[0, 2], [1, 3]]
    assert list(buckets(bands, [])) == []


def test_hundreds_of_copies_are_one_story(store: Store) -> None:
    put(store, *(replace(article(f"n{n}", text(1)), title=str(n)) for n in range(300)))
    assert [len(story) for story in stories(store)] == [300]
