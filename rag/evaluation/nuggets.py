"""Evaluates questions with nuggets: asks each one, and measures the reply.

Measures: `good`, `vital` and `all` (recall of the vital nuggets and of all), `refused_answerable`,
`refused_unanswerable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.chatbot import Chatbot
from rag.evaluation import grading
from rag.evaluation.grading import Reply
from rag.evaluation.rows import NuggetQuestion


@dataclass(frozen=True, slots=True)
class NuggetResult:
    """The result of one question with nuggets."""

    question: NuggetQuestion
    reply: Reply

    @property
    def kind(self) -> str | None:
        """The question's kind."""
        return self.question.kind

    @property
    def measures(self) -> dict[str, float]:
        """The value, in [0, 1], of each measure that applies to this question."""
        question, reply = self.question, self.reply
        refused = "refused_answerable" if question.answerable else "refused_unanswerable"
        good = {"good": float(grading.is_good(question, reply))}
        return good | _recalls(question, reply) | {refused: float(reply.refused)}

    def to_json(self) -> dict[str, Any]:
        """Returns the result as plain values, for `--out`."""
        return reply_to_json(self.question, self.reply, self.measures)


def ask(chatbot: Chatbot, question: NuggetQuestion) -> NuggetResult:
    """Asks one question, and returns its result."""
    return NuggetResult(question, put(chatbot, question))


def put(chatbot: Chatbot, question: NuggetQuestion) -> Reply:
    """Returns the chatbot's reply to a question, which is asked with its history of typed questions."""
    return grading.reply_of(chatbot.ask(question.text, history=list(question.history)))


def reply_to_json(question: NuggetQuestion, reply: Reply, measures: dict[str, float]) -> dict[str, Any]:
    """Returns as plain values the question, its history if any, the reply, missing nuggets and forbidden strings."""
    history = {"history": list(question.history)} if question.history else {}
    return {
        "question": question.text,
        **history,
        "kind": question.kind,
        "answerable": question.answerable,
        "measures": {name: round(value, 4) for name, value in measures.items()},
        "text": reply.text,
        "refused": reply.refused,
        "words": reply.words,
        "missing": grading.missing(question, reply),
        "forbidden": grading.said_forbidden(question, reply),
        "standalone": reply.searched,
        "confidence": round(reply.confidence, 4),
        "total_s": reply.total,
    }


def _recalls(question: NuggetQuestion, reply: Reply) -> dict[str, float]:
    """Returns the recall of vital and of all nuggets of an answerable question; empty if there are none."""
    if not question.answerable:
        return {}
    lists = {"vital": question.vital, "all": question.nuggets}
    return {name: grading.recall(nuggets, reply) for name, nuggets in lists.items() if nuggets}
