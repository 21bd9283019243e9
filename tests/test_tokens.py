"""Words, names, numbers, dates, little words and marks of a text, in a form that can be compared."""

from __future__ import annotations

import pytest

from rag.tokens import Sort, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thirty-three miners", "33 miners"),
        ("one hundred and five miners", "105 miners"),
        ("1.5 million crowns", "1,500,000 crowns"),
        ("33 per cent", "33%"),
        ("the United States", "the U.S."),
        ("he didn't come", "he did not come"),
        ("he did n't come", "he did not come"),
        ("they can't come", "they cannot come"),
        ("Gospić", "Gospic"),
        ("on 27 February 2020", "on Feb. 27, 2020"),
        ("the mine’s owner", "the mine's owner"),
    ],
)
def test_forms_that_mean_the_same(one: str, other: str) -> None:
    left, right = tokens(one), tokens(other)
    assert len(left) == len(right) > 0
    assert all(mine.same(theirs) for mine, theirs in zip(left, right, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [("33", "34"), ("27 February", "28 February"), ("1974 ships", "1974"), ("hard", "hardly"), ("us", "US")],
)
def test_forms_that_do_not(one: str, other: str) -> None:
    assert not tokens(one)[0].same(tokens(other)[0])


def test_a_year_is_a_date_unless_it_counts() -> None:
    def sort(text: str) -> Sort:
        return next(token.sort for token in tokens(text) if text[token.start : token.end] == "1942")

    assert sort("In 1942 ships sank.") is Sort.DATE
    assert sort("It sank in 1942.") is Sort.DATE
    assert sort("1942 ships sank.") is Sort.NUMBER


def test_places_verbs_and_owners() -> None:
    text = "Berg's mine was not closed by Dr. Aldi, he said."
    found = tokens(text)
    assert [text[token.start : token.end] for token in found] == [
        "Berg's", "mine", "was", "not", "closed", "by", "Dr.", "Aldi", ",", "he", "said", "."
    ]  # fmt: skip
    assert [token.stem for token in found if token.owner] == ["berg"]
    assert [token.stem for token in found if token.verb] == ["was", "close", "say"]
    assert [token.stem for token in found if token.passive] == ["close"]
    assert [token.stem for token in found if token.sort is Sort.NAME] == ["berg", "dr", "aldi"]
    assert tokens("") == ()
