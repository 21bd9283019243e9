"""Stand-ins for the models, for tests that are about everything else.

`HashEmbedder` takes the place of the embedding model, `ScriptedGenerator` that of the language model, `ScriptedReader`
that of the trained reader, `ScriptedSorter` that of its part which sorts questions, `ScriptedUnderstanding` that of
what makes Questions. They are deterministic, load nothing, count words as tokens and remember what they were asked.
"""

from __future__ import annotations

import functools
import re
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np

from index import Hit, Index
from index.embedding.chunking import TITLE_TOKENS, WINDOWS
from index.embedding.embedder import Passage, Vectors
from index.language.sentences import Span
from rag.grounding.verifier import Model, Verifier
from rag.llm.fair_queue import Turns
from rag.llm.generation import Message
from rag.question.kinds import LABELS, Kind
from rag.question.question import Question
from rag.question.understanding import Understanding
from rag.reader.reader import Pointed, Reading, Reads, load_reader
from rag.text import terms

reader_once = functools.cache(load_reader)
"""`load_reader`, for the real reader where tests need it: loaded once, as it remembers nothing."""

_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"\s*\S+\s*")

STANDINS = """
import index.index
import rag
from making import SCORES
from standins import HashEmbedder, ScriptedGenerator
from rag.retrieval.finding import Scores

index.index.load_embedder = lambda name: HashEmbedder()
rag.load_generator = lambda *_: ScriptedGenerator(["The bridge will cost 587 million crowns. [1]"])
Scores.load = lambda **_: SCORES
"""
"""Beginning of a program that runs with stand-ins for the models."""


class HashEmbedder:
    """An `index.embedding.embedder.Embedder` that counts lower-case words by hash: texts that share words are close.

    Every cosine is in [0, 1]. `passages` are all that were embedded, in order; `questions` likewise. Words of
    `strangers` are no words to it: alone, it counts two tokens for each.
    """

    def __init__(
        self, *, name: str = "hash@1", dimension: int = 256, max_tokens: int = 254, strangers: Sequence[str] = ()
    ) -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.passages: list[Passage] = []
        self.questions: list[str] = []
        self.strangers = frozenset(strangers)

    @property
    def embedded(self) -> int:
        """How many passages were embedded so far."""
        return len(self.passages)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text; 2 for a stranger."""
        return [len(text.split()) + (text in self.strangers) for text in texts]

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """The whole with its title, then each sentence alone. ValueError for a passage longer than a chunk may be."""
        most = WINDOWS * self.max_tokens
        for passage in passages:
            tokens = len(passage.title.split()[:TITLE_TOKENS]) + len(passage.text.split())
            if tokens > most:
                raise ValueError(f"a passage of {tokens} tokens, but a chunk has at most {most}")
        self.passages += passages
        return [
            np.stack([self._vector(f"{p.title} {p.text}"), *(self._vector(p.text[a:b]) for a, b in p.sentences)])
            for p in passages
        ]

    def embed_question(self, question: str) -> Vectors:
        """Vector of the first `max_tokens` words."""
        self.questions.append(question)
        return self._vector(" ".join(question.split()[: self.max_tokens]))

    def threads(self) -> ThreadPoolExecutor:
        """One, so that passages are embedded in order."""
        return ThreadPoolExecutor(1)

    def slot(self, word: str) -> int:
        """The one dimension that counts this lower-case word."""
        return zlib.crc32(word.encode()) % self.dimension

    def _vector(self, text: str) -> Vectors:
        counts = np.zeros(self.dimension, np.float32)
        for word in _WORD.findall(text.lower()):
            counts[self.slot(word)] += 1
        return counts / max(float(np.linalg.norm(counts)), 1e-12)


class ScriptedSorter:
    """A `rag.question.kinds.SortsQuestions` that knows the kinds of the questions given; others ask for a fact.

    Those of `leaning` lean on earlier ones. `asked` are the questions whose kind it was asked for; `histories` those
    that it was shown.
    """

    def __init__(self, kinds: Mapping[str, Kind] | None = None, leaning: Sequence[str] = ()) -> None:
        self._kinds = kinds or {}
        self._leaning = tuple(leaning)
        self.asked: list[str] = []
        self.histories: list[list[str]] = []

    def kinds(self, question: str) -> dict[str, float]:
        """Certainty of the first label of the kind."""
        self.asked.append(question)
        kind = self._kinds.get(question, Kind.FACT)
        label = "fact" if kind is Kind.FACT else next(label for label, meant in LABELS.items() if meant is kind)
        return {each: float(each == label) for each in LABELS}

    def leans(self, question: str, earlier: Sequence[str]) -> float:
        """As scripted."""
        self.histories.append(list(earlier))
        return float(question in self._leaning)


class ScriptedReader(ScriptedSorter):
    """A `rag.reader.reader.Reads` that takes every occurrence of `answer` for the answer, and nothing else.

    A sentence that holds `addressed` addresses a machine, if that is given. Every question asks for a fact.
    """

    def __init__(self, answer: str, *, addressed: str = "") -> None:
        super().__init__()
        self.answer = answer
        self.addressed = addressed
        self.questions: list[str] = []
        self.judged: list[tuple[str, str]] = []

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Scores of 5 where the answer stands, of -5 elsewhere."""
        self.questions.append(question)
        return [
            Reading(5.0 if self.answer in hit.text else -5.0, tuple(self._point(hit, s) for s in hit.chunk.sentences))
            for hit in hits
        ]

    def judge(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        """Log odds of 5 for a clipping that has all words of the claim, of -5 for others; `judged` has the claims."""
        self.judged.append((claim, question))
        said = terms.stems(claim)
        return [5.0 if said <= terms.stems(clipping) else -5.0 for clipping in clippings]

    def _point(self, hit: Hit, span: Span) -> Pointed:
        at = hit.article.text.find(self.answer, *span)
        addressed = 5.0 if self.addressed and self.addressed in hit.article.text[slice(*span)] else -5.0
        if at < 0:
            return Pointed(span, -5.0, -5.0, addressed)
        return Pointed((at, at + len(self.answer)), 5.0, 5.0, addressed)


class ScriptedUnderstanding(Understanding):
    """Takes every question for one of `kind` that leans on `leans_on`.

    Those that it leans on are of the kind `earlier`, and each leans on those before it.
    """

    def __init__(self, kind: Kind = Kind.FACT, leans_on: Sequence[str] = (), *, earlier: Kind = Kind.FACT) -> None:
        super().__init__()
        self.kind = kind
        self.leans_on = tuple(leans_on)
        self.earlier = earlier

    def question(self, index: Index, typed: str, history: Sequence[str] = (), *, today: date | None = None) -> Question:
        """As scripted; spelling and period as ever."""
        asked = super().question(index, typed, today=today)
        if typed in self.leans_on:
            return replace(asked, kind=self.earlier, leans_on=self.leans_on[: self.leans_on.index(typed)])
        return replace(asked, kind=self.kind, leans_on=self.leans_on)


class ScriptedGenerator:
    """A `rag.llm.generation.Generator` that says the given replies, one for each prompt, word by word.

    An exception among the replies is raised instead. `prompts` are the messages of every prompt that was begun;
    `closed_early` counts the streams that were closed or stopped before they ended.
    """

    def __init__(
        self,
        replies: Sequence[str | Exception] = (),
        *,
        context_tokens: int = 2048,
        parameters: int = 0,
        adapted: bool = False,
    ) -> None:
        self.name = "scripted"
        self.adapted = adapted
        self.context_tokens = context_tokens
        self.parameters = parameters
        self.turns = Turns()
        self.warmed: list[Message] = []
        self.replies = list(replies)
        self.prompts: list[list[Message]] = []
        self.closed_early = 0

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Words of all messages."""
        return sum(len(message.content.split()) for message in messages)

    def warm(self, messages: Sequence[Message]) -> None:
        """Remembered in `warmed`."""
        self.warmed = list(messages)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """The next reply, cut after `max_tokens` words. AssertionError when no reply is left."""
        self.prompts.append(list(messages))
        assert self.replies, f"prompt {len(self.prompts)} came, but no reply is left"
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        try:
            for piece in _PIECE.findall(reply)[:max_tokens]:
                if stop is not None and stop.is_set():
                    self.closed_early += 1
                    return
                yield piece
        except GeneratorExit:
            self.closed_early += 1
            raise


def verifier_by_words(reader: Reads | None = None) -> Verifier:
    """A verifier with round thresholds; without a reader it goes by the claim's words."""
    return Verifier(reader or ScriptedReader(""), Model(scale=1.0, bias=0.0, supported=0.8, contradicted=0.2))
