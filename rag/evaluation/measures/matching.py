"""Checks whether an answer contains a string, by whole words, ignoring case, punctuation and thousands separators.

Both are normalised: "1,200" equals "1200", "71.6million" equals "71.6 million", "0.3%" equals "0.3 per cent",
"pre-sale" equals "pre sale", "U.S." equals "US", and "don’t" equals "don't" and is one word. Decimal points are kept,
currency signs are removed. A possessive is split into the name and "s", so that "Norway's" contains "Norway".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = "[\u00ad\u200b-\u200f\u2060\ufeff]"
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found.group())


_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("(?<![\\d.,])\\d{1,3}(?:[\u00a0\u2009\u202f]\\d{3})+(?!\\d)", _digits),  # thousands, by narrow spaces
        (r"(?<![\d.,])\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)", _digits),  # or by commas
        ("[‘’‛ʼ`´＇]", "'"),
        (r"(?<![\w.])[^\W\d_](?:\.[^\W\d_])+(?!\w)", lambda found: found.group().replace(".", "")),  # initials
        (r"(?<=\w)'s\b", " s"),  # possessives
        ("'", ""),
        (r"(?<=\d)(?!(?:st|nd|rd|th)\b)(?=(?:[kmb]|[^\W\d_]{2,})\b)", " "),  # units
        (r"%|\b(?:per cent|pct)\b", " percent "),
    )
]
"""What is replaced by what, in this order."""


def normalise(text: str) -> str:
    """Returns the normalised words of a text, separated by single spaces; empty if it has no letter or digit."""
    text = unicodedata.normalize("NFC", re.sub(_INVISIBLE, "", text)).casefold()
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return " ".join(_WORD.findall(text))


def holds(text: str, wordings: Iterable[str]) -> bool:
    """Whether the text contains one of the strings, as whole words."""
    haystack = f" {normalise(text)} "
    return any(needle.strip() and needle in haystack for needle in (f" {normalise(w)} " for w in wordings))
