"""An answer in the making: what was found, what has been said, and what may be said next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.sentences import Span
from rag import relevance, wording
from rag.answer import Citation, Evidence, Origin, Sentence
from rag.citing import cite, quote
from rag.disagreeing import disagreeing
from rag.evidence import Candidate, clippings, with_speaker
from rag.parts import parts
from rag.prompting import marked
from rag.shape import Shape, shape
from rag.steps import Said

MAX_SENTENCES = 3
"""Sentences of an answer: short is what people read and check."""

SECOND_CLIPPING = 0.5
"""A second clipping is quoted when it is at least this share as likely as the best to hold the answer."""

SURE = 0.7
"""A fact in the model's words stands alone from this probability of its clipping on: a second one was seldom of use."""

SAME = 0.8
"""Share of a sentence's words that makes it a repetition of what was said."""


class Draft:
    """An answer in the making."""

    def __init__(self, question: str, ranked: Sequence[Candidate], passages: Sequence[Evidence]) -> None:
        self.question = question
        self._ranked = ranked
        self._by_hit = {id(e.hit): e for e in passages}
        self.passages = passages
        self.parts = len(parts(question))
        self.confidence = max((c.probability for c in ranked), default=0.0)
        self.said: list[Said] = []
        self.replaced: list[str] = []
        self.raw = ""
        self.read = 0
        self.tokens_read = 0
        self.tokens_written = 0

    def clippings(self, count: int) -> list[tuple[Evidence, Span]]:
        """The best `count` sentences with the evidence they belong to, best first."""
        return clippings(self._ranked[:count], self.passages)

    @property
    def found(self) -> str:
        """What the reader takes for the answer; empty if it has not read."""
        return self._ranked[0].answer_text if self._ranked else ""

    @property
    def marked(self) -> str:
        """What the reader takes for the answer, as the model is told."""
        return marked(self._ranked[0], self._by_hit[id(self._ranked[0].hit)])

    def judge(self, written: str, shown: Sequence[Evidence]) -> Said | None:
        """The model's sentence with its citation; the best clipping in its place; None if that was said already.

        What is true and beside the point goes as well: the sentence must rest on a clipping that may hold the answer,
        and share a word with what the reader takes for it there.
        """
        cited = cite(written, self._leading(shown), self.question)
        if cited and relevance.says_something(self.question, cited[0].text) and self._reader_agrees(cited[0].text):
            return self._add(Said(*cited)) if not self._already(cited[0].text) else None
        self.replaced.append(written)
        return self.quote_best() if not self.said else None

    def quote_best(self) -> Said:
        """The clipping that most likely holds the answer."""
        return self._add(Said(*self._quote(self._ranked[0])))

    def quote_reports(self, threshold: float) -> Iterator[Said]:
        """Each of the reports that disagree, the latest first; nothing if they agree."""
        for candidate in disagreeing(self.question, self._ranked, threshold):
            sentence, citations = self._quote(candidate)
            yield self._add(Said(replace(sentence, as_of=candidate.hit.article.published), citations))

    def more_clippings(self, threshold: float) -> Iterator[Said]:
        """For a question of several parts the best clipping of each, if it is likely enough to hold an answer.

        For a simple one as many as its shape wants, if they are nearly as likely as the first; nothing that was said
        already.
        """
        if self._fact_is_sure():
            return
        floor = threshold if self.parts > 1 else SECOND_CLIPPING * self._ranked[0].probability
        most = self.parts if self.parts > 1 else shape(self.question).value
        for candidate in self._ranked[:most]:
            if len(self.said) >= max(MAX_SENTENCES, most) or candidate.probability < floor:
                continue
            quoted = (citation for said in self.said for citation in said.citations)
            if not any(_rests_on(cited.article_id, (cited.start, cited.end), candidate) for cited in quoted):
                said = Said(*self._quote(candidate))
                if not self._already(said.sentence.text):
                    yield self._add(said)

    def _fact_is_sure(self) -> bool:
        fact = self.parts == 1 and shape(self.question) is Shape.FACT
        written = bool(self.said) and self.said[0].sentence.origin is Origin.MODEL
        return fact and written and self._ranked[0].probability >= SURE

    @property
    def _leaders(self) -> Sequence[Candidate]:
        """The likeliest sentences: for a fact the very first, else one for each place."""
        form = shape(self.question)
        return self._ranked[: self.parts if self.parts > 1 else 1 if form is Shape.FACT else form.value]

    def _reader_agrees(self, text: str) -> bool:
        found = [wording.stems(candidate.answer_text) for candidate in self._leaders if candidate.answer_text]
        return not found or any(words & wording.stems(text) for words in found)

    def _leading(self, shown: Sequence[Evidence]) -> list[Evidence]:
        """The evidence narrowed to the likeliest sentences."""

        def leads(item: Evidence, span: Span) -> bool:
            return any(_rests_on(item.hit.article.id, span, candidate) for candidate in self._leaders)

        narrowed = (replace(item, spans=tuple(span for span in item.spans if leads(item, span))) for item in shown)
        return [item for item in narrowed if item.spans]

    def _quote(self, candidate: Candidate) -> tuple[Sentence, tuple[Citation, ...]]:
        span = with_speaker(candidate.hit, candidate.span)
        return quote(self._by_hit[id(candidate.hit)], span, candidate.answer)

    def _add(self, said: Said) -> Said:
        self.said.append(said)
        return said

    def _already(self, text: str) -> bool:
        """Whether the words of `text` have been said."""
        before = wording.stems(" ".join(said.sentence.text for said in self.said))
        new = wording.stems(text)
        return len(new & before) >= SAME * len(new)


def _rests_on(article_id: str, span: Span, candidate: Candidate) -> bool:
    """Whether the span of the article is the candidate's sentence, or has a part of it."""
    return candidate.hit.article.id == article_id and candidate.span[0] < span[1] and span[0] < candidate.span[1]
