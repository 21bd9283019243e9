"""The state of an answer in progress, and the rules by which sentences are added to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.language.sentences import Span
from rag.answer import Citation, Evidence, Level
from rag.answering.prompt import marked
from rag.answering.selection import SAME_WORDS, Chosen
from rag.answering.steps import Lead, Said
from rag.grounding.citations import cited, quote, strip_markers
from rag.grounding.verifier import Verifier
from rag.question.kinds import FORMS, Kind
from rag.question.question import Exchange, Question
from rag.retrieval.conflicts import Report
from rag.retrieval.evidence import Candidate, clippings, whole_quotation
from rag.text import terms

DATED = (Kind.OVERVIEW, Kind.LATEST, Kind.TIMELINE)
"""Kinds whose sentences are shown with the date of their article, if their articles have different dates."""


class Draft:
    """An answer in progress: the ranked candidates, the evidence, and the sentences added so far (`said`).

    `reports` are those that disagree, `items` those of a printed list, and `chosen` the sentences to be quoted.
    """

    def __init__(
        self, question: Question, candidates: Sequence[Candidate], passages: Sequence[Evidence], confidence: float
    ) -> None:
        self.question = question
        self.candidates = candidates
        self._by_hit = {id(e.hit): e for e in passages}
        self.passages = tuple(passages)
        self.confidence = confidence
        self.reports: Sequence[Report] = ()
        self.items: Sequence[Candidate] = ()
        self.chosen: Sequence[Chosen] = ()
        self.lead = ""
        self.listed = False
        self.suggestions: tuple[str, ...] = ()
        self.turns: list[Exchange] = []
        self.said: list[Said] = []
        self.replaced: list[str] = []
        self.raw = ""
        self.read = 0
        self.tokens_read = 0
        self.tokens_written = 0

    @property
    def words(self) -> int:
        """The number of words of the sentences added so far."""
        return sum(len(said.sentence.text.split()) for said in self.said)

    def begin(self, lead: str, *, listed: bool = False) -> Lead:
        """Sets and returns the lead; with `listed` each sentence after it is shown on a separate line."""
        self.lead, self.listed = lead, listed
        return Lead(lead, listed)

    def clippings(self, count: int) -> list[tuple[Evidence, Span]]:
        """Returns the best `count` sentences with the evidence they belong to, best first."""
        return clippings(self.candidates[:count], self.passages)

    @property
    def found(self) -> str:
        """The answer marked by the reader in the best sentence; empty if there was no reader."""
        return self.candidates[0].answer_text if self.candidates else ""

    @property
    def marked(self) -> str:
        """The answer marked by the reader, with its citation marker, as the prompt gives it to the model."""
        return marked(self.candidates[0], self._by_hit[id(self.candidates[0].hit)])

    def judge(self, written: str, shown: Sequence[Evidence], verifier: Verifier, *, strict: bool) -> Iterator[Said]:
        """Yields the model's sentence with its level and citations, or a quotation in its place, or nothing.

        Sentences are left out that repeat the draft, that add nothing to the words of the question, or that rest on
        clippings too unlikely to belong to an answer of this kind. A sentence that the verifier rejects is replaced by
        the nearest span of the evidence. With `strict`, sentences of level OWN_WORDS are rejected, too.
        """
        text, marked = strip_markers(written)
        verdict = verifier.verdict(text, self.question.plain, shown, marked)
        likely = verdict is not None and any(self._is_likely(*place) for place in verdict.spans)
        if verdict is None or not likely or not self._says_something(text):
            self.replaced.append(written)
            return
        level = None if strict and verdict.level is Level.OWN_WORDS else verdict.level
        if level is None:
            self.replaced.append(written)
            yield from self.quote([self._as_chosen(*verdict.spans[0])])
        elif not self._already(text):
            yield self._add(Said(*cited(text, verdict, level)))

    def judge_few_words(
        self, written: str, shown: Sequence[Evidence], verifier: Verifier, chosen: Sequence[Chosen]
    ) -> Iterator[Said]:
        """Yields a small model's sentence if `chosen` supports it and it shares a word with the reader's answer."""
        text, marked = strip_markers(written)
        verdict = verifier.verdict(text, self.question.plain, _narrowed(shown, chosen), marked)
        level = verdict.level if verdict else None
        agreed = self._says_something(text) and self._reader_agrees(text, chosen)
        if verdict is None or level not in (Level.QUOTED, Level.SUPPORTED) or not agreed:
            self.replaced.append(written)
        elif not self._already(text):
            yield self._add(Said(*cited(text, verdict, level)))

    def _as_chosen(self, item: Evidence, span: Span) -> Chosen:
        """Returns a span of the evidence as a sentence to quote, extended to the whole quotation that contains it."""
        candidate = next((c for c in self.candidates if c.hit is item.hit and c.span == span), None)
        candidate = candidate or Candidate(item.hit, span, 0.0)
        return Chosen(replace(candidate, answer=None), whole_quotation(item.hit, span))

    def _is_likely(self, item: Evidence, span: Span) -> bool:
        """Whether a sentence in the span of the evidence is likely enough to belong to an answer of this kind."""
        form = FORMS[self.question.kind]
        floor = max(form.floor, form.share * self.candidates[0].probability)
        return any(
            c.probability >= floor and c.hit is item.hit and c.span[0] < span[1] and span[0] < c.span[1]
            for c in self.candidates
        )

    def quote(self, chosen: Sequence[Chosen]) -> Iterator[Said]:
        """Yields the sentences as quotations, except those that a citation of the draft already overlaps.

        After the model's words, only what agrees with them is marked in the quotations as the answer.
        """
        days = {one.candidate.hit.article.published for one in chosen}
        dated = self.question.kind in DATED and len(days) > 1
        answered = terms.stems(" ".join(said.sentence.text for said in self.said))
        for one in chosen:
            if not any(_rests_on(citation, one) for said in self.said for citation in said.citations):
                agrees = not answered or bool(answered & terms.stems(one.candidate.answer_text))
                marked = one if agrees else replace(one, candidate=replace(one.candidate, answer=None))
                yield self._add(self._quoted(marked, dated=dated))

    def quote_reports(self, reports: Sequence[Report]) -> Iterator[Said]:
        """Yields reports that disagree as quotations, each with its date, and with who counted where that differs."""
        for report in reports:
            said = self._quoted(Chosen(report.candidate, report.candidate.span), dated=True)
            yield self._add(replace(said, sentence=replace(said.sentence, counted_by=report.counted_by)))

    def _quoted(self, one: Chosen, *, dated: bool) -> Said:
        sentence, citations = quote(self._by_hit[id(one.candidate.hit)], one.span, one.candidate.answer)
        return Said(replace(sentence, as_of=one.candidate.hit.article.published if dated else None), citations)

    def _says_something(self, text: str) -> bool:
        return bool(terms.stems(text) - terms.question_stems(self.question.plain))

    def _reader_agrees(self, text: str, chosen: Sequence[Chosen]) -> bool:
        pointed = [terms.stems(one.candidate.answer_text) for one in chosen if one.candidate.answer_text]
        return not pointed or any(words & terms.stems(text) for words in pointed)

    def _add(self, said: Said) -> Said:
        self.said.append(said)
        return said

    def _already(self, text: str) -> bool:
        """Whether the draft already contains most of the words of `text`."""
        before = terms.stems(" ".join(said.sentence.text for said in self.said))
        new = terms.stems(text)
        return len(new & before) >= SAME_WORDS * len(new)


def _narrowed(shown: Sequence[Evidence], chosen: Sequence[Chosen]) -> list[Evidence]:
    """Returns the evidence restricted to spans that overlap the chosen sentences."""

    def leads(item: Evidence, span: Span) -> bool:
        return any(
            one.candidate.hit.article.id == item.hit.article.id and one.span[0] < span[1] and span[0] < one.span[1]
            for one in chosen
        )

    narrowed = (replace(item, spans=tuple(span for span in item.spans if leads(item, span))) for item in shown)
    return [item for item in narrowed if item.spans]


def _rests_on(citation: Citation, one: Chosen) -> bool:
    """Whether the citation overlaps the chosen sentence."""
    a, b = one.span
    return citation.article_id == one.candidate.hit.article.id and citation.start < b and a < citation.end
