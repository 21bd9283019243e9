"""Who gave a figure, in the sentence's words."""

from __future__ import annotations

import pytest

from rag.retrieval.counters import counter


@pytest.mark.parametrize(
    ("sentence", "figure", "who"),
    [
        ("Some 38,000 marched, the police said.", "38,000", "the police"),
        ("Police put the crowd at 38,000, while the organisers spoke of 60,000.", "38,000", "Police"),
        ("Police put the crowd at 38,000, while the organisers spoke of 60,000.", "60,000", "the organisers"),
        ("Some 38,000 came, police said, but unions claimed 60,000.", "38,000", "police"),
        ("On Sunday police said 38,000 people came.", "38,000", "police"),
        ("According to the organisers of the march, 60,000 people came.", "60,000", "the organisers of the march"),
        ("The crowd was put at 38,000 by police in Calder.", "38,000", "police in Calder"),
        ("The WHO estimates that 200 people died.", "200", "The WHO"),
        ("He said 20 people came.", "20", ""),
        ("At least 14 people were reported dead.", "14", ""),
        ("About 20 people said they saw 3 boats.", "3", ""),
        ("Some 14 people died.", "14", ""),
    ],
)
def test_who_counted(sentence: str, figure: str, who: str) -> None:
    start = sentence.index(figure)
    assert counter(sentence, (start, start + len(figure))) == who
