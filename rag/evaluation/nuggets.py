"""Questions with nuggets: what the chatbot replied to one, and the figures that it adds to.

`good`, `vital` and `all` (recall of the vital nuggets and of all), `refused_answerable`, `refused_unanswerable`.
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
    """What came of one question with nuggets."""

    question: NuggetQuestion
    reply: Reply

    @property
    def kind(self) -> str | None:
        """The question's kind."""
        return self.question.kind

    @property
    def measures(self) -> dict[str, float]:
        """What it adds to each figure, in [0, 1]; absent where it does not count."""
        question, reply = self.question, self.reply
        refused = "refused_answerable" if question.answerable else "refused_unanswerable"
        good = {"good": float(grading.is_good(question, reply))}
        return good | _recalls(question, reply) | {refused: float(reply.refused)}

    def to_json(self) -> dict[str, Any]:
        """The result as plain values, for `--out`."""
        return reply_to_json(self.question, self.reply, self.measures)


def ask(chatbot: Chatbot, question: NuggetQuestion) -> NuggetResult:
    """Ask one question."""
    return NuggetResult(question, put(chatbot, question))


def put(chatbot: Chatbot, question: NuggetQuestion) -> Reply:
    """The chatbot's reply to a question after its history, which is given as typed."""
    return grading.reply_of(chatbot.ask(question.text, history=list(question.history)))


def reply_to_json(question: NuggetQuestion, reply: Reply, measures: dict[str, float]) -> dict[str, Any]:
    """A question, its history if it has one, what was replied, and what was missing or wrong in that."""
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
    """Recall of the nuggets of an answerable question, where it has any."""
    if not question.answerable:
        return {}
    lists = {"vital": question.vital, "all": question.nuggets}
    return {name: grading.recall(nuggets, reply) for name, nuggets in lists.items() if nuggets}
