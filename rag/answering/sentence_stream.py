"""A model's stream of pieces as whole sentences: without its thoughts, and only until it repeats itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from rag.answering.draft import Draft
from rag.grounding.citations import split_sentences, strip_markers

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_BEGINNING = re.compile(r"\s*<[a-z]{0,9}\Z", re.IGNORECASE)


def without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces without what a model thinks before it answers, between marks like <think> and </think>."""
    text, given = "", 0
    for piece in pieces:
        text += piece
        plain = _THOUGHT.sub("", text)
        if _BEGINNING.search(plain):  # perhaps the beginning of such a mark
            continue
        if len(plain) > given:
            yield plain[given:]
            given = len(plain)
    rest = _THOUGHT.sub("", text)[given:]
    if rest:
        yield rest


def as_sentences(pieces: Iterator[str], draft: Draft) -> Iterator[str]:
    """Whole sentences out of the model's stream, until it repeats itself; what it wrote is kept in `draft.raw`."""
    given: list[str] = []
    for piece in pieces:
        draft.raw += piece
        draft.tokens_written += 1
        *ready, unfinished = split_sentences(draft.raw) or [""]
        if unfinished.startswith(("[", "【", "(")):  # perhaps the marker of the sentence before
            ready = ready[:-1]
        for sentence in ready[len(given) :]:
            if _plain(sentence) in map(_plain, given):
                return
            given.append(sentence)
            yield sentence
        if _goes_in_circles(draft.raw):
            return
    yield from split_sentences(draft.raw)[len(given) :]


def _plain(sentence: str) -> str:
    return strip_markers(sentence)[0].casefold()


def _goes_in_circles(text: str) -> bool:
    """Whether a text ends in the same 1 to 80 characters again and again: four times, and 40 characters at least."""
    return len(text) > 40 and any(text.endswith(text[-size:] * max(4, math.ceil(40 / size))) for size in range(1, 81))
