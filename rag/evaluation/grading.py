"""The rules by which a reply is graded as good, for questions with nuggets, alone and within a dialogue.

A good reply to an answerable question is not a refusal, contains every vital nugget and no forbidden string, and is not
longer than the limit of its kind. If the articles do not contain the answer, a good reply is a refusal, or the
correction of a false premise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import Answer
from rag.evaluation.measures.matching import holds
from rag.evaluation.rows import FALSE_PREMISE, Nugget, NuggetQuestion

SHORT, MIDDLE, LONG = 60, 110, 180
WORD_LIMITS = {
    **dict.fromkeys(("fact", "number_or_date", "who_is", "yesno", "quote"), SHORT),
    **dict.fromkeys(("why", "how", "latest", "compare"), MIDDLE),
    **dict.fromkeys(("overview", "summary", "list", "timeline"), LONG),
}
"""The most words of a good answer, by kind of question; `LONG` for all other kinds."""

_MARKERS = re.compile(r"[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """A chatbot's reply: `text` as shown, without markers and sources; for a refusal the text gives the reason.

    `searched` is the question with those that it depends on, `confidence` is in [0, 1], times are in seconds.
    """

    text: str
    refused: bool
    searched: str
    confidence: float = 0.0
    first_word: float | None = None
    total: float = 0.0

    @property
    def words(self) -> int:
        """The number of words of the text."""
        return len(self.text.split())


def reply_of(answer: Answer) -> Reply:
    """Returns the parts of an answer that are evaluated, without its passages, which take memory."""
    text = _MARKERS.sub("", answer.text).strip()
    times = answer.timings
    return Reply(text, answer.refused, answer.standalone, answer.confidence, times.first_word, times.total)


def is_good(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the reply is good, by the rules at the top of this module."""
    if question.is_chat:
        return not reply.refused and _is_right(question, reply)
    if not question.answerable:
        return reply.refused or _corrects(question, reply)
    return not reply.refused and _is_right(question, reply) and reply.words <= word_limit(question.kind)


def word_limit(kind: str | None) -> int:
    """Returns the most words of a good answer to a question of this kind."""
    return WORD_LIMITS.get(kind or "", LONG)


def recall(nuggets: Sequence[Nugget], reply: Reply) -> float:
    """Returns the share of the nuggets that the reply contains, in [0, 1]; 0 for a refusal, regardless of its text.

    There must be at least one nugget.
    """
    return 0.0 if reply.refused else sum(holds(reply.text, n.wordings) for n in nuggets) / len(nuggets)


def missing(question: NuggetQuestion, reply: Reply) -> list[str]:
    """Returns the first wording of each nugget that the reply does not contain."""
    return [nugget.wordings[0] for nugget in question.nuggets if not holds(reply.text, nugget.wordings)]


def said_forbidden(question: NuggetQuestion, reply: Reply) -> list[str]:
    """Returns the forbidden strings that the reply contains."""
    return [wording for wording in question.forbidden if holds(reply.text, [wording])]


def _is_right(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the text contains every vital nugget and no forbidden string."""
    return all(holds(reply.text, n.wordings) for n in question.vital) and not said_forbidden(question, reply)


def _corrects(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the text corrects a false premise; false without vital nuggets, which would be the correction."""
    return question.kind == FALSE_PREMISE and bool(question.vital) and _is_right(question, reply)
