"""How likely a sentence belongs to the answer of a question: features, and the fitted score made of them.

The features are cheap and explainable: how near the vectors are, which of the question's words stand there, what the
reader finds, where the sentence stands, and how central it is among those found. One logistic regression weighs them,
each kind of question in its own way. It was fitted by `scripts/train/evidence.py` on questions of people whose
answering sentences are known, and belongs to one embedding model, because cosines do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import Hit
from rag import wording
from rag.question.kinds import Kind
from rag.reader.reader import Reading

PASSAGES_FILE = Path(__file__).with_name("passages.json")
"""The score that orders passages, before the reader has read them."""

EVIDENCE_FILE = Path(__file__).with_name("evidence.json")
"""The score that orders sentences, with what the reader finds."""

FrequencyLookup = Callable[[Sequence[str]], tuple[list[int], int]]
"""For words, the number of chunks that hold each, and the number of chunks (`Index.document_frequencies`)."""

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
"""Columns of a feature table.

`cosine`, `dense`: of the question with the sentence and with its passage; `score`, `lexical`: the hit's. `coverage`,
`context`: share of the question's words, weighted by rarity, that stand in the sentence, in its passage with title;
`thin`, `bare`: how far these fall below a half. `length`: words, logarithm; `fragment`: fewer than five words.
`number`, `quotes`: holds a number, a mark of quotation. `rank`: 1 for the best passage, falling. `opening`: falls with
the distance from the article's beginning, 1 there; `first`: the article's first sentence. `central`: mean cosine with
the other sentences found. The reader's: `says`, of the best few words in it; `held`, of the passage; `evidence`, of the
sentence; `beside`, the better of its neighbours'; `unread`: 1 where it has not read (then the four are 0).
"""

READ = ("says", "held", "evidence", "beside", "unread")
"""The features that the reader gives."""

OPENING = 800.0
"""Characters over which `opening` falls to 1/e."""

LOGITS = 8.0
"""The reader's logits are divided by this, so that all features are of one size."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted score: logistic regression on the features.

    `weights` hold for every kind, `kinds` has what is added for one.
    """

    embedder: str
    bias: float
    weights: dict[str, float]
    kinds: dict[str, dict[str, float]]

    @classmethod
    def load(cls, path: Path = EVIDENCE_FILE) -> Model:
        """Read what `scripts/train/evidence.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    def log_odds(self, table: Table, kind: Kind) -> NDArray[np.float64]:
        """Log odds, for each row of features, that the sentence belongs to the answer."""
        own = self.kinds.get(kind.value, {})
        weights = np.array([self.weights.get(name, 0.0) + own.get(name, 0.0) for name in FEATURES])
        found: NDArray[np.float64] = table @ weights + self.bias + own.get("bias", 0.0)
        return found


class QuestionWords:
    """The words of a question, weighted by their rarity, taken apart once for all sentences compared with them."""

    def __init__(self, text: str, frequencies: FrequencyLookup, background: str = "") -> None:
        """`text` is what was typed; words of the `background`, earlier questions, count less."""
        typed = wording.question_stems(text)
        stems = sorted(typed | (wording.question_stems(background) if background else frozenset()))
        found, chunks = frequencies(stems)
        self._rarity = {
            stem: math.log(1 + (chunks - n + 0.5) / (n + 0.5)) * (1.0 if stem in typed else BACKGROUND)
            for stem, n in zip(stems, found, strict=True)
        }
        self._total = sum(self._rarity.values())
        self._nowhere = frozenset(stem for stem, n in zip(stems, found, strict=True) if not n)

    @property
    def unknown(self) -> float:
        """Share of the words, weighted by rarity, that stand in no article; 0 for a question without words."""
        return sum(self._rarity[stem] for stem in self._nowhere) / self._total if self._total else 0.0

    def covered(self, stems: frozenset[str]) -> float:
        """Share of the question's words in `stems`, weighted by rarity; 1 for a question without words."""
        if not self._total:
            return 1.0
        return sum(weight for stem, weight in self._rarity.items() if stem in stems) / self._total


BACKGROUND = 0.5
"""Weight of a word that a follow-up takes over from an earlier question, against one that was typed."""


def feature_table(
    words: QuestionWords,
    hits: Sequence[Hit],
    readings: Sequence[Reading | None],
    vectors: Sequence[NDArray[np.float32]] | None = None,
) -> Table:
    """Features of every sentence of the hits, best hit first, (sentences, features).

    `readings` are parallel to the hits; `vectors`, of their sentences, too: without them `central` is 0.
    """
    central = _central(hits, vectors)
    rows = [
        row
        for rank, (hit, reading, means) in enumerate(zip(hits, readings, central, strict=True))
        for row in _passage_rows(words, rank, hit, reading, means)
    ]
    return np.array(rows, np.float64).reshape(-1, len(FEATURES))


def _passage_rows(
    words: QuestionWords, rank: int, hit: Hit, reading: Reading | None, central: Sequence[float]
) -> list[list[float]]:
    context = words.covered(wording.stems(f"{hit.article.title}. {hit.text}"))
    told = _reader_columns(hit, reading)
    rows = []
    for n, (span, cosine) in enumerate(zip(hit.chunk.sentences, hit.sentence_cosines, strict=True)):
        text = hit.article.text[span[0] : span[1]]
        coverage, count = words.covered(wording.stems(text)), len(text.split())
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
                *told[n],
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
    """For each hit, of each sentence the mean cosine with all sentences of all hits (Erkan and Radev 2004, LexRank)."""
    if not vectors:
        return [[0.0] * len(hit.chunk.sentences) for hit in hits]
    mean = np.concatenate(vectors).mean(0)
    return [(own @ mean).tolist() for own in vectors]
