"""What a follow-up question is searched as."""

from __future__ import annotations

import pytest

from rag.followup import standalone

COST = "What did the Harbour Bridge cost?"


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([], "Who won?", "Who won?"),
        ([], "  Who \n won? ", "Who won?"),
        ([], "And why?", "And why?"),
        (["Where is Idlib?"], "Who won the Vessen race?", "Who won the Vessen race?"),
        (
            ["How many Turkish soldiers were killed in Idlib?"],
            "And how many were wounded?",
            "How many were wounded (Turkish soldiers were killed in Idlib)?",
        ),
        (["Who became mayor of Arle?"], "What about Vessen?", "Who became mayor of Vessen?"),
        (["Who became mayor of Arle?"], "and how about Port Calder", "Who became mayor of Port Calder?"),
        (["what does the bridge cost?"], "How about the mine?", "The mine (the bridge cost)?"),
        (["Who closed the Skerry airport?"], "Why?", "Why (closed the Skerry airport)?"),
        ([COST], "When did it open?", "When did it open (the Harbour Bridge cost)?"),
        ([COST], "Is that one the Harbour Bridge?", "Is that one the Harbour Bridge (the Harbour Bridge cost)?"),
        (["Who opened the Harbour Bridge?"], "But who opened this Harbour Bridge?", "who opened this Harbour Bridge?"),
        ([COST, "When did it open?"], "And who paid?", "Who paid (it open (the Harbour Bridge cost))?"),
        ([COST, "Who was elected in Vessen?"], "And by how many votes?", "By how many votes (elected in Vessen)?"),
    ],
)
def test_standalone(history: list[str], question: str, expected: str) -> None:
    assert standalone(question, history) == expected


def test_only_the_earlier_questions_that_it_leans_on_matter() -> None:
    assert standalone("And why?", ["Is Hollin flooded?", COST]) == standalone("And why?", [COST])


@pytest.mark.parametrize(
    "question", ["WHO WON THE RACE IN VESSEN AND BY HOW MANY VOTES?", "AND WHY?", "WHEN DID IT OPEN?"]
)
def test_capitals_are_read_as_small_letters(question: str) -> None:
    for history in ([COST], [COST.upper()]):
        assert standalone(question, history).casefold() == standalone(question.lower(), history).casefold()
