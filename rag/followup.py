"""Make a follow-up question stand alone: "And how many were wounded?" after a question about Idlib.

No model is asked: a follow-up is told by its form, and takes over what the earlier question was about. The result
is part of the Answer and shown, so that a reader sees what was searched for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import wording

_LEAD = re.compile(r"^(?:(?:and|but|so|also|or|then|ok(?:ay)?|well)\b[,:]?\s+)+", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:and |but |so )?(?:what|how) about\s+", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|these|those|that one|then|the same"
    r"|(?:from|over|in|to) there)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:how (?:many|much|old|long|far|often)"
    r"|(?:in |on |at |to |from |by |for |with )?(?:what|which|who|whom|whose|when|where|why|how))\b"
    r"(?:\s+(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could)\b)?\s*",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?: (?:of |the |& )?[A-Z][\w’'-]*)*")

FEW_WORDS = 4
"""A question without any name and with no more words of meaning than this leans on what went before."""


def standalone(question: str, history: Sequence[str]) -> str:
    """The question as it would be asked without the conversation; `history` has the earlier ones, oldest first.

    A question that stands by itself comes back unchanged.
    """
    question = " ".join(question.split())
    if not history or not _depends(question):
        return question
    earlier = _referred(question, history)
    bare = _LEAD.sub("", question)
    if about := _ABOUT.match(question):
        return _instead(question[about.end() :].rstrip("?. "), earlier)
    return leaning(bare, earlier)


def leaning(question: str, earlier: str) -> str:
    """The question with what the earlier one was about behind it, unless it says that itself."""
    topic = _topic(earlier, question)
    return f"{question[:1].upper()}{question[1:].rstrip('?. ')} ({topic})?" if topic else question


def refers(question: str) -> bool:
    """Whether a word of the question points back at something named before ("it", "their")."""
    return bool(_REFERS.search(question))


def _depends(question: str) -> bool:
    """Whether it opens like a continuation, names nothing itself, or points back before it names anything."""
    if _LEAD.match(question) or _ABOUT.match(question):
        return True
    pointer = _REFERS.search(question)
    name = next(iter(_names(question)), None)
    if name is not None:
        return pointer is not None and pointer.start() < name.start()
    if pointer is None:
        return len(wording.question_stems(question)) <= FEW_WORDS
    # Without capitals several words before "it" can be the name of what it is.
    before = wording.question_stems(question[: pointer.start()])
    return not (question.islower() or question.isupper()) or len(before) < FEW_WORDS


def _referred(question: str, history: Sequence[str]) -> str:
    """The earlier question that this one goes on from, standing alone: the last, unless another shares more words."""
    asked = wording.question_stems(question)
    shared = [len(asked & wording.question_stems(earlier)) for earlier in history]
    best = max(range(len(history)), key=lambda i: (shared[i], i))
    return standalone(history[best], history[:best])


def _topic(earlier: str, question: str) -> str:
    """What the earlier question was about, without the words that only asked."""
    topic = _OPENING.sub("", earlier.rstrip("?. ")).strip()
    return "" if wording.stems(topic) <= wording.stems(question) else topic


def _instead(thing: str, earlier: str) -> str:
    """The earlier question about another thing: its last name gives way to the new one."""
    if names := _names(earlier):
        last = names[-1]
        return f"{earlier[: last.start()]}{thing}{earlier[last.end() :]}"
    return f"{thing[:1].upper()}{thing[1:]} ({_topic(earlier, thing)})?"


def _names(question: str) -> list[re.Match[str]]:
    """Names after the first word; in a question all in capitals, as in one without, none can be told."""
    if not any(letter.islower() for letter in question):
        return []
    return [match for match in _NAME.finditer(question) if match.start() > 0]
