"""How many clippings a draft shows."""

from __future__ import annotations

import pytest
from making import make_hit

from rag.draft import Draft
from rag.evidence import Candidate, choose_evidence

COST = "The Calder bridge cost 587 million crowns."
OPENED = "The bridge was opened on Monday at a cost that nobody knew before."


def draft(question: str, likely: float) -> Draft:
    """The draft of an answer: two articles, the second nearly as likely as the first to hold it."""
    hits = [make_hit(text, title=text[:10], uri=f"/{n}.txt") for n, text in enumerate((COST, OPENED))]
    ranked = [Candidate(hit, hit.chunk.sentences[0], likely - n / 10) for n, hit in enumerate(hits)]
    return Draft(question, ranked, choose_evidence(ranked, sentences=4))


@pytest.mark.parametrize(
    ("question", "written", "likely", "more"),
    [
        ("What did the bridge cost?", "587 million crowns", 0.71, []),
        ("What did the bridge cost?", "587 million crowns", 0.69, [OPENED]),
        ("What did the bridge cost?", "", 0.71, [OPENED]),  # the clipping itself
        ("What happened at the bridge?", "587 million crowns", 0.71, [OPENED]),
    ],
)
def test_a_sure_fact_in_the_models_words_stands_alone(
    question: str, written: str, likely: float, more: list[str]
) -> None:
    answer = draft(question, likely)
    if written:
        said = answer.judge(f"{written} [1]", answer.passages)
        assert said is not None
        assert said.sentence.text == written
    else:
        answer.quote_best()
    assert [said.sentence.text for said in answer.more_clippings(0.1)] == more
