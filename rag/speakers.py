"""Who says what a sentence tells: "According to X, P", "X said that P", "P, X said" and "P, according to X".

The four forms mean the same, so a sentence may use another one than the clipping; the speaker must stay who it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import wording
from rag.tokens import Sort, Token

NEUTRAL = frozenset(wording.stem(verb) for verb in "say state report write note announce tell add".split())
"""Verbs that only say that something is said."""

DOUBTFUL = frozenset(
    wording.stem(verb)
    for verb in (
        "claim argue allege assert contend believe think suggest suspect estimate speculate hypothesise hypothesize "
        "theorise theorize maintain insist predict assume propose accuse fear hope warn"
    ).split()
)
"""Verbs that leave open whether it is so."""

_SAY = wording.stem("say")
"""The one verb that goes without "that": "Berg said the mine was empty", but not "Berg wrote the book"."""

LONGEST = 12
"""Tokens of a speaker at most: "the Secretary of the Ministry of Planning"."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text in two parts: who says it (in order, without little words) and what. `verb` is "" for "according to"."""

    who: Sequence[Token]
    verb: str
    what: Sequence[Token]


def spoken(text: Sequence[Token]) -> Spoken | None:
    """The speaker at the beginning or the end of the text; None if there is none."""
    bare = _without_stop(text)
    return _according(bare) or _says_that(bare) or _said_last(bare)


def same_speaker(said: Spoken, source: Spoken) -> bool:
    """Whether the sentence names the clipping's speaker, and is no more doubtful about what is said."""
    verb = not said.verb or said.verb == source.verb or said.verb in NEUTRAL
    mine, theirs = ([token for token in side.who if token.stem not in ("a", "an", "the")] for side in (said, source))
    return verb and 0 < len(mine) == len(theirs) and all(map(Token.same, mine, theirs))


def _without_stop(text: Sequence[Token]) -> Sequence[Token]:
    while text and text[-1].sort is Sort.MARK and text[-1].stem in ".!?":
        text = text[:-1]
    return text


def _according(text: Sequence[Token]) -> Spoken | None:
    stems = [t.stem for t in text]
    according = wording.stem("according")
    if stems[:2] == [according, "to"] and "," in stems[2 : LONGEST + 3]:
        comma = stems.index(",")
        return Spoken(text[2:comma], "", text[comma + 1 :])
    for place in range(max(len(text) - LONGEST - 2, 1), len(text) - 2):
        if stems[place : place + 2] == [according, "to"] and not {",", ";"} & set(stems[place + 2 :]):
            what = text[: place - 1] if stems[place - 1] == "," else text[:place]
            return Spoken(text[place + 2 :], "", what)
    return None


def _says_that(text: Sequence[Token]) -> Spoken | None:
    for place, token in enumerate(text[1:LONGEST], 1):
        if token.sort is Sort.MARK or text[place - 1].stem == "that":
            return None
        that = [t.stem for t in text[place + 1 : place + 2]] == ["that"]
        if _is_saying(token) and (that or token.stem == _SAY):
            return Spoken(_named(text[:place]), token.stem, text[place + 1 + that :])
    return None


def _said_last(text: Sequence[Token]) -> Spoken | None:
    commas = [place for place, token in enumerate(text) if token.stem == "," and token.sort is Sort.MARK]
    if not commas or not 1 < len(text) - commas[-1] - 1 <= LONGEST:
        return None
    last = text[commas[-1] + 1 :]
    if _is_saying(last[-1]):
        return Spoken(_named(last[:-1]), last[-1].stem, text[: commas[-1]])
    if _is_saying(last[0]) and last[0].verb:  # ", said Berg", not ", suggesting that"
        return Spoken(_named(last[1:]), last[0].stem, text[: commas[-1]])
    return None


def _is_saying(token: Token) -> bool:
    return token.sort is Sort.WORD and token.stem in NEUTRAL | DOUBTFUL


def _named(who: Sequence[Token]) -> tuple[Token, ...]:
    """The speaker without auxiliaries: "the minister has" (claimed)."""
    return tuple(token for token in who if token.stem not in ("has", "have", "had"))
