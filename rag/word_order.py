"""Is a sentence what remains of the clipping when words are left out, so that who does what to whom is the same?

But for articles and auxiliaries its words must come in the clipping's order; a phrase of time or place may move to the
other end, and active may become passive. What is left out must be a part of its own: not the "with" of "with Berg", not
the "'s lawyer" of "Berg's lawyer", not the middle of "Berg beat Aldi and Lund beat Ekk".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.tokens import Sort, Token

_FREE = frozenset(
    "a an the that this these those and also it its he his him she her hers they their them who which whom whose "
    "is are was were be been being am has have had having do does did done there then".split()
)
"""Little words that may be added or left out anywhere."""

_PREPOSITIONS = frozenset(
    "of in on at to from by for with against after before between under over about into through during until above "
    "below off out up down than as without near since toward across among".split()
)
_MOVABLE = frozenset("in on at during near after before since until around by throughout from".split())
_RELATIVE = frozenset("who which whom whose that".split())
_JOINING = frozenset("and or but".split())
_PAIRS = frozenset({(",", ","), ("(", ")"), ("—", "—"), ("–", "–")})
MAX_MOVED = 12
"""Tokens that a phrase moved from one end of the sentence to the other may have."""

MAX_ACTOR = 6
"""Tokens of who does it, or of what it is done to, when active becomes passive."""

_BY = -1
"""Stands for the "by" that a sentence made passive gets, in place of a place."""


def aligned(said: Sequence[Token], source: Sequence[Token]) -> list[int] | None:
    """Places in `source` of the telling words of `said`; None if they do not say the same there."""
    return _Comparison(said, source).places()


def _telling(token: Token) -> bool:
    return token.sort is not Sort.MARK and not (token.sort is Sort.LITTLE and token.stem in _FREE)


class _Comparison:
    """One sentence against one clipping; words of the sentence are told by their places in it."""

    def __init__(self, said: Sequence[Token], source: Sequence[Token]) -> None:
        self.said, self.source = said, source
        by_stem: dict[str, list[int]] = defaultdict(list)
        for m, token in enumerate(source):
            by_stem[token.stem].append(m)
        self.found = {n: [m for m in by_stem[t.stem] if _matches(t, source[m])] for n, t in enumerate(said)}
        self.found[_BY] = by_stem["by"]

    def places(self) -> list[int] | None:
        whole = list(range(len(self.said)))
        if any(_telling(token) and not self.found[n] and token.stem != "by" for n, token in enumerate(self.said)):
            return None
        if found := self.in_order(whole):
            return found
        for moved, rest in self.moves():
            one = self.in_order(moved)
            other = self.in_order(rest) if one else None
            if one and other and self.may_move(one, other):
                return sorted(one + other)
        return next((found for form, verb in self.voices() if (found := self.in_order(form, verb))), None)

    def in_order(self, order: Sequence[int], turned: int | None = None) -> list[int] | None:
        """Places in the clipping of these words, in order and with nothing left out between them that must not be.

        `turned` is a verb that is active here and passive there, or the other way round.
        """
        words = [n for n in order if n == _BY or _telling(self.said[n])]
        if not words:
            return None
        paths = {
            m: [m] for m in self.matches(words[0], turned) if not _lost_preposition(self.source[:m], self.source[m])
        }
        for last, word in pairwise(words):
            comma = any(self.said[n].stem in (",", ";") for n in range(last + 1, word))
            paths = {
                m: [*paths[n], m] for m in self.matches(word, turned) if (n := self.before(paths, m, comma)) is not None
            }
        return min(paths.values(), key=lambda path: path[-1] - path[0], default=None)

    def matches(self, word: int, turned: int | None) -> list[int]:
        """Places of the clipping that tell the word, in the same voice unless it is the one turned."""
        if word in (_BY, turned) or not self.said[word].verb:
            return self.found[word]
        return [m for m in self.found[word] if _same_voice(self.said, word, self.source, m)]

    def before(self, paths: dict[int, list[int]], place: int, comma: bool) -> int | None:
        """The nearest end of a path from which the words up to the place may be left out."""
        return next((n for n in sorted(paths, reverse=True) if n < place and self.may_skip(n, place, comma)), None)

    def may_skip(self, last: int, place: int, comma: bool) -> bool:
        """Whether the sentence may leave out what stands between two places of the clipping."""
        gap, after = self.source[last + 1 : place], self.source[place]
        if not comma and self.ends_relative(last, gap, after):
            return False
        if not any(_telling(token) for token in gap):
            return True
        lost = _lost_preposition(gap, after) or _leaves_phrase(self.source[last], gap)
        return not (lost or _jumps(gap, after) or _skips_its_like(gap, after) or (_open_comma(gap) and not comma))

    def ends_relative(self, last: int, gap: Sequence[Token], after: Token) -> bool:
        """Whether a clause about someone else ends between the two: "Berg, who beat Aldi, won" is not "Aldi won"."""
        if not (_open_comma(gap) and (after.verb or any(token.verb for token in gap))):
            return False
        opening = next((n for n in range(last, -1, -1) if self.source[n].stem == ","), last)
        return any(token.verb or token.stem in _RELATIVE for token in self.source[opening + 1 : last + 1])

    def moves(self) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """A phrase of time or place at one end of the sentence, and the rest."""
        size = len(self.said)
        starts = [n for n, t in enumerate(self.said) if t.sort is Sort.DATE or t.stem in _MOVABLE]
        for n in starts:
            if n and size - n <= MAX_MOVED:
                yield range(n, size), range(n)
        for n in range(2, min(size, MAX_MOVED) if 0 in starts else 0):
            yield range(n), range(n, size)

    def may_move(self, moved: list[int], rest: list[int]) -> bool:
        """Whether the phrase stands before or behind all the rest in the clipping, in one clause with it."""
        if rest[-1] < moved[0]:
            inner = self.source[rest[-1] + 1 : moved[0]]
        elif moved[-1] < rest[0]:
            inner = self.source[moved[-1] + 1 : rest[0]]
        else:
            return False
        return not any(token.verb or token.sort is Sort.DATE for token in inner)

    def voices(self) -> Iterator[tuple[list[int], int]]:
        """The sentence turned from passive to active, or from active to passive, and the verb that it is turned at."""
        size = len(self.said)
        for n, token in enumerate(self.said):
            if not token.verb or token.sort is Sort.LITTLE or not n:
                continue
            before = list(range(n))
            if token.passive and n + 1 < size and self.said[n + 1].stem == "by":
                ends = range(n + 3, min(n + 3 + MAX_ACTOR, size + 1))
                yield from (([*range(n + 2, end), n, *before, *range(end, size)], n) for end in ends)
            elif token.passive:
                yield [n, *before, *range(n + 1, size)], n
            else:
                ends = range(n + 2, min(n + 2 + MAX_ACTOR, size + 1))
                yield from (([*range(n + 1, end), n, _BY, *before, *range(end, size)], n) for end in ends)


def _matches(said: Token, source: Token) -> bool:
    """Whether it is the same word, and not the owner of what the sentence then must speak of."""
    return said.same(source) and not (source.owner and not said.owner)


def _same_voice(said: Sequence[Token], n: int, source: Sequence[Token], m: int) -> bool:
    """Whether both verbs are active or both passive; "built by" and ", built in" are passive without "was"."""
    if not said[n].verb or said[n].passive == source[m].passive:
        return True
    text, place = (source, m) if said[n].passive else (said, n)
    after = text[place + 1].stem if place + 1 < len(text) else ""
    return after == "by" or (place > 0 and text[place - 1].sort is Sort.MARK)


def _lost_preposition(gap: Sequence[Token], after: Token) -> bool:
    """Whether the word behind the gap lacks its "of" or "with": "the head of the bank" is not the bank."""
    for token in reversed(gap):
        if token.sort is Sort.LITTLE and token.stem in _PREPOSITIONS:
            return after.sort is not Sort.DATE
        if _telling(token) or token.sort is Sort.MARK:
            return False
    return False


def _leaves_phrase(before: Token, gap: Sequence[Token]) -> bool:
    """Whether a preposition loses its own noun: "by Berg, starring Lund" is not "by Lund"."""
    return before.stem in _PREPOSITIONS and any(token.verb or token.sort is Sort.MARK for token in gap)


def _jumps(gap: Sequence[Token], after: Token) -> bool:
    """Whether a verb is left out, but not what it is done to."""
    if after.verb and _has_subject(gap):
        return True
    verb = any(token.verb and _telling(token) for token in gap)
    return verb and not (after.verb or after.stem in _PREPOSITIONS or _is_closed(gap))


def _has_subject(gap: Sequence[Token]) -> bool:
    """Whether the verb behind the gap has a name of its own before it: "and Lund (who beat Aldi)"."""
    place = len(gap)
    while place and gap[place - 1].stem in ("(", ",", "who", "which"):
        place -= 1
    end = place
    while place and gap[place - 1].sort is Sort.NAME:
        place -= 1
    return 0 < place < end and gap[place - 1].stem in _JOINING


def _is_closed(gap: Sequence[Token]) -> bool:
    """Whether the gap is put between commas, dashes or brackets."""
    return len(gap) > 1 and (gap[0].stem, gap[-1].stem) in _PAIRS


def _skips_its_like(gap: Sequence[Token], after: Token) -> bool:
    """Whether a nearer date is left out, or a nearer phrase with the same preposition together with its verb."""
    if after.sort is Sort.DATE:
        return any(token.sort is Sort.DATE for token in gap)
    verb = any(token.verb and _telling(token) for token in gap)
    return verb and after.stem in _PREPOSITIONS and any(token.stem == after.stem for token in gap)


def _open_comma(gap: Sequence[Token]) -> bool:
    """Whether the gap leaves a clause that it did not begin in: "…, who beat Aldi, [won]"."""
    commas = sum(token.stem in (",", ";") for token in gap)
    return commas % 2 == 1 and not any(token.stem in _JOINING for token in gap)
