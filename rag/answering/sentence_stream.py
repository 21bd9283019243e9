"""Turns a model's stream of pieces into whole sentences, without reasoning, and ends it when the model loops."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from rag.answering.draft import Draft
from rag.grounding.citations import split_sentences, strip_markers

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_BEGINNING = re.compile(r"\s*<[a-z]{0,9}\Z", re.IGNORECASE)


def without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """Yields the pieces without the model's reasoning, which is enclosed in tags like <think> and </think>."""
    text, given = "", 0
    for piece in pieces:
        text += piece
        plain = _THOUGHT.sub("", text)
        if _BEGINNING.search(plain):  # perhaps the beginning of such a tag
            continue
        if len(plain) > given:
            yield plain[given:]
            given = len(plain)
    rest = _THOUGHT.sub("", text)[given:]
    if rest:
        yield rest


def as_sentences(pieces: Iterator[str], draft: Draft) -> Iterator[str]:
    """Yields whole sentences of the model's stream until a sentence repeats or the text loops.

    Stores the text in `draft.raw`, and counts the pieces in `draft.tokens_written`.
    """
    given: list[str] = []
    for piece in pieces:
        draft.raw += piece
        draft.tokens_written += 1
        *ready, unfinished = split_sentences(draft.raw) or [""]
        if unfinished.startswith(("[", "【", "(")):  # perhaps the citation marker of the sentence before
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
    """Whether a text ends in a repeated string of 1 to 80 characters: at least four times, and 40 characters in all."""
    return len(text) > 40 and any(text.endswith(text[-size:] * max(4, math.ceil(40 / size))) for size in range(1, 81))
