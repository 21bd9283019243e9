"""Which words of a sentence to point at, when the reader is not sure of the answer's first and last word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIKELIEST = 24
"""So many spans are weighed; the others are too unlikely to count."""

WHOLE = 0.35
"""What it is worth to hold the whole answer, against token F1 with it; between 0.2 and 0.35 the sum of both shares was
highest on articles that the reader had not seen (docs/measured.md)."""


def best_span(scores: NDArray[np.float32], likeliest: int = LIKELIEST) -> tuple[int, int]:
    """First and last token of the span that is expected to serve best; `scores[i, j]` is the logit of span i to j.

    Impossible spans have the score -inf. The likeliest span alone is often half an answer: where several spans that
    overlap are likely, one that holds them is the better choice. So a span's worth is weighed over all that may be the
    answer, minimum Bayes risk (Kumar and Byrne 2004, Minimum Bayes-Risk Decoding for Statistical Machine Translation,
    section 2): its token F1 with each, and whether it holds it. Sure spans stay short, unsure ones grow to the clause.
    """
    order = np.argpartition(scores, -min(likeliest, scores.size), axis=None)[-likeliest:]
    firsts, lasts = np.divmod(order, scores.shape[1])
    weights = np.exp(scores.ravel()[order] - scores.max())
    left = np.unique(firsts)[:, None, None]
    right = np.unique(lasts)[None, :, None]
    common = np.maximum(np.minimum(right, lasts) - np.maximum(left, firsts) + 1, 0)
    f1 = 2 * common / np.maximum((right - left + 1) + (lasts - firsts + 1), 1)
    holds = (left <= firsts) & (lasts <= right)
    worth = ((1 - WHOLE) * f1 + WHOLE * holds) @ weights
    worth[left[..., 0] > right[..., 0]] = -1.0
    first, last = np.unravel_index(int(worth.argmax()), worth.shape)
    return int(left[first, 0, 0]), int(right[0, last, 0])


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without spaces and marks of punctuation around it; the point of an abbreviation stays ("the U.S.")."""
    while start < end - 1 and text[start] in " \n,;:.":
        start += 1
    while start < end - 1 and (text[end - 1] in " \n,;:" or _ends_a_sentence(text[start:end])):
        end -= 1
    return start, end


def _ends_a_sentence(text: str) -> bool:
    return text.endswith(".") and not any("." in word for word in text[:-1].split()[-1:])
