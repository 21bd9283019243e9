"""Identifies the language of a text, as a two-letter code (ISO 639-1).

English is recognised by its most frequent words, which takes microseconds; any other language by py3langid, which is
loaded when it is first needed (0.7 s). For short texts, the result is None rather than a guess.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

# Number of characters that are examined, and of letters that are needed, since single names mislead.
_LOOKED_AT = 1000
_NEEDED = 40
# In English running text about a third of the words are among these; in Scots, Dutch or Afrikaans less than a tenth.
_ENGLISH = frozenset(
    "the of and to a in that is was for it on with as at by from his he be this have are not were which".split()
)
_ENGLISH_SHARE = 0.2
_MARK = re.compile(r"\b(?:the|and|of|that)\b")
_CODE = re.compile(r"[a-z]{2,3}(?=$|[-_ ])", re.I)
_THREE = {
    "eng": "en",
    "ger": "de",
    "deu": "de",
    "fre": "fr",
    "fra": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
}


def language_of(text: str, declared: str | None = None) -> str | None:
    """Returns the language of `text`; if it is too short, the one declared by the file, or None."""
    sample = text[:_LOOKED_AT]
    if sum(character.isalpha() for character in sample) < _NEEDED:
        return _code(declared)
    words = sample.lower().split()
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words) and _MARK.search(sample.lower()):
        return "en"
    found, _ = _identifier().classify(sample)
    return str(found)


def _code(declared: str | None) -> str | None:
    match = _CODE.match((declared or "").strip())
    code = match[0].lower() if match else ""
    return _THREE.get(code) or (code if len(code) == 2 else None)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    import py3langid

    return py3langid
