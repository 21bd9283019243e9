"""Strings found in an answer: the same on both sides, on whole words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.measures.matching import holds, normalise

SAME = [
    ("71.6million", "71.6 million"),
    ("£71.6m", "71.6 M"),
    ("1,200", "1200"),
    ("12,345,678", "12345678"),
    ("12,00,000", "1200000"),  # as in India
    ("1\u202f200", "1,200"),
    ("$0.10", "0.10"),
    ("0.3%", "0.3 per cent"),
    ("0.3 %", "0.3 percent"),
    ("7.2 pct", "7.2%"),
    ("pre-sale", "Pre sale"),
    ("thirty‑one", "thirty-one"),
    ("don’t", "don't"),
    ("DON`T", "dont"),
    ("O’Connor", "O'Connor"),
    ("St Anne’s", "St. Anne's"),
    ("U.S.", "US"),
    ("E.F. Hutton", "EF Hutton"),
    ("7 p.m.", "7pm"),
    ("60fps", "60 fps"),
    ("Cafe\u0301", "Café"),
    ("co\u00adoperate", "cooperate"),
    ("“Yes,” she said.", "yes she said"),
    ("_word_", "word"),
]
DIFFERENT = [
    ("0.10", "0.1"),
    ("71.6", "716"),
    ("3rd", "3 rd"),
    ("1990s", "1990 s"),
    ("2018, 300", "2018300"),
    ("1,20", "120"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_forms_of_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_forms_of_different_things(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("text", "wording", "expected"),
    [
        ("It cost £71.6million in 2018.", "71.6 million", True),
        ("It cost £71.6 million in 2018.", "71.6million", True),
        ("It cost 71.6 million.", "71", False),
        ("It cost 71.6 million.", "1.6 million", False),
        ("Some 1,200 people came.", "1200", True),
        ("Some 1200 people came.", "1,200", True),
        ("Some 1,200 people came.", "200", False),
        ("At $0.10 per share.", "0.10", True),
        ("At 0.10 dollars per share.", "$0.10", True),
        ("At $10.10 per share.", "0.10", False),
        ("Prices rose 0.3 per cent.", "0.3%", True),
        ("Prices rose 0.3%.", "0.3", True),
        ("Only 3 people came.", "3%", False),
        ("The pre-sale begins.", "pre sale", True),
        ("They don’t need it.", "don't need", True),
        ("They don't need it.", "t", False),
        ("Norway’s king spoke.", "Norway", True),
        ("A 55-year-old man.", "55", True),
        ("He saw the cathedral.", "cat", False),
        ("On the 28th.", "28", False),
        ("It rose to 31.", "31", True),
        ("", "31", False),
        ("Anything", "…", False),
    ],
)
def test_whole_words(text: str, wording: str, expected: bool) -> None:
    assert holds(text, [wording]) is expected
    assert holds(text, ["never said", wording]) is expected


def test_nothing_holds_no_string() -> None:
    assert not holds("Anything", [])


@given(st.text())
def test_any_text_holds_itself_if_it_has_words(text: str) -> None:
    assert holds(text, [text]) is bool(normalise(text))
