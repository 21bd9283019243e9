"""Words that turn or weaken what a sentence says: denials, doubts, conditions, "all" and "some".

They must be the same in the sentence and in the part of the clipping that it uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.speakers import DOUBTFUL
from rag.tokens import Sort, Token, tokens


def _stems(words: str) -> frozenset[str]:
    return frozenset(token.stem for token in tokens(words))


_NEGATIONS = _stems("not no never none neither nor without nobody nothing nowhere hardly barely scarcely")
_DOUBTS = DOUBTFUL | _stems(
    "deny denied denial accused accusing accusation alleged allegedly reportedly supposedly refuse refused decline "
    "declined reject rejected unclear unlikely likely threaten threatened dispute disputed doubt fail failed "
    "rumour rumor expected plan planned proposed attempt attempted try tried seek sought intend intended want "
    "possible possibly probably perhaps presumably apparently seem seemed appear appeared fictional "
    "may might could would should if unless whether except"
)
_AMOUNTS = _stems(
    "all every each only both some many most several few always often usually sometimes generally typically "
    "frequently occasionally rarely seldom mainly mostly primarily partly largely chiefly predominantly almost "
    "nearly virtually entirely completely half"
)
BEFORE = 2
"""Words before the first one used among which an amount belongs to it: "most of the" houses."""


def cues(text: Sequence[Token], amounts_from: int = 0) -> Counter[str]:
    """Such words in the text, amounts only from a place on; all negations count as the same."""
    stems = [token.stem for token in text]
    telling = [stem for n, stem in enumerate(stems) if stem in _DOUBTS or (stem in _AMOUNTS and n >= amounts_from)]
    return Counter(telling + ["not"] * sum(stem in _NEGATIONS for stem in stems))


def turned(sentence: Sequence[Token], clipping: Sequence[Token], first: int, last: int) -> str:
    """What the sentence adds to, or leaves out of, such words of the part of the clipping that it uses.

    A denial or a doubt counts from the beginning of the clause of the `first` word used to the end of the phrase of the
    `last`; an amount only if it is near.
    """
    if added := cues(sentence) - cues(clipping):
        return f"added: {', '.join(sorted(added))}"
    return left_out(sentence, clipping, first, last)


def left_out(sentence: Sequence[Token], clipping: Sequence[Token], first: int, last: int) -> str:
    """The second half of `turned`: what stands in that part of the clipping and not in the sentence."""
    start, end = _clause_start(clipping, first), _phrase_end(clipping, last)
    dropped = cues(clipping[start:end], first - BEFORE - start) - cues(sentence)
    return f"left out: {', '.join(sorted(dropped))}" if dropped else ""


def _clause_start(text: Sequence[Token], place: int) -> int:
    while place and text[place - 1].stem not in (";", ".", "?", "!"):
        place -= 1
    return place


def _phrase_end(text: Sequence[Token], place: int) -> int:
    while place < len(text) and text[place].sort is not Sort.MARK:
        place += 1
    return place
