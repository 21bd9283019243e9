"""Floors for the quality of answers in the conversations over the sample articles."""

from __future__ import annotations

import pytest
from quality import figures

from index import Index


@pytest.mark.models
def test_conversations(samples: Index) -> None:
    found = figures(samples, "dialogues.jsonl")
    # Measured: 0.83, 0.43, 0, 1.
    assert found["alone_good"] >= 0.7
    assert found["followup_good"] >= 0.35
    assert found["merged"] <= 0.05
    assert found["chat_answered"] >= 0.9
