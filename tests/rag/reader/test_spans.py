"""The span that serves best when several may be the answer."""

from __future__ import annotations

import numpy as np
import pytest

from rag.reader.spans import best_span, trimmed


def scores(size: int, likely: dict[tuple[int, int], float]) -> np.ndarray:
    """Logits with these probabilities for these spans, almost nothing for the other possible ones."""
    logits = np.where(np.triu(np.ones((size, size), bool)), -30.0, -np.inf)
    for span, probability in likely.items():
        logits[span] = np.log(probability)
    return logits


@pytest.mark.parametrize(
    ("likely", "best"),
    [
        ({(2, 3): 1.0}, (2, 3)),
        ({(2, 2): 0.9, (2, 6): 0.1}, (2, 2)),  # sure enough: short
        ({(2, 2): 0.4, (2, 4): 0.35, (1, 4): 0.25}, (1, 4)),  # none is likely by itself: what holds them all
        ({(1, 2): 0.5, (6, 7): 0.5}, (1, 7)),
        ({(0, 0): 0.95, (9, 9): 0.05}, (0, 0)),  # what is far off and unlikely is not drawn in
    ],
)
def test_a_span_grows_with_doubt(likely: dict[tuple[int, int], float], best: tuple[int, int]) -> None:
    assert best_span(scores(10, likely)) == best


def test_sizes_do_not_matter() -> None:
    """Logits are known up to a constant only; a sentence of one token has one span."""
    likely = scores(10, {(2, 2): 0.4, (2, 4): 0.35, (1, 4): 0.25})
    assert best_span(likely + 50.0) == best_span(likely - 50.0) == (1, 4)
    assert best_span(np.zeros((1, 1))) == (0, 0)


def test_impossible_spans_are_never_chosen() -> None:
    pick = np.random.default_rng(3)
    for size in range(2, 12):
        logits = np.where(np.triu(np.ones((size, size), bool)), pick.normal(size=(size, size)), -np.inf)
        first, last = best_span(logits)
        assert 0 <= first <= last < size


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("cirrus or stratus.", "cirrus or stratus"),
        (", in 1858,", "in 1858"),
        ("the U.S.", "the U.S."),
        ("Nantes, France", "Nantes, France"),
        (".", "."),
        ("No. 7", "No. 7"),
    ],
)
def test_marks_around_it_are_left_out(text: str, kept: str) -> None:
    start, end = trimmed(f"<{text}>", 1, 1 + len(text))
    assert f"<{text}>"[start:end] == kept
