"""What must hold of a claim whatever the verifier says: it brings no number and no name of its own.

And which words of a claim have no counterpart in its clipping, so that they can be shown.
"""

from __future__ import annotations

import re
from decimal import Decimal

from index.sentences import Span
from rag import wording

SMALL = 12
"""Numbers up to this are counts that a claim may draw from a clipping ("two of them"): the verifier judges them."""

COMMON = 4
"""Letters at the beginning that two forms of a name have in common: "Kuwait" and "Kuwaiti"."""

OTHER_NAMES = (
    frozenset({"u", "us", "usa", "american", "america", "unit", "washington"}),
    frozenset({"uk", "british", "britain", "unit", "london"}),
    frozenset({"dutch", "netherland", "holland"}),
    frozenset({"danish", "denmark"}),
    frozenset({"polish", "poland", "pole"}),
    frozenset({"swiss", "switzerland"}),
)
"""Stems of names for one country."""

_CAPITALS = re.compile(r"\b[A-Z]")


def own_facts(claim: str, clipping: str, context: str) -> frozenset[str]:
    """Numbers of the claim that are not in the `clipping`, and names that are not in the `context` around it either.

    A name may be in the title or the sentence before, where the clipping has a pronoun; a number may not. The first
    word of a claim has a capital anyway, and is no name by that.
    """
    known = wording.stems(context) | wording.stems(clipping)
    initials = "".join(_CAPITALS.findall(f"{context} {clipping}")).lower()
    names = {word.stem for (start, _), word in wording.placed(claim) if word.name and not word.number and start > 0}
    own = {name for name in names if not _is_known(name, known, initials)} - set(wording.MONTHS)
    return frozenset({n for n in wording.numbers(claim) - wording.numbers(clipping) if not _is_small(n)} | own)


def _is_known(name: str, known: frozenset[str], initials: str) -> bool:
    """Whether a name stands there in some form: itself, as an adjective, another name of the country, initials."""
    if name in known or (1 < len(name) <= COMMON and name in initials):
        return True
    if any(name in group and group & known for group in OTHER_NAMES):
        return True
    return len(name) >= COMMON and any(word.startswith(name[:COMMON]) for word in known)


def _is_small(number: str) -> bool:
    try:
        return Decimal(number) <= SMALL
    except ArithmeticError:  # "3,7" and the like
        return False


def without_counterpart(claim: str, clipping: str) -> tuple[Span, ...]:
    """Where the claim's words of meaning stand that the clipping has in no form."""
    known = wording.stems(clipping)
    return tuple(span for span, word in wording.placed(claim) if not word.number and word.stem not in known)
