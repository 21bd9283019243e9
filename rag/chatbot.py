"""From a question to an Answer: search, judge, show the evidence, let the model write, check every sentence.

    question -> stand-alone question -> hits -> sentences ranked -> refuse, or
    evidence shown -> prompt -> model's words -> each sentence cited, or replaced by the clipping -> Answer

The small model's words must earn their place: a sentence stays only if a clipping supports it and if it says
something that the question does not. Otherwise the clipping that most likely holds the answer stands in for it.
"""

from __future__ import annotations

import copy
import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import GeneratorType

import prompts
from index import Filters, Index
from index.errors import CannotRun, WrongUse
from index.search import question_terms
from index.wordforms import variants
from rag import prompting, relevance
from rag.answer import Answer, Timings
from rag.citing import split_sentences, strip_markers
from rag.clock import Clock
from rag.draft import MAX_SENTENCES, Draft
from rag.evidence import Candidate, choose_evidence
from rag.followup import standalone
from rag.generation import Generator, cores
from rag.prompting import Prompt, write_prompt
from rag.reader import Reads
from rag.retrieval import rank_for_parts, retrieve
from rag.running import Running
from rag.settings import Settings
from rag.shape import Shape, shape
from rag.steps import Begun, Found, Said, Step, Waiting
from rag.turns import POLL_SECONDS, Ticket, Turns

MAX_QUESTION_CHARACTERS = 4_000
"""Longer than any question people ask (600 words), short enough to search at once."""

FEW_WORDS = 12
"""What the reader points at is an answer by itself up to so many words; where it is unsure, it points at more."""


class Chatbot:
    """Answers questions from one index, with one language model or, without, with the clippings alone."""

    def __init__(
        self,
        index: Index,
        generator: Generator | None,
        settings: Settings | None = None,
        *,
        reader: Reads | None = None,
    ) -> None:
        """`relevance` orders passages, `judgement` their sentences, by what the reader finds if there is one.

        A question whose best sentence is less likely than `threshold` to hold the answer is refused. `watch` sees the
        steps of every answer pass, for whoever counts them; `searches` is the queue for searching.
        """
        self.index = index
        self.generator = generator
        self.settings = settings or Settings()
        self.reader = reader
        self.relevance = relevance.Model.load()
        self.judgement = relevance.Model.load(relevance.READING_MODEL_FILE) if reader else self.relevance
        self.threshold = self.judgement.threshold
        self.searches = Turns(cores())  # more at once, and the first would be ready when the last is
        # A thread that has searched holds memory, and threads that PyTorch or FAISS started for it, until it ends:
        # that of a question may wait for the model for a minute.
        self._searchers = ThreadPoolExecutor(cores(), "clippings-search")
        self.watch: Callable[[Iterator[Step]], Iterator[Step]] = _unwatched
        self._running = Running()

    @property
    def model_name(self) -> str | None:
        """Name of the language model; None when clippings are only quoted."""
        return self.generator.name if self.generator else None

    def close(self) -> None:
        """The end: answers, and changes of the index, that are under way stop soon, with CannotRun; none begins."""
        self._running.close()
        self.index.stop_changes()

    def warm(self) -> None:
        """Load and read beforehand what every question needs: some seconds now instead of at the first question."""
        for warmed in [self._searchers.submit(self.index.warm) for _ in range(cores())]:
            warmed.result()
        if self.generator is not None:
            prompting.warm(self.generator)

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
        stop: threading.Event | None = None,
    ) -> Iterator[Step]:
        """First `Found`, then `Said` for each sentence as it is ready, at last the `Answer`.

        `Waiting` comes whenever the place in a queue changes: before `Found` that to search, after it that for the
        model; `Begun` once the model reads. `history` has the earlier questions, oldest first. Setting `stop`, from any
        thread, ends it within half a second, without an `Answer`; closing the iterator stops the model, too.
        Raises WrongUse for an empty or overlong question, CannotRun when the index or a model is missing.
        """
        return self.watch(self._running_steps(question, history, filters, stop or threading.Event()))

    def _running_steps(
        self, question: str, history: Sequence[str], filters: Filters, stop: threading.Event
    ) -> Iterator[Step]:
        """The steps, by the model and the settings of now: others may be chosen meanwhile."""
        step: Step | None = None
        steps = copy.copy(self)._steps(question, history, filters, stop)
        with self._running.until_closed(stop), _closed_after(steps):
            for step in steps:
                yield step
        if not isinstance(step, Answer):
            self._running.check()

    def _steps(self, question: str, history: Sequence[str], filters: Filters, stop: threading.Event) -> Iterator[Step]:
        clock = Clock()
        asked = standalone(checked_question(question), history[-HISTORY:])
        ticket = self.searches.join()
        try:
            yield from _until_served(ticket, stop)
            if stop.is_set():
                return
            ranked, version = self._searchers.submit(self._ranked, asked, question, filters).result()
        finally:
            ticket.leave()
        passages = choose_evidence(ranked, sentences=self.settings.sentences)
        clock.evidence = clock.seconds()
        yield Found(asked, passages)
        draft = Draft(asked, ranked, passages)
        reason = self._refusal(asked, ranked, filters)
        if not reason:
            for step in self._write(draft, stop):
                if isinstance(step, Said):
                    clock.first_word = clock.first_word or clock.seconds()
                yield step
        if stop.is_set():
            return
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
            index_version=version,
            confidence=draft.confidence,
            found=draft.found,
            listed=len(draft.said) > 1 and shape(asked) is Shape.LIST,
            raw=draft.raw,
            read=draft.read,
            replaced=tuple(draft.replaced),
            tokens_read=draft.tokens_read,
            tokens_written=draft.tokens_written,
        )

    def own_words(self, question: str) -> tuple[str, int]:
        """For measuring the model: what it writes, unchecked, and how many passages it read. CannotRun without one."""
        if self.generator is None:
            raise CannotRun("There is no language model whose own words could be measured. Leave out --no-llm.")
        ranked, _ = self._ranked(question, question, Filters())
        draft = Draft(question, ranked, choose_evidence(ranked, sentences=self.settings.sentences))
        prompt = self._prompt(draft, self.generator)
        pieces = self.generator.stream(prompt.messages, max_tokens=self.settings.answer_tokens)
        return "".join(pieces).strip(), len(prompt.shown)

    def _ranked(self, asked: str, question: str, filters: Filters) -> tuple[list[Candidate], int]:
        """Sentences of the `top_k` passages, best first, all of one version of the index, which is given, too."""
        while True:
            version = self.index.version
            hits = retrieve(
                self.index, asked, self.relevance, top_k=self.settings.top_k, filters=filters, focus=question
            )
            ranked = rank_for_parts(self.index, asked, hits, self.judgement, focus=question, reader=self.reader)
            if self.index.version == version:  # not updated between the several searches
                return ranked, version

    def _refusal(self, question: str, ranked: Sequence[Candidate], filters: Filters) -> str:
        """Why the question cannot be answered from what was found; empty if it can."""
        if not ranked:
            limits = str(filters)
            return prompts.render("out_of_limits", limits=limits) if limits else prompts.render("no_articles")
        best = max(ranked, key=lambda candidate: candidate.probability)
        if best.probability < self.threshold or relevance.names_another(question, best.hit):
            nothing = prompts.render("nothing_relevant", question=question)
            strange = self._never_mentioned(question)
            return f"{nothing} {prompts.render('never_mentioned', words=', '.join(strange))}" if strange else nothing
        return ""

    def _never_mentioned(self, question: str) -> list[str]:
        """Words of the question, as typed, that stand in no article in any form."""
        forms = {word: variants(word) for word in question_terms(question)}
        every = [form for group in forms.values() for form in group]
        counts = dict(zip(every, self.index.document_frequencies(every)[0], strict=True))
        typed = {word.lower(): word for word in re.findall(r"\w+", question)}
        return [typed.get(word, word) for word, group in forms.items() if not any(counts[form] for form in group)]

    def _write(self, draft: Draft, stop: threading.Event) -> Iterator[Step]:
        """Where reports disagree, each with its date, and no word of the model's: it would settle on one of them."""
        if draft.parts == 1:
            yield from draft.quote_reports(self.threshold)
        if draft.said:
            return
        if self.generator is not None and self._may_write(self.generator, draft):
            yield from self._model_sentences(draft, self.generator, stop)
        if stop.is_set():
            return
        if not draft.said:
            yield draft.quote_best()
        yield from draft.more_clippings(self.threshold)

    def _may_write(self, generator: Generator, draft: Draft) -> bool:
        """A model that has learnt to answer in few words is asked for a fact that the reader found in few words, only.

        Otherwise whole sentences are the better answer: those of the clippings.
        """
        return not generator.adapted or (
            draft.parts == 1 and shape(draft.question) is Shape.FACT and 0 < len(draft.found.split()) <= FEW_WORDS
        )

    def _prompt(self, draft: Draft, generator: Generator) -> Prompt:
        return write_prompt(
            draft.question,
            draft.clippings(self.settings.sentences),
            draft.passages,
            generator,
            answer_tokens=self.settings.answer_tokens,
            found=draft.marked,
        )

    def _model_sentences(self, draft: Draft, generator: Generator, stop: threading.Event) -> Iterator[Step]:
        """The model's sentences as they are finished, each checked; the first that fails becomes the best clipping."""
        prompt = self._prompt(draft, generator)
        draft.read, draft.tokens_read = len(prompt.shown), prompt.tokens
        ticket = generator.turns.join()
        try:
            yield from _until_served(ticket, stop)
            if stop.is_set():
                return
            yield Begun(draft.read)
            pieces = generator.stream(prompt.messages, max_tokens=self.settings.answer_tokens, stop=stop)
            with _closed_after(pieces):
                for written in _as_sentences(pieces, draft):
                    said = None if stop.is_set() else draft.judge(written, prompt.shown)
                    if said is not None:
                        yield said
                    if len(draft.said) >= MAX_SENTENCES:
                        break
        finally:
            ticket.leave()


def _unwatched(steps: Iterator[Step]) -> Iterator[Step]:
    """Nobody counts."""
    return steps


HISTORY = 6
"""Earlier questions that a follow-up may lean on."""


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


def _until_served(ticket: Ticket, stop: threading.Event) -> Iterator[Waiting]:
    """Each new place in the queue, with 0 at last; nothing for whoever is served at once. Ends early on `stop`."""
    told = 0
    while (place := ticket.place) and not stop.is_set():
        if place != told:
            yield Waiting(place)
        told = place
        ticket.wait(POLL_SECONDS)
    if told and not stop.is_set():
        yield Waiting(0)


@contextmanager
def _closed_after(pieces: Iterator[object]) -> Iterator[None]:
    """Close a generator at once, so that the model is free for the next question."""
    try:
        yield
    finally:
        if isinstance(pieces, GeneratorType):
            pieces.close()


def _as_sentences(pieces: Iterator[str], draft: Draft) -> Iterator[str]:
    """Whole sentences out of the model's stream, until it repeats itself; what it wrote is kept in `draft.raw`."""
    given: list[str] = []
    for piece in pieces:
        draft.raw += piece
        draft.tokens_written += 1
        *ready, unfinished = split_sentences(draft.raw) or [""]
        if unfinished.startswith(("[", "【", "(")):  # perhaps the marker of the sentence before
            ready = ready[:-1]
        for sentence in ready[len(given) :]:
            if _plain(sentence) in map(_plain, given):
                return
            given.append(sentence)
            yield sentence
        if _goes_in_circles(draft.raw):
            return
    yield from split_sentences(draft.raw)[len(given) :]


def _plain(sentence: str) -> str:
    return strip_markers(sentence)[0].casefold()


def _goes_in_circles(text: str) -> bool:
    """Whether a text ends in the same 1 to 80 characters again and again: four times, and 40 characters at least."""
    return len(text) > 40 and any(text.endswith(text[-size:] * max(4, math.ceil(40 / size))) for size in range(1, 81))
