"""Questions in other languages than English, which the embedded models do not know: ranked by their words.

The words are compared in the form in which they are indexed, stemmed by language (`index.language.searchable`). The
weights were fitted on half of XQuAD's paragraphs, in six languages together (docs/measured.md).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from index import Filters, Hit, Index
from index.language.searchable import searchable
from index.search.search import Weights
from rag.question.question import Question
from rag.reader.reader import Reads
from rag.retrieval.evidence import Found, rank_sentences
from rag.retrieval.scoring import Model


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of questions: answer in the first five passages, answer in what is shown, refused."""

    found: float
    answered: float
    refused: float


MEASURED: dict[str, Figures | None] = {
    "English": None,
    "Arabic": Figures(0.94, 0.65, 0.02),
    "Chinese": Figures(0.99, 0.77, 0.04),
    "German": Figures(0.95, 0.71, 0.04),
    "Russian": Figures(0.98, 0.75, 0.03),
    "Spanish": Figures(0.97, 0.75, 0.02),
    "Turkish": Figures(0.94, 0.69, 0.04),
}
"""How well languages are read: 100 or 200 questions each about paragraphs of XQuAD that nothing was fitted on.

None for English, which has measurements of its own (docs/measured.md).
"""

WEIGHTS = Weights(dense=0.2, sentence=1.0, lexical=3.0)
"""For the search: the words decide, the vectors of an English model only among passages with the same words."""

CANDIDATES = 20
"""Number of passages that are searched for, and of which the best are used."""

SCORE_WEIGHT = 5.0
"""Weight of the index's score of a passage, relative to the log odds of its best sentence."""

ON_TOPIC = 0.35
"""Least share of the question's words, weighted by rarity, in one passage; below, the question is refused."""

MODEL = Model("", bias=-11.0, weights={"coverage": 5.0, "context": 5.0, "cosine": 3.0}, kinds={})
"""Log odds of a sentence; see `scoring.FEATURES`."""


CAPITAL_NOUNS = frozenset(("de", "lb"))
"""Languages that write all nouns with a capital, so that it does not tell a name from another word."""

SMALL = 0.3
"""Factor on the weight of a word that occurs in no article and is no name."""

_WORD = re.compile(r"[^\W_]+")


class WordsInLanguage:
    """The words of a question with weights by rarity; see `scoring.Words`.

    A word that occurs nowhere and is no name has a lower weight: the articles may say it otherwise.
    """

    def __init__(self, index: Index, question: Question) -> None:
        frequencies, chunks = index.word_forms(question.plain, question.language)
        _, *after_first = _WORD.findall(question.plain) or [""]
        capitals = question.language not in CAPITAL_NOUNS
        named = {word.lower() for word in after_first if capitals and word[0].isupper()}
        self._nowhere = [forms for forms, n in frequencies.items() if not n]
        self._rarity = {
            forms: math.log(1 + (chunks - n + 0.5) / (n + 0.5)) * (1.0 if n or forms[0] in named else SMALL)
            for forms, n in frequencies.items()
        }
        self._total = sum(self._rarity.values())

    @property
    def unknown(self) -> float:
        """Share of the words, weighted by rarity, that occur in no article; 0 for a question without words."""
        return sum(self._rarity[forms] for forms in self._nowhere) / self._total if self._total else 0.0

    def stems(self, text: str, language: str | None) -> frozenset[str]:
        """Returns the words of a text as they are searched for."""
        return frozenset(searchable(text, language).lower().split())

    def covered(self, stems: frozenset[str]) -> float:
        """Returns the share of the question's words in `stems`, weighted by rarity; 1 for a question without words."""
        if not self._total:
            return 1.0
        return sum(weight for forms, weight in self._rarity.items() if not stems.isdisjoint(forms)) / self._total


def find_passages(index: Index, question: Question, *, top_k: int, filters: Filters) -> list[Hit]:
    """Returns the `top_k` best passages for a question in another language than English, best first."""
    words = WordsInLanguage(index, question)
    hits = index.search(
        question.plain, top_k=max(CANDIDATES, top_k), filters=filters, weights=WEIGHTS, language=question.language
    )
    best: dict[int, float] = {}
    for candidate in rank_sentences(question, hits, MODEL, index.document_frequencies, words=words).candidates:
        best.setdefault(id(candidate.hit), candidate.log_odds)
    return sorted(hits, key=lambda hit: SCORE_WEIGHT * hit.score + best[id(hit)], reverse=True)[:top_k]


def find_sentences(index: Index, question: Question, reader: Reads | None, *, top_k: int, filters: Filters) -> Found:
    """Returns the sentences of the best passages, the likeliest first, without short answers within them.

    The reader only recognises sentences that address a machine.
    """
    hits = find_passages(index, question, top_k=top_k, filters=filters)
    words = WordsInLanguage(index, question)
    found = rank_sentences(
        question, hits, MODEL, index.document_frequencies, reader=reader, read=len(hits), words=words
    )
    return replace(found, candidates=tuple(replace(candidate, answer=None) for candidate in found.candidates))
