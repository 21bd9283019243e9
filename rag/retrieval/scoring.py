"""The features of sentences that tell how likely they belong to the answer of a question, and a weighted sum of them.

The features are cheap to compute and explainable: cosine similarities, which of the question's words occur, the
reader's results, the position of the sentence, and its centrality among those found. The weighted sum is a logistic
regression, with weights that depend on the kind of question; it ranks passages before they are read. What was read is
scored by `sentence_network`. Both were fitted by `scripts/train/evidence.py` on people's questions whose answering
sentences are known, for one embedding model, because cosines of different models are not comparable.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import Hit
from index.language.searchable import count_words
from rag.question.kinds import Kind
from rag.reader.reader import Reading
from rag.text import terms

PASSAGES_FILE = Path(__file__).with_name("passages.json")
"""The model that ranks passages, without the reader's features."""

EVIDENCE_FILE = Path(__file__).with_name("evidence.json")
"""The network that ranks sentences, with the reader's features."""

FrequencyLookup = Callable[[Sequence[str]], tuple[list[int], int]]
"""Returns the number of chunks that contain each word, and the number of all chunks (`Index.document_frequencies`)."""

TokenCounter = Callable[[Sequence[str]], list[int]]
"""Returns the number of tokens of each text in the embedding model's vocabulary (`Embedder.count_tokens`)."""

Table = NDArray[np.float64]

FEATURES = (
    "cosine",
    "dense",
    "score",
    "lexical",
    "coverage",
    "context",
    "thin",
    "bare",
    "length",
    "fragment",
    "number",
    "quotes",
    "rank",
    "opening",
    "first",
    "central",
    "says",
    "held",
    "evidence",
    "beside",
    "unread",
)
"""Columns of a feature table, one row per sentence.

`cosine`, `dense`: cosine of the question with the sentence, and with its passage; `score`, `lexical`: those of the hit.
`coverage`, `context`: share of the question's words, weighted by rarity, in the sentence, and in its passage with
title; `thin`, `bare`: how far these are below 0.5. `length`: log(1 + words); `fragment`: 1 for fewer than five words.
`number`, `quotes`: 1 if it has a digit, a quotation mark. `rank`: 1 / rank of the passage. `opening`: 1 at the
beginning of the article, decreasing with the distance from it; `first`: 1 for the article's first sentence. `central`:
mean cosine with all sentences found. From the reader, as logits / `LOGITS`: `says`, the score of the best short answer
in the sentence; `held`, that the passage has the answer; `evidence`, that the sentence belongs to it; `beside`, the
larger `evidence` of its neighbours; `unread`: 1 if the reader did not read the passage (then the other four are 0).
"""

READ = ("says", "held", "evidence", "beside", "unread")
"""The features from the reader."""

OPENING = 800.0
"""Distance from the article's beginning, in characters, at which `opening` is 1/e."""

LOGITS = 8.0
"""Divisor of the reader's logits, which brings them to the scale of the other features."""


class ScoresSentences(Protocol):
    """Anything that scores the sentences found for a question by their features."""

    def log_odds(self, table: Table, kind: Kind) -> NDArray[np.float64]:
        """Returns, for each row of features, the log odds that the sentence belongs to the answer."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted model: logistic regression on the features.

    `weights` apply to all kinds of questions; `kinds` has the weights that are added to them for single kinds.
    """

    embedder: str
    bias: float
    weights: dict[str, float]
    kinds: dict[str, dict[str, float]]

    @classmethod
    def load(cls, path: Path = PASSAGES_FILE) -> Model:
        """Reads a file that `scripts/train/evidence.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    def log_odds(self, table: Table, kind: Kind) -> NDArray[np.float64]:
        """Returns, for each row of features, the log odds that the sentence belongs to the answer."""
        own = self.kinds.get(kind.value, {})
        weights = np.array([self.weights.get(name, 0.0) + own.get(name, 0.0) for name in FEATURES])
        found: NDArray[np.float64] = table @ weights + self.bias + own.get("bias", 0.0)
        return found


class Words(Protocol):
    """The words of a question, with weights by rarity."""

    @property
    def unknown(self) -> float:
        """Share of the words, by weight, that occur in no article; 0 for a question without words."""

    def stems(self, text: str, language: str | None) -> frozenset[str]:
        """Returns the words of a text in this language, as they are compared with those of the question."""

    def covered(self, stems: frozenset[str]) -> float:
        """Returns the share of the question's words, by weight, in `stems`; 1 for a question without words."""


class QuestionWords:
    """The stems of a question's words with weights by rarity, computed once for all sentences compared with them."""

    def __init__(
        self, text: str, frequencies: FrequencyLookup, background: str = "", tokens: TokenCounter | None = None
    ) -> None:
        """`text` is the question; words that occur only in `background`, earlier questions, have a lower weight.

        So have, with `tokens`, common words that occur nowhere: a single token of the vocabulary each. That "job" is in
        none of twenty articles says nothing about the question.
        """
        typed = terms.question_stems(text)
        stems = sorted(typed | (terms.question_stems(background) if background else frozenset()))
        found, chunks = frequencies(stems)
        self._nowhere = frozenset(stem for stem, n in zip(stems, found, strict=True) if not n)
        common = _common(f"{text} {background}", self._nowhere, tokens) if tokens else frozenset()
        self._rarity = {
            stem: math.log(1 + (chunks - n + 0.5) / (n + 0.5))
            * (1.0 if stem in typed else BACKGROUND)
            * (COMMON if stem in common else 1.0)
            for stem, n in zip(stems, found, strict=True)
        }
        self._total = sum(self._rarity.values())

    @property
    def unknown(self) -> float:
        """Share of the words, weighted by rarity, that occur in no article; 0 for a question without words."""
        return sum(self._rarity[stem] for stem in self._nowhere) / self._total if self._total else 0.0

    def stems(self, text: str, language: str | None) -> frozenset[str]:
        """Returns the English stems of a text, whatever its language."""
        return terms.stems(text)

    def covered(self, stems: frozenset[str]) -> float:
        """Returns the share of the question's words in `stems`, weighted by rarity; 1 for a question without words."""
        if not self._total:
            return 1.0
        return sum(weight for stem, weight in self._rarity.items() if stem in stems) / self._total


BACKGROUND = 0.5
"""Factor on the weight of a word that occurs only in the earlier questions of a follow-up."""


COMMON = 0.3
"""Factor on the weight of a common word that occurs in no article."""


def _common(text: str, stems: frozenset[str], tokens: TokenCounter) -> frozenset[str]:
    """Returns those of `stems` whose word in the text, in lower case, is a single token."""
    typed = {word.stem: text[a:b].lower() for (a, b), word in terms.placed(text) if word.stem in stems}
    return frozenset(stem for stem, n in zip(typed, tokens(list(typed.values())), strict=True) if n == 1)


def feature_table(
    words: Words,
    hits: Sequence[Hit],
    readings: Sequence[Reading | None],
    vectors: Sequence[NDArray[np.float32]] | None = None,
) -> Table:
    """Returns the features of every sentence of the hits, shape (sentences, features).

    The hits are sorted, best first. `readings`, and `vectors` of their sentences, are parallel to them. Without
    `vectors`, the feature `central` is 0.
    """
    central = _central(hits, vectors)
    rows = [
        row
        for rank, (hit, reading, means) in enumerate(zip(hits, readings, central, strict=True))
        for row in _passage_rows(words, rank, hit, reading, means)
    ]
    return np.array(rows, np.float64).reshape(-1, len(FEATURES))


def _passage_rows(
    words: Words, rank: int, hit: Hit, reading: Reading | None, central: Sequence[float]
) -> list[list[float]]:
    language = hit.article.language
    context = words.covered(words.stems(f"{hit.article.title}. {hit.text}", language))
    columns = _reader_columns(hit, reading)
    rows = []
    for n, (span, cosine) in enumerate(zip(hit.chunk.sentences, hit.sentence_cosines, strict=True)):
        text = hit.article.text[span[0] : span[1]]
        coverage, count = words.covered(words.stems(text, language)), count_words(text)
        rows.append(
            [
                cosine,
                hit.dense,
                hit.score,
                hit.lexical,
                coverage,
                context,
                max(0.0, 0.5 - coverage),
                max(0.0, 0.5 - context),
                math.log(1 + count),
                float(count < 5),
                float(any(c.isdigit() for c in text)),
                float(not QUOTES.isdisjoint(text)),
                1 / (1 + rank),
                math.exp(-span[0] / OPENING),
                float(span[0] == 0),
                central[n],
                *columns[n],
            ]
        )
    return rows


QUOTES = frozenset('“”"«»„')


def _reader_columns(hit: Hit, reading: Reading | None) -> list[tuple[float, ...]]:
    if reading is None:
        return [(0.0, 0.0, 0.0, 0.0, 1.0)] * len(hit.chunk.sentences)
    evidence = [pointed.evidence / LOGITS for pointed in reading.sentences]
    edged = [min(evidence), *evidence, min(evidence)]
    return [
        (pointed.score / LOGITS, reading.holds / LOGITS, own, max(edged[n], edged[n + 2]), 0.0)
        for n, (pointed, own) in enumerate(zip(reading.sentences, evidence, strict=True))
    ]


def _central(hits: Sequence[Hit], vectors: Sequence[NDArray[np.float32]] | None) -> list[list[float]]:
    """Returns, by hit, each sentence's mean cosine with all sentences of all hits (Erkan and Radev 2004, LexRank)."""
    if not vectors:
        return [[0.0] * len(hit.chunk.sentences) for hit in hits]
    mean = np.concatenate(vectors).mean(0)
    return [(own @ mean).tolist() for own in vectors]
