"""Does this clipping support this sentence? A strict, deterministic check.

A sentence passes only if all of its words stand in the clipping (numbers, dates and names in any common form), in an
order that says the same (rag/word_order.py), its numbers count the same things (rag/counting.py), the same speaker says
it (rag/speakers.py), and no denial, doubt, condition or "all" and "some" was dropped or added (rag/cues.py).
It errs towards "no": an unsupported sentence is replaced by the clipping itself, which costs style and never truth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rag.counting import miscounted
from rag.cues import left_out_of_answer, turned
from rag.speakers import same_speaker, spoken
from rag.tokens import Sort, Token, tokens
from rag.word_order import aligned

MIN_WORDS = 2
"""Words of meaning that a sentence needs: a bare "33." or "HACKED." would be supported by anything that holds it."""

_ASIDE = re.compile(r" \([^()]*\)")
_TELLING = (Sort.NAME, Sort.NUMBER, Sort.DATE, Sort.WORD)


@dataclass(frozen=True, slots=True)
class Support:
    """Verdict on one sentence: `score` in [0, 1] is the share of its words found; `reason` says why not, if not."""

    supported: bool
    score: float
    reason: str = ""


def check_support(sentence: str, clipping: str) -> Support:
    """Whether `clipping` supports `sentence`; asides in brackets may be left out."""
    verdict = _check(sentence, clipping)
    if verdict.supported or "(" in sentence or "(" not in clipping:
        return verdict
    plain = _check(sentence, _ASIDE.sub("", clipping))
    return plain if plain.supported else verdict


def check_phrase(phrase: str, question: str, clipping: str) -> Support:
    """Whether `clipping` supports a few words that answer the question by themselves ("in 1858").

    They must stand there word for word, and what denies, doubts or limits them there must stand in the question, too.
    """
    said, source = ([token for token in tokens(text) if token.sort is not Sort.MARK] for text in (phrase, clipping))
    places = [n for n in range(len(source) - len(said) + 1) if all(map(Token.same, said, source[n : n + len(said)]))]
    if not said or not places:
        return Support(False, 0.0, "does not stand in the clipping word for word")
    whole = tokens(clipping)
    asked = [*tokens(question), *tokens(phrase)]
    ends = ((whole.index(source[n]), whole.index(source[n + len(said) - 1])) for n in places)
    problems = [left_out_of_answer(asked, whole, first, last) for first, last in ends]
    return Support(True, 1.0) if "" in problems else Support(False, 1.0, problems[-1])


def _check(sentence: str, clipping: str) -> Support:
    words = [token for token in tokens(sentence) if token.sort in _TELLING]
    if len(words) < MIN_WORDS:
        return Support(False, 0.0, "says too little to be checked")
    score = sum(_is_told(token, tokens(clipping)) for token in words) / len(words)
    said, source = _without_speaker(tokens(sentence), tokens(clipping))
    missing = [token for token in said if token.sort in _TELLING and not _is_told(token, source)]
    if missing:
        return Support(False, score, f"not in the clipping: {', '.join(_shown(t, sentence) for t in missing)}")
    problem = miscounted(_text(said, sentence), _text(source, clipping)) or _changed(said, source)
    return Support(False, score, problem) if problem else Support(True, 1.0)


def _is_told(token: Token, source: Sequence[Token]) -> bool:
    return any(token.same(other) for other in source)


def _shown(token: Token, sentence: str) -> str:
    return sentence[token.start : token.end] if token.sort is Sort.DATE else token.stem


def _text(part: Sequence[Token], whole: str) -> str:
    return whole[part[0].start : part[-1].end] if part else ""


def _without_speaker(said: Sequence[Token], source: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """What both say, if both name the same speaker in some form; the texts as they are otherwise."""
    here, there = spoken(said), spoken(source)
    return (here.what, there.what) if here and there and same_speaker(here, there) else (said, source)


def _changed(said: Sequence[Token], source: Sequence[Token]) -> str:
    """What is told otherwise than in the clipping, for people; empty if nothing is."""
    said, source = _without_time_words(said), _without_time_words(source)
    places = aligned(said, source)
    if not places:
        return "its words are the clipping's, but not what they say together"
    return turned(said, source, places[0], places[-1])


def _without_time_words(text: Sequence[Token]) -> list[Token]:
    """The text without the "in" and "on" of its dates: "February 27 was" and "on 27 February" say the same."""
    return [
        token
        for token, after in zip_longest(text, text[1:])
        if not (after and after.sort is Sort.DATE and token.sort is Sort.LITTLE and token.stem in ("in", "on"))
    ]
