"""The common interface of all searches: from the typed text to ranked sentences, from one version of the index."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index import Filters, Hit, Index
from rag.question.kinds import FORMS, Form
from rag.question.question import ENGLISH, Question
from rag.question.understanding import ABOUT_THE_LAST_ANSWER, Understanding
from rag.reader.reader import Reads
from rag.retrieval import answerable, other_languages, scoring
from rag.retrieval.evidence import Found, rank_sentences
from rag.retrieval.passages import find_passages
from rag.retrieval.sentence_network import SentenceNetwork

USUAL_PASSAGES = 5
"""The value of the setting `top_k` for which the table of kinds gives the numbers of passages."""

VOTES = 60
"""Votes of the best passage for its article; divisible by 1 to 6, so that the ranks that matter give whole numbers."""

_QUOTED = re.compile(r"[“„\"«]([^“”„\"«»]{8,200})[”“\"»]")

SUBJECT_ARTICLES = 2
"""For a follow-up question: the number of articles that the earlier questions are assumed to be about."""

PASSAGE_SHARE = 0.5
"""Weight of a passage's cosine, relative to that of its best sentence, when passages of given articles are ranked."""

OPENING_CHUNKS = 3
"""First chunks of an article that are always used for its summary, because news puts the most important facts first."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The fitted models: to rank passages before they are read, to rank sentences, and for answerability."""

    passages: scoring.Model
    evidence: scoring.ScoresSentences
    answerable: answerable.Model

    @classmethod
    def load(cls, *, reading: bool) -> Scores:
        """Loads the models to use with the reader, or without it."""
        passages = scoring.Model.load(scoring.PASSAGES_FILE)
        if not reading:
            return cls(passages, passages, answerable.Model.load(answerable.UNREAD_FILE))
        return cls(passages, SentenceNetwork.load(), answerable.Model.load(answerable.FILE))


@dataclass(frozen=True, slots=True)
class Findings:
    """The result for a question in one version of the index.

    `answered` is the question to answer: `asked` itself, or the earlier one if `asked` is a request about its answer.
    `found` is None if articles were not searched; `undated` is the number of articles that were not, because they have
    no date, and the filters limit the dates.
    """

    asked: Question
    answered: Question
    found: Found | None
    version: int
    undated: int = 0


class Finder:
    """Analyses questions and retrieves sentences that may answer them. Thread-safe."""

    def __init__(
        self, index: Index, understanding: Understanding, scores: Scores, reader: Reads | None, *, top_k: int
    ) -> None:
        """`top_k` scales the number of passages that are read; the table of kinds is for 5."""
        self.index = index
        self.understanding = understanding
        self.scores = scores
        self.reader = reader
        self.top_k = top_k

    def passages(self, typed: str, history: Sequence[str], filters: Filters, top_k: int | None) -> list[Hit]:
        """Returns the `top_k` best passages for a question, best first."""
        question = self.understanding.question(self.index, typed, history)
        wanted = self.top_k if top_k is None else top_k
        return find_passages(self.index, question, self.scores.passages, top_k=wanted, filters=filters)

    def find(self, typed: str, history: Sequence[str], filters: Filters) -> Findings:
        """Returns the question and its ranked sentences; searches again if the index changed in between."""
        while True:
            version = self.index.version
            asked = self.understanding.question(self.index, typed, history)
            answered = asked
            if asked.kind in ABOUT_THE_LAST_ANSWER:
                *before, last = asked.leans_on
                answered = self.understanding.question(self.index, last, before)
            try:
                found = self._sentences(answered, filters) if answered.kind.about_the_articles else None
            except KeyError:  # a chunk of the previous version that no longer exists
                continue
            if self.index.version == version:
                undated = self.index.undated(filters) if answered.kind.about_the_articles else 0
                return Findings(asked, answered, found, version, undated)

    def _sentences(self, question: Question, filters: Filters) -> Found:
        form = FORMS[question.kind]
        if question.language != ENGLISH:
            top_k = self._scaled(form.passages)
            return other_languages.find_sentences(self.index, question, self.reader, top_k=top_k, filters=filters)
        # Of a number there may be several reports, which differ: one passage more.
        read = self._scaled(form.passages + round(question.number))
        hits = self._passages(question, read, filters)
        subject = self._subject(question, filters) if question.leans_on and hits else []
        if subject:
            hits = self._continued(question, hits, subject, read)
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
            tokens=self.index.embedder.count_tokens,
            subject=subject,
        )

    def _passages(self, question: Question, top_k: int, filters: Filters) -> list[Hit]:
        return find_passages(self.index, question, self.scores.passages, top_k=top_k, filters=filters)

    def _subject(self, question: Question, filters: Filters) -> list[str]:
        """Returns the ids of the articles that the earlier questions of a follow-up are about, the likeliest first."""
        earlier = Question(question.earlier, period=question.period)
        votes = _votes(self._passages(earlier, USUAL_PASSAGES, filters))
        return [article for article, _ in votes.most_common(SUBJECT_ARTICLES)]

    def _continued(self, question: Question, found: Sequence[Hit], subject: Sequence[str], top_k: int) -> list[Hit]:
        """Returns passages for a follow-up question: first those of the articles `subject`.

        Within these articles, passages are ranked by the question alone, because the subject is given. After them
        follow the passages in `found`, which were searched for with the question and the earlier ones.
        """
        about = [hit for article in subject for hit in self.index.whole(article, question.plain)]
        nearest = sorted(about, key=lambda hit: -(hit.sentence + PASSAGE_SHARE * hit.dense))[:top_k]
        chosen = {(hit.chunk.article_id, hit.chunk.ordinal): hit for hit in [*nearest, *found]}
        return list(chosen.values())

    def _one_article(self, question: Question, article_id: str, form: Form) -> list[Hit]:
        """Returns passages of one article, in its order: the first ones, and those most similar to the question."""
        whole = self.index.whole(article_id, question.searched)
        nearest = sorted(whole[OPENING_CHUNKS:], key=lambda hit: -hit.dense)[: max(0, form.passages - OPENING_CHUNKS)]
        return sorted([*whole[:OPENING_CHUNKS], *nearest], key=lambda hit: hit.chunk.ordinal)

    def _scaled(self, passages: int) -> int:
        return max(1, round(passages * self.top_k / USUAL_PASSAGES))


def quoted_title(typed: str) -> str:
    """Returns the text between quotation marks, if long enough for an article's title (8 characters); else empty."""
    found = _QUOTED.search(typed)
    return found[1].strip() if found else ""


def _votes(hits: Sequence[Hit]) -> Counter[str]:
    """Returns the votes for each article's id: each of its passages adds `VOTES` divided by its rank."""
    votes: Counter[str] = Counter()
    for rank, hit in enumerate(hits, 1):
        votes[hit.article.id] += VOTES // rank
    return votes


def _most_found(hits: Sequence[Hit]) -> str:
    """Returns the id of the article with the most votes."""
    return _votes(hits).most_common(1)[0][0]
