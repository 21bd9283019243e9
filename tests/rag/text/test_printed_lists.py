"""The lists that an article prints line by line."""

from __future__ import annotations

import pytest

from rag.text.printed_lists import printed_lists

PARAGRAPH = "It is worth more words than a heading has, because this is what is said about it here."


def items(text: str) -> list[list[str]]:
    """The lists of a text, each as its items' texts."""
    return [[text[a:b] for a, b in found] for found in printed_lists(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bring:\n1. a rope\n2. two boots\n3. bread", ["a rope", "two boots", "bread"]),
        (f"3. Bread\n{PARAGRAPH}\n2. Boots\n{PARAGRAPH}\n1. Rope\n{PARAGRAPH}", ["Bread", "Boots", "Rope"]),
        (
            "Present were\n- Ada Strom\n\n- Ivo Brandt\n• Lene Wolf\nand others.",
            ["Ada Strom", "Ivo Brandt", "Lene Wolf"],
        ),
        ("**1. Rope (10 m).** \n**2. Boots** \n**3. Bread**", ["Rope (10 m).", "Boots", "Bread"]),
        (
            "You bake it so:\n250 g of oats\n1 egg\n1.5 litres of milk (warm)\na pinch of salt\nStir all of it well.",
            ["250 g of oats", "1 egg", "1.5 litres of milk (warm)", "a pinch of salt"],
        ),
    ],
)
def test_the_items_of_a_list_are_found_without_numbers_and_bullets(text: str, expected: list[str]) -> None:
    assert items(text) == [expected]


def test_headings_of_paragraphs_are_a_list() -> None:
    text = "\n\n".join(f"{name} for 30 crowns\n{PARAGRAPH}" for name in ("Rope", "Boots", "Bread", "Lamp"))
    assert items(text) == [[f"{name} for 30 crowns" for name in ("Rope", "Boots", "Bread", "Lamp")]]


def test_of_a_long_item_the_first_sentence_is_taken() -> None:
    long = " ".join(["It is said to be good."] * 6)
    assert items(f"1. The rope. {long}\n2. The boots. {long}\n3. The bread. {long}") == [
        ["The rope.", "The boots.", "The bread."]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It rained.\nIt snowed.\nIt hailed.\nIt thawed.",
        "1. First\n2. Second",
        "2019. A good year.\n2020. A bad one.\n2021. Another.",
        f"What now\n{PARAGRAPH}\nWho pays\n{PARAGRAPH}",
        "4. Fourth\n5. Fifth\n6. Sixth",
        "- one\n- two\nand then\n- three",
    ],
)
def test_running_text_and_two_items_are_no_list(text: str) -> None:
    assert items(text) == []
