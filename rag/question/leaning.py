"""Whether a question leans on the conversation: "did they catch the guy", "and the wagon?", "price?".

A linear classifier decides, trained on turns of conversations of our own writing (scripts/train/data/leaning.jsonl).
It looks at the question's vector, at how near that is to the earlier questions, and at a few closed classes of words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.search.search import STOPWORDS
from rag.question import kinds
from rag.question.kinds import QuestionEmbedder
from rag.question.linear import LinearClassifier, Vector

WEIGHTS_FILE = Path(__file__).with_name("leaning.safetensors")

POINTING = frozenset(
    "he she it they him her them his hers its their theirs this that these those there one ones then same".split()
)
"""Words that point back at something named before."""

JOINING = frozenset("and but so or also then".split())
"""Words that begin a continuation."""

_WORD = re.compile(r"[\w']+")


def features(embedder: QuestionEmbedder, question: str, history: Sequence[str]) -> Vector:
    """What the classifier looks at; `history` has the earlier questions, oldest first, at least one."""
    words = _WORD.findall(question.lower())
    content = [word for word in words if word not in STOPWORDS]
    earlier = frozenset(_WORD.findall(history[-1].lower())) - STOPWORDS
    vectors = kinds.opening_vectors(embedder, question.split())
    near = [float(vectors[: embedder.dimension] @ embedder.embed_question(turn)) for turn in history]
    scalars = [
        near[-1],
        max(near),
        len(words) / 10,
        len(content) / 5,
        not POINTING.isdisjoint(words),
        words[:1] != [] and words[0] in JOINING,
        any(word[:1].isupper() for word in question.split()[1:]),
        not earlier.isdisjoint(words),
        max(embedder.count_tokens(content), default=0) > 1,  # a name, or a rare word
        1 - len(content) / max(1, len(words)),
        len(words) <= 2,
        len(content) == len(words),
    ]
    return np.concatenate([vectors, np.array(scalars, np.float32)]).astype(np.float32)


class LeaningRecogniser:
    """Tells whether a question leans on earlier ones, and on which."""

    def __init__(self, classifier: LinearClassifier) -> None:
        self._classifier = classifier

    @classmethod
    def load(cls) -> LeaningRecogniser:
        """With the trained weights."""
        return cls(LinearClassifier.load(WEIGHTS_FILE))

    def leans(self, embedder: QuestionEmbedder, question: str, history: Sequence[str]) -> bool:
        """Whether the question cannot be understood without the earlier ones (oldest first)."""
        return bool(history) and self._classifier.holds(features(embedder, question, history))
