"""Evaluates questions with accepted answers: searches for each, asks it, and measures passages and answer.

`answer_at_k`, `mrr` and `answer_within_Nw` measure at which rank, or within how many words, the passages contain an
accepted answer; `accuracy`, `f1` and `citation_accuracy`, whether the answer and its first citation do; `refused_…`,
whether it was refused; `found_…` is for the answer marked by the reader, `own_…` for the model's unchecked answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index import Article, Hit
from rag.answer import Answer
from rag.chatbot import Chatbot
from rag.evaluation.measures.squad_metrics import contains, f1, first_words
from rag.evaluation.rows import Question
from rag.grounding.citations import strip_markers

RANKS = (1, 5, 10)
WORD_LIMITS = (150, 500, 1000)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one question.

    `rank` is that of the first passage with an accepted answer, from 1; None if no passage has one. `own` is the
    model's unchecked answer, if requested, and `shown` the number of passages in its prompt.
    """

    question: Question
    rank: int | None
    within: dict[int, bool]
    retrieve_seconds: float
    answer: Answer | None
    own: str | None = None
    shown: int = 0

    @property
    def measures(self) -> dict[str, float]:
        """The value, in [0, 1] (1 or 0 for a share), of each measure that applies to this question."""
        answer, accepted = self.answer, self.question.answers
        if not self.question.answerable:
            return {} if answer is None else {"refused_unanswerable": float(answer.refused)}
        found = _passage_measures(self) | ({} if answer is None else _answer_measures(self.question, answer))
        return found | ({} if self.own is None else _own_measures(self.own, self.shown, accepted))

    def to_json(self) -> dict[str, Any]:
        """Returns the result as plain values, for `--out`."""
        row: dict[str, Any] = {
            "question": self.question.text,
            "answerable": self.question.answerable,
            "rank": self.rank,
            "within": {str(limit): held for limit, held in self.within.items()},
            "retrieve_ms": round(1000 * self.retrieve_seconds, 2),
            "measures": {name: round(value, 4) for name, value in self.measures.items()},
        }
        own = {} if self.own is None else {"own": self.own}
        return row | own | ({} if self.answer is None else _answer_json(self.question, self.answer))


def ask(chatbot: Chatbot, question: Question, *, with_answers: bool = True, own_words: bool = False) -> Result:
    """Searches for one question, and asks it if `with_answers`.

    With `own_words`, also gets the model's unchecked answer, if the question is answerable.
    """
    start = time.perf_counter()
    hits = chatbot.search(question.text, history=question.history, top_k=max(RANKS))
    seconds = time.perf_counter() - start
    answer = chatbot.ask(question.text, history=question.history) if with_answers else None
    if answer is not None:
        hits = _in_order([e.hit for e in answer.passages], hits)
    own, shown = chatbot.own_words(question.text, question.history) if own_words and question.answerable else (None, 0)
    return Result(question, _rank(question, hits), _within(question, hits), seconds, answer, own, shown)


def _rank(question: Question, hits: Sequence[Hit]) -> int | None:
    """Returns the rank, from 1, of the first passage of the expected article that contains an accepted answer."""
    texts = [hit.text if _is_of(hit.article, question.article) else "" for hit in hits]
    return next((n for n, text in enumerate(texts, 1) if contains(text, question.answers)), None)


def _within(question: Question, hits: Sequence[Hit]) -> dict[int, bool]:
    """Returns, for each limit, whether that many first words of the passages contain an accepted answer."""
    everything = [hit.text for hit in hits]
    return {limit: contains(first_words(everything, limit), question.answers) for limit in WORD_LIMITS}


def _passage_measures(result: Result) -> dict[str, float]:
    values = {f"answer_at_{k}": float(result.rank is not None and result.rank <= k) for k in RANKS}
    values["mrr"] = 1 / result.rank if result.rank else 0.0
    return values | {f"answer_within_{limit}w": float(result.within[limit]) for limit in WORD_LIMITS}


def _answer_measures(question: Question, answer: Answer) -> dict[str, float]:
    accepted = question.answers
    values = {
        "accuracy": float(is_accurate(question, answer)),
        "f1": 0.0 if answer.refused else f1(plain_text(answer), accepted),
    }
    if not answer.refused:
        quotes = [citation.quote for citation in answer.citations[:1]]
        values["citation_accuracy"] = float(any(contains(quote, accepted) for quote in quotes))
    values["refused_answerable"] = float(answer.refused)
    if answer.found:
        values["found_accuracy"] = float(contains(answer.found, accepted))
        values["found_f1"] = f1(answer.found, accepted)
    return values


def _own_measures(own: str, shown: int, accepted: Sequence[str]) -> dict[str, float]:
    """Measures of the model's unchecked answer: accuracy, F1, and whether it has a marker of a passage it was shown."""
    text, markers = strip_markers(own)
    return {
        "own_accuracy": float(contains(text, accepted)),
        "own_f1": f1(text, accepted),
        "own_marked": float(any(1 <= marker <= shown for marker in markers)),
    }


def _answer_json(question: Question, answer: Answer) -> dict[str, Any]:
    return {
        "accepted": list(question.answers),
        "text": answer.text,
        "found": answer.found,
        "refused": answer.refused,
        "confidence": round(answer.confidence, 4),
        "quotes": [c.quote for c in answer.citations],
        "correct": is_accurate(question, answer),
        "total_s": answer.timings.total,
    }


def is_accurate(question: Question, answer: Answer) -> bool:
    """Whether the question was answered, and the answer contains an accepted one."""
    return not answer.refused and contains(plain_text(answer), question.answers)


def plain_text(answer: Answer) -> str:
    """Returns the text of the answer's sentences, without markers."""
    return " ".join(sentence.text for sentence in answer.sentences)


def _in_order(shown: Sequence[Hit], found: Sequence[Hit]) -> list[Hit]:
    """Returns the passages of the answer in its order, followed by the other passages found, without duplicates."""
    return list({(hit.chunk.article_id, hit.chunk.ordinal): hit for hit in [*shown, *found]}.values())


def _is_of(article: Article, name: str | None) -> bool:
    return name is None or name in (article.id, article.uri) or article.uri.endswith((f"/{name}", f"#{name}"))
