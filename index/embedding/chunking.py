"""Splits an Article into Chunks of whole sentences.

A Chunk, with the title in front of it, fits the input length of the embedding model, counted with that model's own
tokenizer; in other languages than English, of which an English model makes many more tokens, several input lengths. So
no text is silently truncated. Offsets are exact: `article.text[chunk.start:chunk.end]` is the chunk. A
sentence that is too long by itself is split at white space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from index.article import Article
from index.language.searchable import count_words
from index.language.sentences import Span, paragraph_spans, sentence_spans, stripped

CHUNK_WORDS = 130
"""Target size of a chunk in words. Longer chunks blur the vector, shorter ones lose the context (docs/decisions.md)."""

TITLE_TOKENS = 48
"""Maximum number of title tokens that are embedded in front of each chunk; the rest of a title is left out."""

WINDOWS = 6
"""Input lengths of the model that a chunk in another language than English may have."""

TokenCounter = Callable[[Sequence[str]], list[int]]

# A label, a colon, and several values or one with a digit, without an end of a sentence. A label that stands thrice is
# somebody who speaks.
_ROW = re.compile(r"(?P<label>[^:.!?\n]{1,80}): (?=[^\n]*(?:, |\d))[^\n]*[^.!?…:;\n]")
_SPEAKS = 3
_BULLET = re.compile(r"[-*+•‣◦·▪●○–—]\s+(?=\S)")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive whole sentences of one article.

    `start` and `end` are character offsets into `Article.text`, as are the spans in `sentences`.
    `ordinal` counts the chunks of an article from 0.
    """

    article_id: str
    ordinal: int
    start: int
    end: int
    sentences: tuple[Span, ...]


class Place(NamedTuple):
    """The position of a chunk: a `Chunk` without its sentences, which take most of the time to read."""

    article_id: str
    ordinal: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of one that is too long, with its numbers of words and tokens; `alone`: a table's row."""

    span: Span
    words: int
    tokens: int
    alone: bool = False


def chunk_article(article: Article, count_tokens: TokenCounter, *, max_tokens: int) -> list[Chunk]:
    """Splits `article` into chunks of at most `CHUNK_WORDS` words and `max_tokens` tokens each, title not counted.

    In another language than English, `WINDOWS` times as many tokens are allowed. A chunk contains at least one
    sentence, whatever its number of words; a sentence of more tokens than allowed is split. A row of a table is a chunk
    by itself: among the other rows, neither its vector nor the reader would tell which of the like values belongs to
    which row.
    """
    max_tokens *= 1 if article.language in (None, "en") else WINDOWS
    chunks: list[Chunk] = []
    for group in _pack(list(_pieces(article, count_tokens, max_tokens)), max_tokens):
        spans = tuple(piece.span for piece in group)
        chunks.append(Chunk(article.id, len(chunks), spans[0][0], spans[-1][1], spans))
    return chunks


def _pack(pieces: list[_Piece], max_tokens: int) -> Iterator[list[_Piece]]:
    """Groups neighbouring pieces, as many as fit; sizes are balanced so that no small remainder is left at the end."""
    total = sum(piece.words for piece in pieces)
    target = total / max(1, -(-total // CHUNK_WORDS))
    group: list[_Piece] = []
    words = tokens = 0
    for piece in pieces:
        full = tokens + piece.tokens > max_tokens or words + piece.words > CHUNK_WORDS
        if group and (full or words + piece.words / 2 > target or piece.alone or group[-1].alone):
            yield group
            group, words, tokens = [], 0, 0
        group.append(piece)
        words += piece.words
        tokens += piece.tokens
    if group:
        yield group


def _pieces(article: Article, count_tokens: TokenCounter, max_tokens: int) -> Iterator[_Piece]:
    text, language = article.text, article.language
    # The mark of a list item is no part of what is found and quoted.
    marks = [(start, end, _BULLET.match(text, start, end)) for start, end in paragraph_spans(text)]
    paragraphs = [(mark.end() if mark else start, end) for start, end, mark in marks]
    rows = _rows(text, paragraphs)
    spans = [span for start, end in paragraphs for span in sentence_spans(text, start, end, language=language)]
    counts = count_tokens([text[start:end] for start, end in spans])
    for span, tokens in zip(spans, counts, strict=True):
        if tokens <= max_tokens:
            yield _Piece(span, _count_words(text, span), tokens, alone=span in rows)
        else:
            yield from _cut(text, span, count_tokens, max_tokens)


def _rows(text: str, paragraphs: Sequence[Span]) -> set[Span]:
    """Returns the paragraphs that are rows of tables ("Skell: Turnout 55.0%, Votes 1,954"): at least two in a row."""
    found = [_ROW.fullmatch(text, start, end) for start, end in paragraphs]
    labels = Counter(match["label"] for match in found if match)
    rows = [bool(match and labels[match["label"]] < _SPEAKS) for match in found]
    padded = [False, *rows, False]
    return {span for n, span in enumerate(paragraphs, 1) if padded[n] and (padded[n - 1] or padded[n + 1])}


def _cut(text: str, span: Span, count_tokens: TokenCounter, max_tokens: int) -> list[_Piece]:
    """Halves a span that is too long, at white space where there is any, until every part fits."""
    start, end = span
    tokens = count_tokens([text[start:end]])[0]
    if tokens <= max_tokens or end - start == 1:
        return [_Piece(span, _count_words(text, span), tokens)]
    middle = (start + end) // 2
    cut = max((space.start() for space in _SPACE.finditer(text, start, middle)), default=middle)
    halves = [half for half in (stripped(text, start, cut), stripped(text, cut, end)) if half]
    parts = [_cut(text, half, count_tokens, max_tokens) for half in halves]
    if len(halves) == 2 and halves[0][1] == halves[1][0]:
        # Halves of a word can be more tokens together than apart: the first counts as full, so they share no chunk.
        parts[0][-1] = replace(parts[0][-1], tokens=max_tokens)
    return [part for half in parts for part in half]


def _count_words(text: str, span: Span) -> int:
    return count_words(text[span[0] : span[1]])
