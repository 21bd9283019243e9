"""Identifies the language of a text or of a question, as a two-letter code (ISO 639-1).

English is recognised by its most frequent words, which takes microseconds; any other language by py3langid, which is
loaded when it is first needed (0.7 s). For short texts, the result is None rather than a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from itertools import islice
from typing import Any

from index.language.searchable import is_latin, is_unspaced
from index.language.stopwords import STOPWORDS, foreign_stopwords, stopwords_of

# Number of characters that are examined, and of letters that are needed, since single names mislead; in scripts without
# spaces a letter says more.
_LOOKED_AT = 1000
_NEEDED = 40
_NEEDED_UNSPACED = 8
# In English running text about a third of the words are among these; in Scots, Dutch or Afrikaans less than a tenth.
_ENGLISH = frozenset(
    "the of and to a in that is was for it on with as at by from his he be this have are not were which".split()
)
_ENGLISH_SHARE = 0.2
_MARK = re.compile(r"\b(?:the|and|of|that)\b")
_ASKS_IN_ENGLISH = frozenset("what when where which who whom whose why how does did".split())
_CODE = re.compile(r"[a-z]{2,3}(?=$|[-_ ])", re.I)
_WORD = re.compile(r"[^\W\d_]+")
_THREE = dict(pair.split(":") for pair in "eng:en ger:de deu:de fre:fr fra:fr spa:es ita:it por:pt rus:ru".split())
_VARIETIES = {"arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh", "nn": "no", "pcm": "en"}
"""py3langid's codes of varieties, by the language as whose they are treated."""

_NEAR = 5
"""The number of languages that py3langid finds likeliest, among which one of the archive is taken for a question's."""


def language_of(text: str, declared: str | None = None) -> str | None:
    """Returns the language of `text`; if it is too short, the one declared by the file, or None."""
    sample = text[:_LOOKED_AT]
    needed = _NEEDED_UNSPACED if is_unspaced(sample) else _NEEDED
    if len([*islice(filter(str.isalpha, sample), needed)]) < needed:
        return _code(declared)
    words = sample.lower().split()
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words) and _MARK.search(sample.lower()):
        return "en"
    return _ranked(sample)[0]


def language_of_question(question: str, archive: Callable[[], Collection[str]]) -> str:
    """Returns the language of a question; English unless it is surely another, or probably one of the archive's.

    `archive` returns the languages of the articles; it is called only if the question is not surely English.
    """
    words = _WORD.findall(question.lower())
    if not words or words[0] in _ASKS_IN_ENGLISH:
        return "en"
    held = set(archive())
    if held <= {"en"} and question.isascii() and foreign_stopwords().isdisjoint(words):
        return "en"
    likely = _ranked(question)
    own = [code for code in likely[:_NEAR] if code in held and code != "en"]
    found = likely[0] if likely[0] in held or likely[0] == "en" or not own else own[0]
    if found == "en" or not is_latin(question):
        return found
    foreign = sum(word in stopwords_of(found) and word not in STOPWORDS for word in words)
    english = sum(word in STOPWORDS and word not in stopwords_of(found) for word in words)
    return found if foreign >= english + (0 if found in held else 2) else "en"


def _ranked(sample: str) -> list[str]:
    """Returns the languages that a text may be in, the likeliest first."""
    return list(dict.fromkeys(_VARIETIES.get(code, code) for code, _ in _identifier().rank(sample)))


def _code(declared: str | None) -> str | None:
    match = _CODE.match((declared or "").strip())
    code = match[0].lower() if match else ""
    return _THREE.get(code) or (code if len(code) == 2 else None)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    import py3langid

    return py3langid
