"""The pipeline from a question to an Answer: analysis, retrieval, answerability, selection or generation, checks.

    typed text -> Question -> passages -> ranked sentences -> refusal, or
    evidence shown -> sentences selected -> model's sentences with citations, or quotations -> Answer

A small model's sentence is kept only if a clipping supports it and it adds something to the words of the question.
Otherwise sentences of the clippings are quoted instead.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import GeneratorType

import prompts
from index import Filters, Hit, Index
from index.errors import CannotRun
from rag.answer import Answer, Outcome, Timings
from rag.answering import lead, next_questions, refusal, selection, talk
from rag.answering import prompt as prompting
from rag.answering.active_answers import Running
from rag.answering.clock import Clock
from rag.answering.draft import Draft
from rag.answering.following_up import followed_up
from rag.answering.prompt import NOT_SAID, Prompt, answer_prompt, fit_prompt
from rag.answering.selection import Chosen, choose
from rag.answering.sentence_stream import as_sentences, without_thoughts
from rag.answering.steps import Begun, Found, Said, Step, Waiting
from rag.grounding.verifier import Verifier
from rag.llm.fair_queue import POLL_SECONDS, Ticket, Turns
from rag.llm.generation import CAPABLE, LARGE, Generator, cores
from rag.question.kinds import FORMS, Kind
from rag.question.question import ENGLISH, Exchange, History, Question, checked_question
from rag.question.understanding import Understanding
from rag.reader.reader import Reads
from rag.retrieval.conflicts import SURE, conflicting
from rag.retrieval.evidence import Found as FoundSentences
from rag.retrieval.evidence import choose_evidence
from rag.retrieval.finding import Finder, Findings, Scores
from rag.retrieval.listed import listed
from rag.retrieval.nationalities import names_another
from rag.retrieval.other_languages import ON_TOPIC
from rag.settings import Settings

FEW_SENTENCES = 3
"""The most sentences of a small model in an answer."""

MAX_SENTENCES = 8
"""The most sentences of a capable model in an answer: people read and check only short answers."""

TOKENS_PER_WORD = 1.6
"""Token limit of an answer per word of the longest answer of its kind, citation markers included."""

FEW_WORDS = 12
"""Longest span marked by the reader that counts as an answer; where the reader is unsure, its span is longer."""


class Chatbot:
    """Answers questions from one index, with one language model, or by quotations alone if there is no model."""

    def __init__(
        self,
        index: Index,
        generator: Generator | None,
        settings: Settings | None = None,
        *,
        reader: Reads | None = None,
        understanding: Understanding | None = None,
        scores: Scores | None = None,
    ) -> None:
        """`understanding` and `scores` default to the trained models that come with the package.

        A question is refused if the probability that the articles contain its answer is below `threshold`. `watch`
        wraps the step iterator of every answer, for metrics; `searches` is the queue for searches.
        """
        self.index = index
        self.generator = generator
        self.settings = settings or Settings()
        self.scores = scores or Scores.load(reading=reader is not None)
        self.understanding = understanding or Understanding(reader)
        self.reader = reader
        self.verifier = Verifier(reader)
        self.threshold = self.scores.answerable.threshold
        self.searches = Turns(cores())  # more searches than cores at once would only delay the first ones
        # A thread that has searched keeps memory, and the threads that PyTorch or FAISS started for it, until it ends;
        # the thread of a question may wait a minute for the model. So searches run in threads of this pool.
        self._searchers = ThreadPoolExecutor(cores(), "clippings-search")
        self.watch: Callable[[Iterator[Step]], Iterator[Step]] = _unwatched
        self._opening_questions: dict[int, tuple[str, ...]] = {}
        self._opening_lock = threading.Lock()
        self._running = Running()

    @property
    def model_name(self) -> str | None:
        """Name of the language model; None if there is none and answers only quote clippings."""
        return self.generator.name if self.generator else None

    def close(self) -> None:
        """Stops all running answers and index changes with CannotRun, and rejects those that are started later."""
        self._running.close()
        self.index.stop_changes()

    def warm(self) -> None:
        """Loads the index and fills the model's cache in advance, so that the first question need not wait seconds."""
        for warmed in [self._searchers.submit(self.index.warm) for _ in range(cores())]:
            warmed.result()
        if self.generator is not None:
            prompting.warm(self.generator)

    def opening_questions(self) -> tuple[str, ...]:
        """Returns up to five questions that the articles answer, made of them anew for each version of the index.

        Takes seconds after a change of the index. Empty if there are no articles.
        """
        with self._opening_lock:
            version = self.index.version
            if version not in self._opening_questions:
                self._opening_questions.clear()  # of earlier versions
                self._opening_questions[version] = next_questions.opening_questions(self.index, self._is_answered)
            return self._opening_questions[version]

    def _is_answered(self, question: str) -> bool:
        findings = self._searchers.submit(self._finder().find, question, [], Filters()).result()
        draft = self._draft(findings)
        return bool(draft.candidates) and not self._is_unanswered(draft)

    def search(
        self,
        question: str,
        *,
        top_k: int | None = None,
        history: History = (),
        filters: Filters = Filters(),
    ) -> list[Hit]:
        """Returns the `top_k` best passages for a question, best first; `top_k` defaults to the setting of that name.

        Raises WrongUse for an empty or overlong question.
        """
        return self._finder().passages(checked_question(question), _questions(history), filters, top_k)

    def ask(self, question: str, *, history: History = (), filters: Filters = Filters()) -> Answer:
        """Returns the complete answer; arguments and errors as in `stream`."""
        *_, answer = self.stream(question, history=history, filters=filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
    ) -> Iterator[Step]:
        """Yields `Found` first, then `Said` for each sentence as soon as it is ready, finally the `Answer`.

        Yields `Waiting` whenever the position in a queue changes: before `Found` in the queue for searches, after it in
        that for the model; `Begun` when the model starts to read. `history` contains the earlier questions, oldest
        first, alone or with their answers, which a capable model reads. Setting `stop`, from any thread, ends the
        iterator within half a second, without an `Answer`; closing the iterator also stops the model.
        Raises WrongUse for an empty or overlong question, CannotRun when the index or a model is missing.
        """
        return self.watch(self._running_steps(question, history, filters, stop or threading.Event()))

    def _running_steps(
        self, question: str, history: History, filters: Filters, stop: threading.Event
    ) -> Iterator[Step]:
        """Runs the steps on a copy of this chatbot, so that a change of model or settings meanwhile has no effect."""
        step: Step | None = None
        steps = copy.copy(self)._steps(question, history, filters, stop)
        with self._running.until_closed(stop), _closed_after(steps):
            for step in steps:
                yield step
        if not isinstance(step, Answer):
            self._running.check()

    def _steps(self, typed: str, history: History, filters: Filters, stop: threading.Event) -> Iterator[Step]:
        clock = Clock()
        typed = checked_question(typed)
        ticket = self.searches.join()
        try:
            yield from _until_served(ticket, stop)
            if stop.is_set():
                return
            findings = self._searchers.submit(self._finder().find, typed, _questions(history), filters).result()
        finally:
            ticket.leave()
        draft = self._draft(findings)
        draft.turns = [turn if isinstance(turn, Exchange) else Exchange(turn) for turn in history]
        clock.evidence = clock.seconds()
        yield Found(findings.asked, draft.passages)
        outcome = Outcome.ANSWERED
        for step in self._said(findings, draft, filters, stop):
            if isinstance(step, Outcome):
                outcome = step
                continue
            if isinstance(step, Said):
                clock.first_word = clock.first_word or clock.seconds()
            yield step
        if stop.is_set():
            return
        yield Answer(
            asked=findings.asked,
            outcome=outcome,
            sentences=tuple(said.sentence for said in draft.said),
            citations=tuple(dict.fromkeys(c for said in draft.said for c in said.citations)),
            passages=draft.passages,
            timings=Timings(clock.evidence, clock.first_word, clock.seconds()),
            model=self.model_name,
            index_version=findings.version,
            lead=draft.lead,
            suggestions=draft.suggestions,
            confidence=draft.confidence,
            found=draft.found,
            listed=draft.listed,
            raw=draft.raw,
            read=draft.read,
            replaced=tuple(draft.replaced),
            undated=findings.undated,
            tokens_read=draft.tokens_read,
            tokens_written=draft.tokens_written,
        )

    def _finder(self) -> Finder:
        return Finder(self.index, self.understanding, self.scores, self.reader, top_k=self.settings.top_k)

    def _draft(self, findings: Findings) -> Draft:
        found = findings.found
        if found is None:
            return Draft(findings.answered, (), (), 0.0)
        question, candidates, form = findings.answered, found.candidates, FORMS[findings.answered.kind]
        reports = conflicting(question, candidates)
        items = listed(candidates, form) if question.kind is Kind.LIST else []
        chosen = selection.first_items(items, form) or choose(candidates, form)
        # Markers of an answer that is quoted count up; a capable model cites in an order of its own.
        quoted = [report.candidate for report in reports] or [one.candidate for one in chosen]
        shown = max(self.settings.sentences, form.sentences)
        passages = choose_evidence(candidates, sentences=shown, first=[] if self._capable else quoted)
        draft = Draft(question, candidates, passages, self._confidence(question, found) if candidates else 0.0)
        draft.reports, draft.items, draft.chosen = reports, items, chosen
        return draft

    def _confidence(self, question: Question, found: FoundSentences) -> float:
        """Returns the probability of an answer; in other languages than English the share of the words in a passage."""
        if question.language != ENGLISH:
            return found.signals["context"]
        return self.scores.answerable.probability(found.signals, question.kind)

    def _is_unanswered(self, draft: Draft) -> bool:
        if draft.question.language != ENGLISH:
            return draft.confidence < ON_TOPIC
        return draft.confidence < self.threshold or names_another(draft.question.plain, draft.candidates[0].hit)

    def _said(
        self, findings: Findings, draft: Draft, filters: Filters, stop: threading.Event
    ) -> Iterator[Step | Outcome]:
        """Yields the lead and the sentences; and the outcome, if it is another than ANSWERED."""
        found = findings.found
        if found is None:
            outcome, said = self._talk(findings.asked, filters)
            yield outcome
            yield draft.begin(said)
        elif found.missing_title:
            yield Outcome.NOT_COVERED
            yield draft.begin(prompts.render("no_such_title", title=found.missing_title))
        elif not found.candidates:
            outcome, said = refusal.nothing_found(filters, draft.question.language)
            yield outcome
            yield draft.begin(said)
        elif self._is_unanswered(draft):
            yield from self._refusal(findings.answered, found, draft)
        elif findings.asked is not findings.answered:
            yield from followed_up(findings.asked, draft)
        else:
            yield from self._write(draft, stop)
            cited = [citation for said in draft.said for citation in said.citations]
            draft.suggestions = next_questions.related(draft.question, draft.candidates, cited)

    def _talk(self, asked: Question, filters: Filters) -> tuple[Outcome, str]:
        """Answers small talk or a question about the archive; the latter is refused if there are no articles."""
        if asked.kind is not Kind.ARCHIVE:
            return Outcome.TALK, talk.talk(asked, self.index)
        about = talk.about_archive(asked, self.index, filters)
        return (Outcome.TALK, about) if about else refusal.nothing_found(filters)

    def _refusal(self, question: Question, found: FoundSentences, draft: Draft) -> Iterator[Step | Outcome]:
        strange = refusal.unknown_names(question, self.index)
        outcome, said = refusal.refuse(question, found, strange)
        yield outcome
        language = question.language
        meant = refusal.probably_meant(question, strange, found.candidates) if language == ENGLISH else ""
        said += f" {prompts.render('did_you_mean', question=meant)}" if meant else ""
        others = next_questions.about_articles(question, found.candidates)
        others = others or next_questions.on_newest_articles(self.index)
        draft.suggestions = tuple(filter(None, (meant, *others)))[: next_questions.MOST]
        nearest = refusal.nearest(question, found) if outcome is Outcome.NOT_SAID else []
        yield draft.begin(f"{said} {prompts.render('they_say')}" if nearest else said)
        yield from draft.quote(nearest)

    def own_words(self, question: str, history: History = ()) -> tuple[str, int]:
        """For evaluation: the model's unchecked answer without its reasoning, and the number of passages it read.

        Raises CannotRun if there is no model.
        """
        if self.generator is None:
            raise CannotRun("There is no language model whose own words could be measured. Leave out --no-llm.")
        draft = self._draft(self._finder().find(question, _questions(history), Filters()))
        prompt, room = self._prompt(draft, self.generator)
        pieces = self.generator.stream(prompt.messages, max_tokens=room)
        return "".join(without_thoughts(pieces)).strip(), len(prompt.shown)

    def _write(self, draft: Draft, stop: threading.Event) -> Iterator[Step | Outcome]:
        """Yields the answer. Reports that disagree are quoted with dates, without the model, which would choose one."""
        form = FORMS[draft.question.kind]
        if draft.reports:
            yield draft.begin(lead.of_differing_reports(draft.reports), listed=True)
            yield from draft.quote_reports(draft.reports)
            return
        chosen = draft.chosen
        missing = selection.missing_side(draft.question, chosen)
        if missing:
            yield Outcome.PARTLY
        note = lead.of_items(len(chosen), len(draft.items)) or _note(draft.question)
        said = prompts.render("side_missing", side=missing) if missing else note
        yield draft.begin(said, listed=form.points and len(chosen) > 1)
        if self.generator is not None and self._may_write(self.generator, draft):
            yield from self._model_sentences(draft, self.generator, chosen, stop)
        if not stop.is_set() and (not draft.said or self._is_backed(draft.question.kind)):
            yield from draft.quote(_that_fit(chosen, draft, form.words))

    def _is_backed(self, kind: Kind) -> bool:
        """Whether quotations follow the model's sentences, because answers of small models leave too much out."""
        if not self._capable:
            return kind is Kind.FACT
        return self.generator is not None and self.generator.parameters < LARGE

    @property
    def _capable(self) -> bool:
        """Whether the model is large enough to answer in its own words, and has no adapter."""
        return self.generator is not None and not self.generator.adapted and self.generator.parameters >= CAPABLE

    def _may_write(self, generator: Generator, draft: Draft) -> bool:
        """Whether the model is called at all.

        A small model is called for English questions of fact only, and with an adapter only if the reader is sure of a
        short answer. Otherwise whole sentences of the clippings are the better answer.
        """
        few = 0 < len(draft.found.split()) <= FEW_WORDS and draft.candidates[0].says >= SURE
        small = draft.question.kind is Kind.FACT and (few or not generator.adapted)
        return self._capable or (small and draft.question.language == ENGLISH)

    def _prompt(self, draft: Draft, generator: Generator) -> tuple[Prompt, int]:
        """Returns the prompt, and the most tokens that the answer may have."""
        if self._capable:
            room = max(self.settings.answer_tokens, round(TOKENS_PER_WORD * FORMS[draft.question.kind].words))
            return answer_prompt(draft.question, draft.passages, draft.turns, generator, answer_tokens=room), room
        room = self.settings.answer_tokens
        sentences = draft.clippings(self.settings.sentences)
        found = draft.marked if generator.adapted else ""
        return fit_prompt(draft.question.searched, sentences, generator, answer_tokens=room, found=found), room

    def _model_sentences(
        self, draft: Draft, generator: Generator, chosen: Sequence[Chosen], stop: threading.Event
    ) -> Iterator[Step]:
        """Yields the model's sentences as they are completed, each checked by the verifier."""
        prompt, room = self._prompt(draft, generator)
        draft.read, draft.tokens_read = len(prompt.shown), prompt.tokens
        ticket = generator.turns.join()
        try:
            yield from _until_served(ticket, stop)
            if stop.is_set():
                return
            yield Begun(draft.read)
            pieces = generator.stream(prompt.messages, max_tokens=room, stop=stop)
            with _closed_after(pieces):
                for written in as_sentences(without_thoughts(pieces), draft):
                    if stop.is_set() or self._is_long_enough(draft, written):
                        break
                    yield from self._judged(written, draft, prompt, chosen)
        finally:
            ticket.leave()

    def _is_long_enough(self, draft: Draft, written: str) -> bool:
        """Whether the model's next sentence would be one too many, or longer than answers of this kind may be."""
        if not self._capable:
            return len(draft.said) >= FEW_SENTENCES
        room = FORMS[draft.question.kind].words - draft.words
        return bool(draft.said) and (len(draft.said) >= MAX_SENTENCES or len(written.split()) > room)

    def _judged(self, written: str, draft: Draft, prompt: Prompt, chosen: Sequence[Chosen]) -> Iterator[Said]:
        if not self._capable:
            yield from draft.judge_few_words(written, prompt.shown, self.verifier, chosen)
        elif NOT_SAID not in written:
            yield from draft.judge(written, prompt.shown, self.verifier, strict=self.settings.strict)


def _note(question: Question) -> str:
    """Returns how far an answer can be trusted that was found by words alone; empty for an English question."""
    return "" if question.language == ENGLISH else prompts.render("by_words", question.language)


def _that_fit(chosen: Sequence[Chosen], draft: Draft, words: int) -> Sequence[Chosen]:
    """The sentences that fit into `words` words together with those already in the draft; all if the draft is empty."""
    room = words - draft.words
    kept: list[Chosen] = []
    for one in chosen:
        length = len(one.text.split())
        if not draft.said or length <= room:
            kept.append(one)
            room -= length
    return kept


def _questions(history: History) -> list[str]:
    return [turn.question if isinstance(turn, Exchange) else turn for turn in history]


def _unwatched(steps: Iterator[Step]) -> Iterator[Step]:
    """The default of `Chatbot.watch`: returns the steps unchanged."""
    return steps


def _until_served(ticket: Ticket, stop: threading.Event) -> Iterator[Waiting]:
    """Yields each new position in the queue, 0 last; nothing if the ticket is served at once. Ends early on `stop`."""
    reported = 0
    while (place := ticket.place) and not stop.is_set():
        if place != reported:
            yield Waiting(place)
        reported = place
        ticket.wait(POLL_SECONDS)
    if reported and not stop.is_set():
        yield Waiting(0)


@contextmanager
def _closed_after(pieces: Iterator[object]) -> Iterator[None]:
    """Closes a generator on exit, so that the model is free for the next question at once."""
    try:
        yield
    finally:
        if isinstance(pieces, GeneratorType):
            pieces.close()
