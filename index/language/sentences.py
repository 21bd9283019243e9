"""Splits a text into sentences, as character spans.

The segmentation is by sentencex (Wikimedia), which handles abbreviations and keeps a quotation together. This module
ensures what an index needs: spans without surrounding white space, none across a paragraph break, none empty.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TypeAlias

import sentencex

from index.language.runs import cut_run
from index.language.stopwords import stopwords_of

Span: TypeAlias = tuple[int, int]
"""Start and end as character offsets, end exclusive."""

LONGEST = 20_000
"""Largest number of characters that are segmented together, since sentencex takes quadratic time."""

_AS_ENGLISH = {"fr"}  # the French rules end a sentence after "M." and "Dr."
_ORDINALS_WITH_DOT = frozenset("bs cs da de et fi hr hu is lb lv nb no sk sl sr tr".split())
_ORDINAL_AT_END = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


def paragraph_spans(text: str) -> list[Span]:
    """Returns the spans of the paragraphs of `text`, without surrounding white space."""
    breaks = [0, *(edge for m in _PARAGRAPH_BREAK.finditer(text) for edge in m.span()), len(text)]
    return [span for start, end in zip(breaks[::2], breaks[1::2], strict=True) if (span := stripped(text, start, end))]


def sentence_spans(text: str, start: int = 0, end: int | None = None, *, language: str | None = None) -> list[Span]:
    """Returns the spans of the sentences of `text[start:end]`, which is one paragraph, as offsets into `text`.

    `language` is a two-letter code (ISO 639-1); a text in an unknown language is segmented as English.
    A long run of words without the end of a sentence, as in transcripts of speech, is cut into parts; see `runs`.
    A paragraph longer than `LONGEST` is first cut into pieces, between words if possible, even within a sentence.
    """
    stop = len(text) if end is None else min(end, len(text))
    rules = "en" if language is None or language in _AS_ENGLISH else language
    edges: list[int] = []
    while start < stop:
        cut = _cut(text, start, stop)
        edges += (start + row["start_index"] for row in sentencex.get_sentence_boundaries(rules, text[start:cut]))
        start = cut
    spans = [stripped(text, left, right) for left, right in pairwise([*edges, stop])]
    whole = _with_ordinals(text, [span for span in spans if span], rules)
    return [part for span in whole for part in cut_run(text, *span)]


def _with_ordinals(text: str, spans: list[Span], language: str) -> list[Span]:
    """Joins a sentence that ends with an ordinal, "am 3.", with the next, in languages that write them so.

    Not if the next one begins with a stop word ("Sie wurde 80. Ihr Sohn kam."), which an ordinal hardly precedes.
    """
    joined: list[Span] = []
    for start, end in spans:
        first = _FIRST_WORD.match(text, start)
        ordinal = language in _ORDINALS_WITH_DOT and joined and _ORDINAL_AT_END.search(text, *joined[-1])
        if ordinal and first and first[0].lower() not in stopwords_of(language):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, start: int, stop: int) -> int:
    if stop - start <= LONGEST:
        return stop
    space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
    return space if space > 0 else start + LONGEST


def stripped(text: str, start: int, end: int) -> Span | None:
    """Returns the span without white space at either end; None if nothing is left."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = end - len(piece) + len(piece.rstrip())
    return (left, right) if left < right else None
