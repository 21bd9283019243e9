"""Lists that an article prints, as answers to a question for a list."""

from __future__ import annotations

from dataclasses import replace

from making import make_candidates, make_hit

from index import Hit
from rag.question.kinds import FORMS, Kind
from rag.retrieval.evidence import Candidate
from rag.retrieval.listed import listed

FORM = FORMS[Kind.LIST]
TOOLS = "Bring these along to the fell.\n- a rope of ten metres\n- two good boots\n- bread\n- a lamp"


def passage(text: str, start: int, end: int) -> Hit:
    """A hit of the article with this text, of whose lines only those from `start` to `end` are in the passage."""
    hit = make_hit(text)
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    some = tuple(lines[start:end])
    return replace(hit, chunk=replace(hit.chunk, sentences=some), sentence_cosines=(0.5,) * len(some))


def texts(found: list[Candidate]) -> list[str]:
    return [one.text for one in found]


def test_all_items_of_the_list_are_found_in_its_order_also_outside_of_the_passage() -> None:
    candidates = make_candidates(passage(TOOLS, 1, 3))
    assert texts(listed(candidates[::-1], FORM)) == ["a rope of ten metres", "two good boots", "bread", "a lamp"]


def test_one_likely_item_is_no_reason_to_show_a_list() -> None:
    first, second = make_candidates(passage(TOOLS, 1, 3))
    assert listed([first, replace(second, probability=0.1)], FORM) == []
    assert listed([], FORM) == []


def test_an_item_that_is_known_to_be_unlikely_is_left_out() -> None:
    first, second, third = make_candidates(passage(TOOLS, 1, 4))
    assert texts(listed([first, second, replace(third, probability=0.01)], FORM)) == [
        "a rope of ten metres",
        "two good boots",
        "a lamp",
    ]


def test_of_two_lists_that_with_the_likelier_items_is_shown() -> None:
    text = "1. Rope\n2. Boots\n3. Bread\nThese are the shops of the town.\n- Berg\n- Strom\n- Wolf"
    candidates = make_candidates(passage(text, 0, 7))
    shops = [replace(c, probability=0.95 if n > 3 else 0.4) for n, c in enumerate(candidates)]
    assert texts(listed(sorted(shops, key=lambda c: -c.probability), FORM)) == ["Berg", "Strom", "Wolf"]
