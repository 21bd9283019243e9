"""From a question to an Answer: search, judge, show the evidence, let the model write, check every sentence.

    question -> stand-alone question -> hits -> sentences ranked -> refuse, or
    evidence shown -> prompt -> model's words -> each sentence cited, or replaced by the clipping -> Answer

The small model's words must earn their place: a sentence stays only if a clipping supports it and if it says
something that the question does not. Otherwise the clipping that most likely holds the answer stands in for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import GeneratorType
from typing import TypeAlias

import prompts
from index import Filters, Index
from index.errors import WrongUse
from index.sentences import Span
from rag import relevance, wording
from rag.answer import Answer, Citation, Evidence, Sentence, Timings
from rag.citing import cite, quote, split_sentences
from rag.evidence import Candidate, choose_evidence, with_speaker
from rag.followup import standalone
from rag.generation import Generator
from rag.parts import parts
from rag.prompting import fit_prompt
from rag.retrieval import rank_for_parts, retrieve
from rag.settings import Settings

MAX_QUESTION_CHARACTERS = 4_000
"""Longer than any question people ask (600 words), short enough to search at once."""

MAX_SENTENCES = 3
"""Sentences of an answer: short is what people read and check."""

SECOND_CLIPPING = 0.5
"""A second clipping is quoted when it is at least this share as likely as the best to hold the answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """First step: the question as it was searched for, and the passages, before the model writes a word."""

    standalone: str
    passages: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Next steps: one finished, checked sentence with its citations."""

    sentence: Sentence
    citations: tuple[Citation, ...]


Step: TypeAlias = Found | Said | Answer


class Chatbot:
    """Answers questions from one index, with one language model or, without, with the clippings alone."""

    def __init__(self, index: Index, generator: Generator | None, settings: Settings | None = None) -> None:
        self.index = index
        self.generator = generator
        self.settings = settings or Settings()
        self.relevance = relevance.Model.load()

    @property
    def model_name(self) -> str | None:
        """Name of the language model; None when clippings are only quoted."""
        return self.generator.name if self.generator else None

    def ask(self, question: str, *, history: Sequence[str] = (), filters: Filters = Filters()) -> Answer:  # noqa: B008
        """The whole answer; see `stream`."""
        *_, answer = self.stream(question, history=history, filters=filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008 (frozen)
    ) -> Iterator[Step]:
        """First `Found`, then `Said` for each sentence as it is ready, at last the `Answer`.

        `history` has the earlier questions of the conversation, oldest first. Closing the iterator stops the model.
        Raises WrongUse for an empty or overlong question, CannotRun when the index or a model is missing.
        """
        clock = _Clock()
        asked = standalone(checked_question(question), history[-HISTORY:])
        hits = retrieve(self.index, asked, self.relevance, top_k=self.settings.top_k, filters=filters, focus=question)
        ranked = rank_for_parts(self.index, asked, hits, self.relevance, focus=question)
        passages = choose_evidence(ranked, sentences=self.settings.sentences)
        clock.evidence = clock.seconds()
        yield Found(asked, passages)
        draft = _Draft(asked, ranked, passages)
        reason = self._refusal(asked, ranked, filters)
        if not reason:
            for said in self._write(draft):
                clock.first_word = clock.first_word or clock.seconds()
                yield said
        yield Answer(
            question=question,
            standalone=asked,
            sentences=tuple(said.sentence for said in draft.said),
            citations=tuple(dict.fromkeys(c for said in draft.said for c in said.citations)),
            refused=bool(reason),
            reason=reason,
            passages=passages,
            timings=Timings(clock.evidence, clock.first_word, clock.seconds()),
            model=self.model_name,
            index_version=self.index.version,
            confidence=max((c.probability for c in ranked), default=0.0),
            raw=draft.raw,
            replaced=tuple(draft.replaced),
        )

    def _refusal(self, question: str, ranked: Sequence[Candidate], filters: Filters) -> str:
        """Why the question cannot be answered from what was found; empty if it can."""
        if not ranked:
            return prompts.render("no_articles", limits=str(filters) or "none are indexed")
        best = max(ranked, key=lambda candidate: candidate.probability)
        if best.probability < self.relevance.threshold or relevance.names_another(question, best.hit):
            return prompts.render("nothing_relevant", question=question)
        return ""

    def _write(self, draft: _Draft) -> Iterator[Said]:
        if self.generator is not None:
            yield from self._model_sentences(draft, self.generator)
        if not draft.said:
            yield draft.quote_best()
        yield from draft.more_clippings(len(parts(draft.question)), self.relevance.threshold)

    def _model_sentences(self, draft: _Draft, generator: Generator) -> Iterator[Said]:
        """The model's sentences as they are finished, each checked; the first that fails becomes the best clipping."""
        prompt = fit_prompt(
            draft.question,
            draft.clippings(self.settings.sentences),
            generator,
            answer_tokens=self.settings.answer_tokens,
        )
        pieces = generator.stream(prompt.messages, max_tokens=self.settings.answer_tokens)
        try:
            for written in _as_sentences(pieces, draft):
                said = draft.judge(written, prompt.shown)
                if said is not None:
                    yield said
                if len(draft.said) >= MAX_SENTENCES:
                    break
        finally:
            if isinstance(pieces, GeneratorType):
                pieces.close()  # now, so that the model is free for the next question


HISTORY = 6
"""Earlier questions that a follow-up may lean on."""


class _Draft:
    """An answer in the making."""

    def __init__(self, question: str, ranked: Sequence[Candidate], passages: Sequence[Evidence]) -> None:
        self.question = question
        self._ranked = ranked
        self._by_hit = {id(e.hit): e for e in passages}
        self.said: list[Said] = []
        self.replaced: list[str] = []
        self.raw = ""

    def clippings(self, count: int) -> list[tuple[Evidence, Span]]:
        """The best `count` sentences with the evidence they belong to, best first."""
        found = [(self._by_hit[id(c.hit)], with_speaker(c.hit, c.span)) for c in self._ranked[:count]]
        return list(dict.fromkeys(found))

    def judge(self, written: str, shown: Sequence[Evidence]) -> Said | None:
        """The model's sentence with its citation; the best clipping in its place; None if that was said already."""
        cited = cite(written, shown)
        if cited is not None and relevance.says_something(self.question, cited[0].text):
            return self._add(Said(*cited)) if not self._already(cited[0].text) else None
        self.replaced.append(written)
        return self.quote_best() if not self.said else None

    def quote_best(self) -> Said:
        """The clipping that most likely holds the answer."""
        return self._add(self._quote(self._ranked[0]))

    def more_clippings(self, parts: int, threshold: float) -> Iterator[Said]:
        """For a question of several parts the best clipping of each, if it is likely enough to hold an answer.

        For a simple one the two best, if the second is nearly as likely as the first; nothing that was said already.
        """
        floor = threshold if parts > 1 else SECOND_CLIPPING * self._ranked[0].probability
        for candidate in self._ranked[: max(2, parts)]:
            if len(self.said) < max(MAX_SENTENCES, parts) and candidate.probability >= floor:
                said = self._quote(candidate)
                if not self._already(said.sentence.text):
                    yield self._add(said)

    def _quote(self, candidate: Candidate) -> Said:
        span = with_speaker(candidate.hit, candidate.span)
        return Said(*quote(self._by_hit[id(candidate.hit)], span))

    def _add(self, said: Said) -> Said:
        self.said.append(said)
        return said

    def _already(self, text: str) -> bool:
        """Whether the words of `text` have been said."""
        before = wording.stems(" ".join(said.sentence.text for said in self.said))
        new = wording.stems(text)
        return len(new & before) >= SAME * len(new)


SAME = 0.8
"""Share of a sentence's words that makes it a repetition of what was said."""


class _Clock:
    """Seconds since the question came in."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.evidence: float | None = None
        self.first_word: float | None = None

    def seconds(self) -> float:
        return round(time.perf_counter() - self._start, 4)


def checked_question(question: str) -> str:
    """The question without surrounding space. WrongUse if it is empty or longer than 4,000 characters."""
    question = question.strip()
    if not question:
        raise WrongUse("The question is empty. Ask something, for example: clippings ask 'Who won?'")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise WrongUse(
            f"The question has {len(question):,} characters; clippings reads at most {MAX_QUESTION_CHARACTERS:,}. "
            "Shorten it, or index the text as an article and ask about it."
        )
    return question


def _as_sentences(pieces: Iterator[str], draft: _Draft) -> Iterator[str]:
    """Whole sentences out of the model's stream; what it wrote is kept in `draft.raw`."""
    given = 0
    for piece in pieces:
        draft.raw += piece
        *ready, unfinished = split_sentences(draft.raw) or [""]
        if unfinished.startswith(("[", "【", "(")):  # perhaps the marker of the sentence before
            ready = ready[:-1]
        yield from ready[given:]
        given = max(given, len(ready))
    yield from split_sentences(draft.raw)[given:]
