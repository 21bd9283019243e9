"""Cuts long runs of words without the end of a sentence, such as transcripts of speech, into parts that can be quoted.

A part ends where a speaker's turn, a pause or a clause does; only where there is none for long, it ends between two
words.
"""

from __future__ import annotations

import re
from itertools import pairwise

LONGEST_RUN = 60
"""Number of words above which a sentence with hardly any marks is cut; of a paper's sentences, one in a thousand is
longer."""

LONGEST_SENTENCE = 120
"""Number of words above which any sentence is cut."""

# A run has at most one mark in so many words; written sentences have one in five to ten.
_WORDS_PER_MARK = 15
_LONGEST_PART = 30
_USUAL_PART = 18
_SHORTEST_PART = 8
_WORD = re.compile(r"\S+")

# What begins a part, the surest sign first: the label or mark of a speaker, or a time; a pause; a clause.
_TURN = re.compile(r"(?:>>|[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?$|[A-Z][\w.'’-]*:$|[-–—]$)")
_PAUSE = re.compile(r"(?:[.,;:!?…]|\.\.\.|[-–—]|\])$")
_CLAUSE = frozenset(
    "and but so because then when while which who that if or although though where after before until since well okay "
    "my our the und aber weil dann also wenn oder et mais donc parce quand puis y pero porque entonces cuando e ma "
    "perché quindi mas então и но потому когда".split()
)
# Words that begin a new thought more often than others.
_NEW = frozenset("and but so because then well okay und aber et mais donc y pero e ma mas и но".split())


def cut_run(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Returns the spans of the parts of `text[start:end]`, which is one sentence; itself if it is no long run."""
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    tokens = [text[a:b] for a, b in words]
    marks = sum(bool(_PAUSE.search(token)) for token in tokens[:-1])
    if len(words) <= (LONGEST_RUN if marks * _WORDS_PER_MARK <= len(words) else LONGEST_SENTENCE):
        return [(start, end)]
    edges = [0]
    while len(words) - edges[-1] > _LONGEST_PART:
        edges.append(_next_edge(tokens, edges[-1]))
    return [(words[a][0], words[b - 1][1]) for a, b in pairwise([*edges, len(words)])]


def _next_edge(tokens: list[str], begin: int) -> int:
    """Returns where the part that begins at a word ends: before the word with the surest sign, at a usual length."""
    last = min(begin + _LONGEST_PART, len(tokens) - _SHORTEST_PART)
    places = range(begin + _SHORTEST_PART, last + 1)
    return max(places, key=lambda place: (_sign(tokens, place), -abs(place - begin - _USUAL_PART)), default=last)


def _sign(tokens: list[str], place: int) -> int:
    """Returns how surely a part begins at a word: 4 a turn, 3 a pause before it, 2 a new thought, 1 a clause, 0."""
    if _TURN.match(tokens[place]):
        return 4
    if _PAUSE.search(tokens[place - 1]):
        return 3
    if tokens[place - 1].lower() in _CLAUSE:  # "and then" is one beginning
        return 0
    word = tokens[place].lower().strip(",")
    return 2 if word in _NEW else int(word in _CLAUSE)
