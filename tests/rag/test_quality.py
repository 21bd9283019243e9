"""Floors for the quality of answers, on the questions and conversations over the sample articles, without a language model.

They were written by somebody who had not seen the code, and no weight was fitted on them (docs/measured.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from standins import reader_once

import index as index_package
from index import Index
from rag import evaluation
from rag.chatbot import Chatbot
from rag.reader.reader import EMBEDDED_READER

SAMPLES = Path(index_package.__file__).parent / "sample_articles"


@pytest.fixture(scope="module")
def chatbot(samples: Index) -> Chatbot:
    return Chatbot(samples, None, reader=reader_once(EMBEDDED_READER))


def figures(chatbot: Chatbot, name: str) -> dict[str, float]:
    rows = evaluation.load_rows(SAMPLES / name)
    return evaluation.summary(evaluation.evaluate(chatbot, rows, progress=lambda: None))


@pytest.mark.models
def test_questions_of_every_kind(chatbot: Chatbot) -> None:
    found = figures(chatbot, "questions.jsonl")
    # Measured: 0.57, 0.97, 0.07, 0.33.
    assert found["good"] >= 0.5
    assert found["accuracy"] >= 0.9
    assert found["refused_answerable"] <= 0.1
    assert found["refused_unanswerable"] >= 0.25


@pytest.mark.models
def test_conversations(chatbot: Chatbot) -> None:
    found = figures(chatbot, "dialogues.jsonl")
    # Measured: 0.72, 0.33, 0, 0.84.
    assert found["alone_good"] >= 0.6
    assert found["followup_good"] >= 0.25
    assert found["merged"] <= 0.05
    assert found["chat_answered"] >= 0.8
