"""Whether an answer holds a string: on whole words, without case, punctuation and thousands separators.

The same is done to both sides: "1,200" is "1200", "71.6million" is "71.6 million", "0.3%" is "0.3 per cent", "pre-sale"
is "pre sale", "U.S." is "US", and "don’t" and "don't" are one word, the same. A decimal point stays, a currency sign
does not. A possessive is the name and an "s": "Norway's" holds "Norway".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = re.compile("[‘’‛ʼ`´＇]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)")
_SPACED_THOUSANDS = re.compile("(?<![\\d.,])\\d{1,3}(?:[\u00a0\u2009\u202f]\\d{3})+(?!\\d)")
_INITIALS = re.compile(r"(?<![\w.])[^\W\d_](?:\.[^\W\d_])+(?!\w)")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_PERCENT = re.compile(r"%|\b(?:per cent|pct)\b")
_UNIT = re.compile(r"(?<=\d)(?!(?:st|nd|rd|th)\b)(?=(?:[kmb]|[^\W\d_]{2,})\b)")
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")


def normalise(text: str) -> str:
    """The words of a text in lower case, one space between them; empty if it has no letter and no digit."""
    text = _SPACED_THOUSANDS.sub(_digits, unicodedata.normalize("NFC", _INVISIBLE.sub("", text)))
    text = _APOSTROPHES.sub("'", _THOUSANDS.sub(_digits, text).casefold())
    text = _INITIALS.sub(lambda found: found.group().replace(".", ""), text)
    text = _POSSESSIVE.sub(" s", text).replace("'", "")
    return " ".join(_WORD.findall(_PERCENT.sub(" percent ", _UNIT.sub(" ", text))))


def holds(text: str, wordings: Iterable[str]) -> bool:
    """Whether the text holds one of the strings, as whole words."""
    haystack = f" {normalise(text)} "
    return any(needle.strip() and needle in haystack for needle in (f" {normalise(w)} " for w in wordings))


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found.group())
