"""From what was typed to what was found: one door for everything that searches, all of one version of the index."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import Filters, Hit, Index
from rag.question.kinds import FORMS, Form, Kind
from rag.question.question import Question
from rag.question.understanding import ABOUT_THE_LAST_ANSWER, Understanding
from rag.reader.reader import Reads
from rag.retrieval import answerable, scoring
from rag.retrieval.evidence import Found, rank_sentences
from rag.retrieval.passages import find_passages

USUAL_PASSAGES = 5
"""The setting `top_k` for which the table of kinds says how many passages are looked at."""

VOTES = 60
"""Votes of the best passage for its article; a whole number for every rank that matters."""

_QUOTED = re.compile(r"[“„\"«]([^“”„\"«»]{8,200})[”“\"»]")

SUBJECT_ARTICLES = 2
"""Articles that earlier questions are taken to be about, for one that goes on from them."""

PASSAGE_SHARE = 0.5
"""Weight of a passage's cosine against its best sentence's, where the article is given."""

OPENING_CHUNKS = 3
"""Chunks from the beginning of an article that a summary of it always reads: news says first what matters most."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The fitted scores: of passages before they are read, of sentences, and of whether there is an answer at all."""

    passages: scoring.Model
    evidence: scoring.Model
    answerable: answerable.Model

    @classmethod
    def load(cls, *, reading: bool) -> Scores:
        """Those that go with the reader, or without."""
        passages = scoring.Model.load(scoring.PASSAGES_FILE)
        if not reading:
            return cls(passages, passages, answerable.Model.load(answerable.UNREAD_FILE))
        return cls(passages, scoring.Model.load(scoring.EVIDENCE_FILE), answerable.Model.load(answerable.FILE))


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found for a question in one version of the index.

    `answered` is the question whose answer is wanted: the one asked, or an earlier one that it is a request about.
    `found` is None where articles were not searched.
    """

    asked: Question
    answered: Question
    found: Found | None
    version: int


class Finder:
    """Understands questions and finds what may answer them. May be used from several threads."""

    def __init__(
        self, index: Index, understanding: Understanding, scores: Scores, reader: Reads | None, *, top_k: int
    ) -> None:
        """`top_k` scales how many passages are looked at; 5 is what the table of kinds was made for."""
        self.index = index
        self.understanding = understanding
        self.scores = scores
        self.reader = reader
        self.top_k = top_k

    def passages(self, typed: str, history: Sequence[str], filters: Filters, top_k: int | None) -> list[Hit]:
        """The best passages for a question, best first, without an answer."""
        question = self.understanding.question(self.index, typed, history)
        wanted = self.top_k if top_k is None else top_k
        return find_passages(self.index, question, self.scores.passages, top_k=wanted, filters=filters)

    def find(self, typed: str, history: Sequence[str], filters: Filters) -> Findings:
        """The question, and the sentences for it; all of one version of the index."""
        while True:
            version = self.index.version
            asked = self.understanding.question(self.index, typed, history)
            answered = asked
            if asked.kind in ABOUT_THE_LAST_ANSWER:
                *before, last = asked.leans_on
                answered = self.understanding.question(self.index, last, before)
            try:
                found = self._sentences(answered, filters) if answered.kind.about_the_articles else None
            except KeyError:  # a chunk of the version before
                continue
            if self.index.version == version:
                return Findings(asked, answered, found, version)

    def _sentences(self, question: Question, filters: Filters) -> Found:
        form = FORMS[question.kind]
        hits = self._passages(question, self._scaled(form.passages), filters)
        if question.leans_on and hits:
            hits = self._continued(question, hits, self._scaled(form.passages), filters)
        if form.one_article and hits:
            title = quoted_title(question.typed)
            named, _ = self.index.page(filters, title=title, limit=1) if title else ([], 0)
            if title and not named:
                return Found((), {}, missing_title=title)
            hits = self._one_article(question, named[0].id if named else _most_found(hits), form)
        return rank_sentences(
            question,
            hits,
            self.scores.evidence,
            self.index.document_frequencies,
            reader=self.reader,
            read=len(hits),
            vectors=self.index.sentence_vectors(hits) if hits else None,
        )

    def _passages(self, question: Question, top_k: int, filters: Filters) -> list[Hit]:
        return find_passages(self.index, question, self.scores.passages, top_k=top_k, filters=filters)

    def _continued(self, question: Question, found: Sequence[Hit], top_k: int, filters: Filters) -> list[Hit]:
        """Passages for a question that goes on from others: first from the articles that those are about.

        In these the question's own words decide, because the subject is given; then comes what was `found` for both.
        """
        subject = replace(question, typed=" ".join(question.leans_on), leans_on=(), corrected="", kind=Kind.FACT)
        votes = _votes(self._passages(subject, USUAL_PASSAGES, filters))
        about = [
            hit
            for article, _ in votes.most_common(SUBJECT_ARTICLES)
            for hit in self.index.whole(article, question.plain)
        ]
        nearest = sorted(about, key=lambda hit: -(hit.sentence + PASSAGE_SHARE * hit.dense))[:top_k]
        chosen = {(hit.chunk.article_id, hit.chunk.ordinal): hit for hit in [*nearest, *found]}
        return list(chosen.values())

    def _one_article(self, question: Question, article_id: str, form: Form) -> list[Hit]:
        """Passages of one article: its first ones, and those nearest to the question, in its order."""
        whole = self.index.whole(article_id, question.searched)
        nearest = sorted(whole[OPENING_CHUNKS:], key=lambda hit: -hit.dense)[: max(0, form.passages - OPENING_CHUNKS)]
        return sorted([*whole[:OPENING_CHUNKS], *nearest], key=lambda hit: hit.chunk.ordinal)

    def _scaled(self, passages: int) -> int:
        return max(1, round(passages * self.top_k / USUAL_PASSAGES))


def quoted_title(typed: str) -> str:
    """What stands between marks of quotation and is long enough to be an article's title; empty if nothing does."""
    found = _QUOTED.search(typed)
    return found[1].strip() if found else ""


def _votes(hits: Sequence[Hit]) -> Counter[str]:
    """The articles' ids with their votes: each passage counts one over its rank."""
    votes: Counter[str] = Counter()
    for rank, hit in enumerate(hits, 1):
        votes[hit.article.id] += VOTES // rank
    return votes


def _most_found(hits: Sequence[Hit]) -> str:
    """The id of the article with the most and the best passages."""
    return _votes(hits).most_common(1)[0][0]
