"""Stems of English words: "wounded" and "wounding" are the same, and so are "shot" and "shoot"."""

from __future__ import annotations

import threading
from functools import lru_cache

import snowballstemmer

from index.language.word_forms import BASE


class _Stemmer(threading.local):
    """One stemmer per thread, because a stemmer stores the word it is processing and so is not thread-safe."""

    def __init__(self) -> None:
        self.one = snowballstemmer.stemmer("english")


_STEMMER = _Stemmer()


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Returns the stem of a lower-case word, or of its base form if it is irregular; drops dots, and reads ’ as '."""
    plain = word.replace(".", "").replace("’", "'")
    return str(_STEMMER.one.stemWord(BASE.get(plain, plain)))
