"""Stems of words, by language: "wounded" and "wounding" have the same stem, and in English so have "shot" and "shoot".

The stemmers are Snowball's. A language without one uses that of a related language, if there is one.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

import snowballstemmer

from index.language.word_forms import BASE

_ALGORITHMS = dict(
    pair.split(":")
    for pair in (
        "ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish et:estonian eu:basque "
        "fa:persian fi:finnish fr:french ga:irish hi:hindi hu:hungarian hy:armenian id:indonesian it:italian "
        "lt:lithuanian ne:nepali nl:dutch no:norwegian pl:polish pt:portuguese ro:romanian ru:russian sr:serbian "
        "sv:swedish ta:tamil tr:turkish"
    ).split()
)
_RELATED = dict(pair.split(":") for pair in "be:ru bg:ru bs:sr gl:pt hr:sr mk:ru mr:hi ms:id sk:cs uk:ru".split())


class _Stemmers(threading.local):
    """One stemmer per thread and language, because a stemmer stores the word it is processing."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __call__(self, word: str, language: str) -> str:
        if language not in self.made:
            self.made[language] = snowballstemmer.stemmer(_ALGORITHMS[language])
        return str(self.made[language].stemWord(word))


_STEMMERS = _Stemmers()


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Returns the stem of an English lower-case word, or of its base form if irregular; drops dots, reads ’ as '."""
    plain = word.replace(".", "").replace("’", "'")
    return _STEMMERS(BASE.get(plain, plain), "en")


@lru_cache(maxsize=65536)
def stem_in(language: str, word: str) -> str:
    """Returns the stem of a lower-case word of a language (ISO 639-1); the word itself if there is no stemmer."""
    language = _RELATED.get(language, language)
    return _STEMMERS(word, language) if language in _ALGORITHMS else word
