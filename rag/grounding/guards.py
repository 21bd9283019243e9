"""Rules that reject a claim regardless of the verifier: it must not contain numbers or names missing in the clipping.

Also finds the words of a claim that have no counterpart in its clipping, so that they can be highlighted.
"""

from __future__ import annotations

import re
from decimal import Decimal

from index.language.calendar_words import MONTHS
from index.language.sentences import Span
from rag.text import terms

SMALL = 12
"""Largest number that is not checked: a claim may derive small counts ("two of them"), which the verifier judges."""

COMMON = 4
"""Length of the common prefix by which two words count as forms of one name: "Kuwait" and "Kuwaiti"."""

OTHER_NAMES = (
    frozenset({"u", "us", "usa", "american", "america", "unit", "washington"}),
    frozenset({"uk", "british", "britain", "unit", "london"}),
    frozenset({"dutch", "netherland", "holland"}),
    frozenset({"danish", "denmark"}),
    frozenset({"polish", "poland", "pole"}),
    frozenset({"swiss", "switzerland"}),
)
"""Groups of stems that name the same country."""

_CAPITALS = re.compile(r"\b[A-Z]")


def own_facts(claim: str, clipping: str, context: str) -> frozenset[str]:
    """Returns the claim's numbers that are not in the `clipping`, and names that are in neither clipping nor `context`.

    A name may come from the title or the sentence before, because the clipping may have a pronoun for it; a number may
    not. The claim's first word is not checked as a name, because it has a capital in any case.
    """
    known = terms.stems(context) | terms.stems(clipping)
    initials = "".join(_CAPITALS.findall(f"{context} {clipping}")).lower()
    names = {word.stem for (start, _), word in terms.placed(claim) if word.name and not word.number and start > 0}
    own = {name for name in names if not _is_known(name, known, initials)} - set(MONTHS)
    return frozenset({n for n in terms.numbers(claim) - terms.numbers(clipping) if not _is_small(n)} | own)


def _is_known(name: str, known: frozenset[str], initials: str) -> bool:
    """Whether a name is known in some form: its stem, a common prefix, another name of the country, or initials."""
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
    """Returns the spans of the claim's content words, except numbers, whose stem does not occur in the clipping."""
    known = terms.stems(clipping)
    return tuple(span for span, word in terms.placed(claim) if not word.number and word.stem not in known)
