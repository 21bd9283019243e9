"""Floors for the quality of answers to a part of the questions over the sample articles; `make eval` asks them all."""

from __future__ import annotations

import pytest
from quality import figures

from index import Index


@pytest.mark.models
def test_questions_of_every_kind(samples: Index) -> None:
    found = figures(samples, "questions.jsonl", every=3)
    # Measured: 0.64, 1, 0.03, 0.57.
    assert found["good"] >= 0.55
    assert found["accuracy"] >= 0.9
    assert found["refused_answerable"] <= 0.1
    assert found["refused_unanswerable"] >= 0.4


@pytest.mark.models
def test_conversations(samples: Index) -> None:
    found = figures(samples, "dialogues.jsonl", every=2)
    # Measured: 0.78, 0.42, 0, 1.
    assert found["alone_good"] >= 0.65
    assert found["followup_good"] >= 0.3
    assert found["merged"] <= 0.05
    assert found["chat_answered"] >= 0.9
