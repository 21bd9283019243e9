"""Whether a reply is good: the rules for questions with nuggets, alone and within a dialogue.

A good answer to an answerable question is given, holds every vital nugget and no forbidden string, and is no longer
than its kind may be. Where the articles hold no answer, good is a refusal, or the correction of a false premise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import Answer
from rag.evaluation.matching import holds
from rag.evaluation.rows import FALSE_PREMISE, Nugget, NuggetQuestion

SHORT, MIDDLE, LONG = 60, 110, 180
WORD_LIMITS = {
    **dict.fromkeys(("fact", "number_or_date", "who_is", "yesno", "quote"), SHORT),
    **dict.fromkeys(("why", "how", "latest", "compare"), MIDDLE),
    **dict.fromkeys(("overview", "summary", "list", "timeline"), LONG),
}
"""The most words that a good answer has, by kind of question; `LONG` for every other kind."""

_MARKERS = re.compile(r"[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chatbot replied: `text` as shown, without markers and sources, which is the reason where it refused.

    `searched` is the question as it was searched for, `confidence` is in [0, 1], times are in seconds.
    """

    text: str
    refused: bool
    searched: str
    confidence: float = 0.0
    first_word: float | None = None
    total: float = 0.0

    @property
    def words(self) -> int:
        """Words of the text."""
        return len(self.text.split())


def reply_of(answer: Answer) -> Reply:
    """What is measured of an answer, without its passages, which take memory."""
    text = _MARKERS.sub("", answer.text).strip()
    times = answer.timings
    return Reply(text, answer.refused, answer.standalone, answer.confidence, times.first_word, times.total)


def is_good(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the reply is what a careful reader would have wanted."""
    if question.is_chat:
        return not reply.refused and _is_right(question, reply)
    if not question.answerable:
        return reply.refused or _corrects(question, reply)
    return not reply.refused and _is_right(question, reply) and reply.words <= word_limit(question.kind)


def word_limit(kind: str | None) -> int:
    """The most words that a good answer to a question of this kind has."""
    return WORD_LIMITS.get(kind or "", LONG)


def recall(nuggets: Sequence[Nugget], reply: Reply) -> float:
    """Share of the nuggets, at least one, that the reply holds, in [0, 1]; 0 for a refusal, whatever its text says."""
    return 0.0 if reply.refused else sum(holds(reply.text, n.wordings) for n in nuggets) / len(nuggets)


def missing(question: NuggetQuestion, reply: Reply) -> list[str]:
    """The first wording of each nugget that the reply's text lacks."""
    return [nugget.wordings[0] for nugget in question.nuggets if not holds(reply.text, nugget.wordings)]


def said_forbidden(question: NuggetQuestion, reply: Reply) -> list[str]:
    """The forbidden strings that the reply's text holds."""
    return [wording for wording in question.forbidden if holds(reply.text, [wording])]


def _is_right(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the text holds every vital nugget and no forbidden string."""
    return all(holds(reply.text, n.wordings) for n in question.vital) and not said_forbidden(question, reply)


def _corrects(question: NuggetQuestion, reply: Reply) -> bool:
    """Whether the text corrects a false premise; without a vital nugget it is not known what would."""
    return question.kind == FALSE_PREMISE and bool(question.vital) and _is_right(question, reply)
