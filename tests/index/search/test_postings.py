"""Postings count what stands in the passages, however they came to be."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from index.search import postings
from index.search.postings import Postings
from index.storage.database.tokenizer import Tokenizer

PASSAGES = {
    2: ("Clay and clay", "Clay was found. Żółw!"),
    5: ("", "The rivers rose; a river fell."),
    6: ("Nothing", ""),
    9: ("", "…"),
    12: ("River", "The river's clay"),
}


def fetch(passages: dict[int, tuple[str, str]]) -> postings.FetchPassages:
    def fetched(ids: np.ndarray | None) -> Iterable[tuple[str, str, str]]:
        return [(*passages[i], "en") for i in sorted(passages) if ids is None or i in ids]

    return fetched


def made(passages: dict[int, tuple[str, str]]) -> Postings:
    return Postings.from_passages(np.array(sorted(passages), np.int64), fetch(passages))


def of(found: Postings, word: str) -> list[tuple[int, ...]]:
    """Place, in title, in text of each passage."""
    return list(zip(*(column.tolist() for column in found.of(word.encode())), strict=True))


def test_counts_are_those_of_the_passages() -> None:
    found = made(PASSAGES)
    assert of(found, "clai") == [(0, 2, 1), (4, 0, 1)]
    assert of(found, "river") == [(1, 0, 2), (4, 1, 1)]
    assert of(found, "zołw") == [(0, 0, 1)]  # as FTS5 folds it: ł is a letter of its own
    assert of(found, "noth") == [(2, 1, 0)]
    assert of(found, "nothing") == of(found, "") == of(found, "zz") == of(found, "a")[1:] == []
    assert found.lengths.tolist() == [7, 6, 1, 0, 5]


def test_words_are_stemmed_in_the_language_of_the_passage() -> None:
    rows = [("Bäder", "Die Bäder schließen.", "de"), ("", "Бассейны закрыты, बंद होगा", "ru"), ("", "关闭游泳馆", "zh")]
    found = Postings.from_passages(np.array([1, 2, 3]), lambda _: rows)
    assert of(found, "bad") == [(0, 1, 1)]
    assert of(found, "бассеин") == [(1, 0, 1)]
    assert of(found, "बंद") == [(1, 0, 1)]
    assert of(found, "游泳") == of(found, "泳馆") == [(2, 0, 1)]
    assert found.lengths.tolist() == [4, 4, 4]


def test_words_are_taken_apart_as_in_the_full_text() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.words(["The Rivers’ FLOODING", "", "don't: Żółw_x", '"AND* NEAR(']) == [
        [b"the", b"river", b"flood"],
        [],
        [b"don", b"t", "zołw".encode(), b"x"],
        [b"and", b"near"],
    ]
    assert tokenizer.words(["²_"]) == tokenizer.words(["²"])
    assert tokenizer.words([]) == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 8192])
def test_reading_by_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    whole = made(PASSAGES)
    monkeypatch.setattr(postings, "READ_AT_ONCE", at_once)
    assert made(PASSAGES).same_as(whole)


@pytest.mark.parametrize("seed", range(20))
def test_an_update_gives_what_reading_everything_gives(seed: int) -> None:
    chance = random.Random(seed)
    words = "clay river bridge vote a żółw wolf mine flood".split()

    def passage() -> tuple[str, str]:
        title, text = (" ".join(chance.choices(words[: chance.randint(1, 9)], k=chance.randrange(9))) for _ in "ab")
        return title, text

    before = {i: passage() for i in range(chance.randrange(30))}
    stay = {i: before[i] for i in before if chance.random() < 0.7}
    after = stay | {100 + i: passage() for i in range(chance.randrange(9))}
    asked: list[int] = []

    def fetched(ids: np.ndarray | None) -> Iterable[tuple[str, str]]:
        assert ids is not None
        asked.extend(ids.tolist())
        return fetch(after)(ids)

    updated = made(before).updated(np.array(sorted(after), np.int64), fetched)
    assert updated.same_as(made(after))
    assert asked == sorted(set(after) - set(stay))


def test_new_passages_must_come_last() -> None:
    with pytest.raises(ValueError, match="lower id"):
        made(PASSAGES).updated(np.array([1, 2], np.int64), fetch({1: ("", "x"), 2: PASSAGES[2]}))


def test_a_saved_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "words-0.safetensors"
    made(PASSAGES).save(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    (tmp_path / "other").touch()
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode
    found = Postings.load(path, np.array(sorted(PASSAGES), np.int64))
    assert found.same_as(made(PASSAGES))
    assert of(found, "river") == [(1, 0, 2), (4, 1, 1)]
    assert not found.same_as(made(PASSAGES | {12: ("River", "The river's mud")}))
    assert not found.same_as(made(PASSAGES | {12: ("", "River the river's clay")}))


@pytest.mark.parametrize(
    ("table", "value", "message"),
    [
        ("places", [5], "passages that do not exist"),
        ("places", [0], "do not fit together"),
        ("edges", [0, 9, 1, 2], "do not fit together"),
        ("word_edges", [-1, 3], "do not fit together"),
        ("letters", [65], "do not fit together"),
        ("lengths", [1], "words of 1 passages, but there are 5"),
    ],
)
def test_a_file_whose_tables_do_not_fit_is_refused(tmp_path: Path, table: str, value: list[int], message: str) -> None:
    path = tmp_path / "words-0.safetensors"
    made(PASSAGES).save(path)
    tables = load(path.read_bytes())
    kind, repeated = tables[table].dtype, len(tables[table]) if value == [5] else 1
    path.write_bytes(save(tables | {table: np.array(value * repeated, kind)}))
    with pytest.raises(ValueError, match=message):
        Postings.load(path, np.array(sorted(PASSAGES), np.int64))


@pytest.mark.parametrize("left", [0, 7, 100, -1])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "words-0.safetensors"
    made(PASSAGES).save(path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match=r"words-0\.safetensors cannot be read"):
        Postings.load(path, np.array(sorted(PASSAGES), np.int64))
