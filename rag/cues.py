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
_SWEEPING = DOUBTFUL | _stems(
    "deny denied denial accused accusing accusation alleged allegedly reportedly supposedly reject rejected unclear "
    "threaten threatened dispute disputed doubt rumour rumor if unless whether fictional"
)
"""Doubts about everything that comes after them in the sentence: "Russia denied, on Monday, that …"."""
_DOUBTS = _SWEEPING | _stems(
    "refuse refused decline declined unlikely likely fail failed "
    "expected plan planned proposed attempt attempted try tried seek sought intend intended want "
    "possible possibly probably perhaps presumably apparently seem seemed appear appeared "
    "may might could would should except"
)
_AMOUNTS = _stems(
    "all every each only both some many most several few always often usually sometimes generally typically "
    "frequently occasionally rarely seldom mainly mostly primarily partly largely chiefly predominantly almost "
    "nearly virtually entirely completely half"
)
_OPENING = frozenset("while whilst although though whereas but".split())
"""Words that begin a clause of its own. Not "that", "because", and "who" or "which" without a comma: what is denied
stands after them, too ("no paper on which he wrote")."""
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
    start, end = _sentence_start(clipping, first), _phrase_end(clipping, last)
    return _told(cues(clipping[start:end], first - BEFORE - start) - cues(sentence))


def left_out_of_answer(asked: Sequence[Token], clipping: Sequence[Token], first: int, last: int) -> str:
    """What is left out of them by a few words of the clipping that answer a question; `asked` are the words of both.

    The rest of the sentence is not claimed, so a "not" or "may" counts in the answer's own clause only, and where a
    "that" comes after it; "if it rains" and "he denied" count wherever they stand before it.
    """
    start, own, end = _sentence_start(clipping, first), _clause_start(clipping, first), _phrase_end(clipping, last)
    that = next((n for n in range(own - 1, start, -1) if clipping[n].stem == "that"), start)
    before = cues(clipping[start:that], that) + Counter(t.stem for t in clipping[that:own] if t.stem in _SWEEPING)
    return _told(before + cues(clipping[own:end], first - BEFORE - own) - cues(asked))


def _told(dropped: Counter[str]) -> str:
    return f"left out: {', '.join(sorted(dropped))}" if dropped else ""


def _sentence_start(text: Sequence[Token], place: int) -> int:
    while place and text[place - 1].stem not in (";", ".", "?", "!"):
        place -= 1
    return place


def _clause_start(text: Sequence[Token], first: int) -> int:
    """Where the clause of the word begins, as far as it is sure; brackets before it are no part of it."""
    place = first
    while place and not _begins(text, place, first):
        place -= 1
    return place


def _begins(text: Sequence[Token], place: int, first: int) -> bool:
    """Whether a clause that holds `first` begins at `place`.

    After a comma, a dash or a bracket only if it has a verb before `first` and no other comma, else it may be a list
    ("no gold, silver or lead"), and does not begin with "that" or with a verb ("Never, since 1990, had they won").
    """
    mark, opening, inner = text[place - 1].stem, text[place], text[place:first]
    if mark in (";", ":", ".", "?", "!") or opening.stem in _OPENING:
        return True
    whole = any(token.verb for token in inner) and not any(token.stem == "," for token in inner)
    return mark in (",", "(", "—", "–") and whole and opening.stem != "that" and not opening.verb


def _phrase_end(text: Sequence[Token], place: int) -> int:
    while place < len(text) and text[place].sort is not Sort.MARK:
        place += 1
    return place
