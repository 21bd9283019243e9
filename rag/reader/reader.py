"""The reader: what a question wants, where in a passage the answer stands, and whether a clipping supports a claim.

One network does all three (`network`), trained by `scripts/train`; its weights lie in `reader.safetensors`. It reads
question and passage together, so it sees what no comparison of vectors can: who did what to whom. Its word pieces are
those of the embedding model, whose tokenizer is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index import Hit
from index.embedding.embedder import MINILM, cpu_has_fast_bfloat16
from index.embedding.threads import lone_threads
from index.errors import ModelMissing, WrongUse
from index.language.sentences import Span
from rag.question.kinds import LABELS, SortsQuestions
from rag.reader.spans import LIKELIEST, best_span, trimmed

if TYPE_CHECKING:
    from rag.reader.network import Encoded

EMBEDDED_READER = "clippings-reader"

FORMER_READER = "minilm-reader"
"""A name that settings files of earlier versions have."""

WEIGHTS_FILE = Path(__file__).with_name("reader.safetensors")

LONGEST_ANSWER = 30
"""Tokens of the longest answer that is looked for."""

MAX_SCORE = 20.0
"""Beyond this, scores say no more."""

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pointed:
    """The answer within one sentence: its span in the article's text, and the score of the likeliest.

    The span is wider where the reader is unsure (`rag.reader.spans`). `score` is how far the likeliest is above "no
    answer", in logits, cut to `MAX_SCORE` either way; `evidence` are the log odds that the sentence belongs to the
    answer, for questions that no few words answer, too; `addressed` those that it addresses a machine.
    """

    span: Span
    score: float
    evidence: float = 0.0
    addressed: float = -MAX_SCORE


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader finds in one passage.

    `holds` is the log odds that the passage holds the answer; `sentences` are parallel to the chunk's sentences.
    """

    holds: float
    sentences: tuple[Pointed, ...]


class Reads(SortsQuestions, Protocol):
    """Anything that sorts questions, reads passages for them, and judges claims."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One Reading for each hit, in order."""

    def judge(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        """For each clipping the log odds that it supports the claim.

        `question` is what a short answer answers, "" for a sentence that stands for itself.
        """


class Reader:
    """The trained reader on the embedding model."""

    def __init__(self, weights: Path = WEIGHTS_FILE, *, likeliest: int = LIKELIEST) -> None:
        """Load the weights. What is pointed at is chosen by so many of the `likeliest` spans; see `spans`.

        ModelMissing if the embedding model, whose tokenizer is needed, or the weights are not there.
        """
        import torch
        from safetensors import SafetensorError

        from rag.reader.network import PairEncoder, ReaderNetwork

        self._encoder = PairEncoder(MINILM.locate().parent)
        network = ReaderNetwork()
        try:
            network.restore(weights)
        except (OSError, ValueError, SafetensorError) as error:
            raise ModelMissing(f"The reader's weights cannot be used: {error}. Install clippings again.") from error
        dtype = torch.bfloat16 if cpu_has_fast_bfloat16() else torch.float32
        self._network = network.to(dtype).eval()
        self._threads = lone_threads()
        self._likeliest = likeliest

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One Reading for each hit, in order, which does not depend on the others."""
        rows = self._encoder.encode(question, [(hit.article.title, hit.text) for hit in hits]) if hits else []
        found = self._threads.map(self._found, rows)
        return [_reading(hit, row, self._likeliest, *each) for hit, row, each in zip(hits, rows, found, strict=True)]

    def judge(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        """For each clipping the log odds that it supports the claim; see `Reads`."""
        rows = self._encoder.encode_claim(claim, question, clippings) if clippings else []
        return list(self._threads.map(self._judged, rows))

    def kinds(self, question: str) -> dict[str, float]:
        """The probability of each of the labels of `rag.question.kinds`."""
        logits, _ = self._sorted(self._encoder.encode_question(question))
        raised = np.exp(logits - logits.max())
        return dict(zip(LABELS, (raised / raised.sum()).tolist(), strict=True))

    def leans(self, question: str, earlier: Sequence[str]) -> float:
        """The probability that the question cannot be understood without the earlier ones; see `SortsQuestions`."""
        _, log_odds = self._sorted(self._encoder.encode_question(question, earlier))
        return float(1 / (1 + np.exp(-log_odds)))

    def _sorted(self, row: Encoded) -> tuple[Logits, float]:
        import torch

        from rag.reader.network import padded

        with torch.inference_mode():
            kinds, leans = self._network.sort(*padded([row]))
        return kinds[0].numpy(), float(leans[0])

    def _found(self, row: Encoded) -> tuple[Logits, Logits, Logits, Logits, np.float32]:
        import torch

        from rag.reader.network import padded

        with torch.inference_mode():
            found = self._network(*padded([row]))
        start, end, evidence, addressed, holds = (logits[0].numpy() for logits in found)
        return start, end, evidence, addressed, holds

    def _judged(self, row: Encoded) -> float:
        import torch

        from rag.reader.network import claim_mask, padded

        with torch.inference_mode():
            return float(self._network.judge(*padded([row]), claim_mask([row])))


def _reading(
    hit: Hit,
    row: Encoded,
    likeliest: int,
    start: Logits,
    end: Logits,
    evidence: Logits,
    addressed: Logits,
    holds: np.float32,
) -> Reading:
    last = row.first + len(row.offsets)
    above = start[row.first : last, None] + end[None, row.first : last] - (start[0] + end[0])
    shape = np.ones(above.shape, bool)
    above = np.where(np.tril(np.triu(shape), LONGEST_ANSWER - 1), above, -np.inf)
    offsets = np.array(row.offsets) + hit.chunk.start
    pointed = []
    for a, b in hit.chunk.sentences:
        own = np.flatnonzero((offsets[:, 0] >= a) & (offsets[:, 0] < b))
        if not len(own):  # further on than the reader sees
            pointed.append(Pointed((a, b), -MAX_SCORE, -MAX_SCORE))
            continue
        scores = above[np.ix_(own, own)]
        first, last = best_span(scores, likeliest)
        span = trimmed(hit.article.text, int(offsets[own[first], 0]), int(offsets[own[last], 1]))
        tokens = slice(row.first + own[0], row.first + own[-1] + 1)
        score = min(MAX_SCORE, max(-MAX_SCORE, float(scores.max())))
        pointed.append(Pointed(span, score, float(evidence[tokens].mean()), float(addressed[tokens].mean())))
    return Reading(float(holds), tuple(pointed))


def load_reader(name: str) -> Reader | None:
    """The reader called `name`; None for "none". WrongUse for a name that is not known."""
    if name not in (EMBEDDED_READER, FORMER_READER, "none"):
        raise WrongUse(f"No reader is called {name!r}. Known: {EMBEDDED_READER}, and none to do without.")
    return None if name == "none" else Reader()
