"""The quality of answers over the sample articles, without a language model.

Their questions and conversations were written by somebody who had not seen the code; no weight was fitted on them.
"""

from __future__ import annotations

from pathlib import Path

from standins import reader_once

import index as index_package
from index import Index
from rag import evaluation
from rag.chatbot import Chatbot
from rag.reader.reader import EMBEDDED_READER

SAMPLES = Path(index_package.__file__).parent / "sample_articles"


def figures(samples: Index, name: str, *, every: int) -> dict[str, float]:
    """Returns the figures of an evaluation on every second, third … row of a file of the sample articles."""
    chatbot = Chatbot(samples, None, reader=reader_once(EMBEDDED_READER))
    return evaluation.summary(evaluation.evaluate(chatbot, evaluation.load_rows(SAMPLES / name)[::every]))
