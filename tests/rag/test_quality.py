"""Floors for the quality of answers to the questions over the sample articles."""

from __future__ import annotations

import pytest
from quality import figures

from index import Index


@pytest.mark.models
def test_questions_of_every_kind(samples: Index) -> None:
    found = figures(samples, "questions.jsonl")
    # Measured: 0.63, 0.97, 0.03, 0.6.
    assert found["good"] >= 0.55
    assert found["accuracy"] >= 0.9
    assert found["refused_answerable"] <= 0.1
    assert found["refused_unanswerable"] >= 0.4
