"""Lines with broken words in, whole words out."""

from __future__ import annotations

import pytest

from index.cleaning.broken_words import BrokenWords
from index.cleaning.clean import clean

SCAN = """FIRE AT TARN

The old mill at Wex-
moor burned down shortly be-
fore dawn, and the brew-
er Tobias Kell, who
had slept in it, was res-
cued by two neigh-
bours. A well-known bell
is lost. He is a well-
known man in the An-
glo-Tarnish club, and twen-
ty-two years old. The loss
Kell put at 9,000 pounds was in-
sured.
"""


def test_words_cut_at_the_ends_of_lines_are_whole_again() -> None:
    assert clean(SCAN, title="Fire").text.split("\n\n")[1] == (
        "The old mill at Wexmoor burned down shortly before dawn, and the brewer Tobias Kell, who had slept in it, was "
        "rescued by two neighbours. A well-known bell is lost. He is a well-known man in the Anglo-Tarnish club, and "
        "twenty-two years old. The loss Kell put at 9,000 pounds was insured."
    )


@pytest.mark.parametrize("mark", ["\u00ad", "\u00ac"])
def test_marks_of_programs_for_broken_words(mark: str) -> None:
    assert clean(f"The inhab{mark}\nitants of Tarn were warn{mark}\ned in time.", title="T").text == (
        "The inhabitants of Tarn were warned in time."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["a short-", "and long-term plan"], "a short- and long-term plan"),
        (["the Anglo-", "Saxon coins"], "the Anglo-Saxon coins"),
        (["WASH-", "INGTON IS COLD, TO-", "TALLY"], "WASHINGTON IS COLD, TOTALLY"),
        (["a 20-", "year plan"], "a 20-year plan"),
        (["per-", "sons and per-", "sons"], "persons and persons"),
    ],
)
def test_hyphens_that_are_no_breaks_stay(lines: list[str], text: str) -> None:
    assert BrokenWords(lines).join(lines) == text
