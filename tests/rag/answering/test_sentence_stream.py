"""A model's pieces become sentences; what it thinks before it answers is no part of them."""

from __future__ import annotations

import pytest

from rag.answering.draft import Draft
from rag.answering.sentence_stream import as_sentences, without_thoughts
from rag.grounding.citations import strip_markers
from rag.question.question import Question


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        (["<think>", "Let me see.", "</think>", "It rained. [1]"], "It rained. [1]"),
        (["<thi", "nk>so ", "</thi", "nk>\n\nIt ", "rained."], "\n\nIt rained."),
        (["It rained. <think>Or not?</think> Yes."], "It rained.  Yes."),
        (["<think>It never ends"], ""),
        (["It is 3 < 4", ", they say."], "It is 3 < 4, they say."),
        (["No thoughts."], "No thoughts."),
        ([], ""),
    ],
)
def test_thoughts_are_left_out(pieces: list[str], left: str) -> None:
    assert "".join(without_thoughts(iter(pieces))) == left


def test_sentences_come_as_soon_as_they_are_whole() -> None:
    draft = Draft(Question("What?"), (), (), 0.5)
    pieces = iter(["It ", "rained. ", "[1] It", " stopped. ", "[2]"])
    sentences = as_sentences(pieces, draft)
    assert strip_markers(next(sentences)) == ("It rained.", [1])
    assert "[2]" not in draft.raw
    assert [strip_markers(s) for s in sentences] == [("It stopped.", [2])]
    assert (draft.raw, draft.tokens_written) == ("It rained. [1] It stopped. [2]", 5)
