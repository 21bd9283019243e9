"""SQuAD's normalisation and F1, and answers found as whole words."""

from __future__ import annotations

import pytest

from rag.evaluation.measures.squad_metrics import area_under_curve, contains, f1, first_words, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Bridge, (a) NEW one!", "bridge new one"),
        ("U.S. “dollars” — 1,200", "us dollars 1200"),
        ("Anna's another theatre", "annas another theatre"),
        ("the a an", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("It cost 587 million crowns.", ["587 million"], True),
        ("It cost 1587 million.", ["587 million"], False),
        ("He saw the cathedral.", ["cat"], False),
        ("the CAT.", ["A cat"], True),
        ("It was 12.", ["13", "12"], True),
        ("Nothing", [], False),
        ("Nothing", ["", "the", "?"], False),
        ("", ["x"], False),
        ("587 of a million", ["587 million"], False),
    ],
)
def test_contains_whole_words(text: str, answers: list[str], expected: bool) -> None:
    assert contains(text, answers) is expected


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("587 million", ["587 million"], 1.0),
        ("It cost 587 million crowns", ["587 million"], 2 * 2 / (5 + 2)),
        ("Anna won", ["Berg won", "Anna"], 2 / 3),
        ("won won won", ["won"], 2 * 1 / (3 + 1)),
        ("Anna", ["Berg"], 0.0),
        ("Anna", [], 0.0),
        ("", ["Anna"], 0.0),
        ("the", ["the"], 0.0),
    ],
)
def test_f1(text: str, answers: list[str], expected: float) -> None:
    assert f1(text, answers) == pytest.approx(expected)


def test_first_words_run_on_over_the_texts() -> None:
    texts = ["one two\nthree", "four five"]
    assert first_words(texts, 4) == "one two three four"
    assert first_words(texts, 0) == ""
    assert first_words(texts, 99) == "one two three four five"


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([0.9, 0.8], [0.1], 1.0), ([0.1], [0.9, 0.8], 0.0), ([0.5], [0.5], 0.5), ([0.9, 0.2], [0.4, 0.2], 0.625)],
)
def test_area_under_the_curve_by_hand(positive: list[float], negative: list[float], expected: float) -> None:
    assert area_under_curve(positive, negative) == expected
