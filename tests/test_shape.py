"""The shape that a question asks for."""

from __future__ import annotations

import pytest

from rag.shape import Shape, shape


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many people died in the flood?", Shape.FACT),
        ("Who is the mayor of Vessen?", Shape.FACT),
        ("What is the name of the new bridge?", Shape.FACT),
        ("When did the bridge open?", Shape.FACT),
        ("Which company won the contract?", Shape.FACT),
        ("What was the loss of the airline?", Shape.FACT),
        ("How many names are on the list of the missing?", Shape.FACT),
        ("", Shape.FACT),
        ("List the towns that were flooded.", Shape.LIST),
        ("Name the three judges", Shape.LIST),
        ("Which towns were flooded?", Shape.LIST),
        ("What are the main demands of the strikers?", Shape.LIST),
        ("who were the other candidates", Shape.LIST),
        ("What did each bridge cost?", Shape.LIST),
        ("How many people come each year?", Shape.FACT),
        ("What happened at Hollin Weir?", Shape.ACCOUNT),
        ("WHAT HAPPENED AT HOLLIN WEIR?", Shape.ACCOUNT),
        ("Why was the airline grounded?", Shape.ACCOUNT),
        ("Tell me about the vaccine trial", Shape.ACCOUNT),
        ("What do we know about the fire?", Shape.ACCOUNT),
        ("How did the toll change?", Shape.ACCOUNT),
    ],
)
def test_shape(question: str, expected: Shape) -> None:
    assert shape(question) is expected
