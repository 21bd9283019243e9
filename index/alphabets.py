"""Tell which of the single-byte encodings of Latin letters a text is in, by the alphabets of the languages.

The encodings differ in a few letters: what is "ž" in one is "¾" in the next and "ľ" in the third. In the right one
everything outside ASCII belongs to the alphabet of one language; in a wrong one hardly ever.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

_ALPHABETS = (
    "àâæçèéêëîïôùûüÿœ",  # French
    "äöüß",
    "áéíñóúüºª",  # Spanish
    "àáâãçéêíóôõúüºª",  # Portuguese
    "àèéìîòóù",  # Italian
    "àçèéíïòóúü·",  # Catalan
    "äåéèæøö",  # Danish, Norwegian, Swedish, Finnish
    "äõöüšž",  # Estonian
    "áæðéíóöúýþ",  # Icelandic
    "áâàäèéêëíîïóôöòúûüùç",  # Dutch, and borrowed words
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýžäöü",  # Czech, with German names
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţșț",  # Romanian
    "çğıöşüâîûi̇",  # Turkish
    "āčēģīķļņšūž",  # Latvian
    "ąčęėįšųūž",  # Lithuanian
)
_MARKS = frozenset("“”„‚‘’–—…«»‹›°§€£•·©®™†‡¿¡²³½¼¾\u00a0\u00ad")
_ENCODINGS = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-13", "mac_roman")
# One letter in so many may be of a foreign name, or damaged.
_FITS = 0.97
# Of the bytes; Czech and Lithuanian have 0.13, Greek and Russian 0.8.
_MOST_LETTERS = 0.25


def latin_encoding(data: bytes) -> str | None:
    """The encoding in which `data` is written in one alphabet; the first that fits, None where none does.

    Data that is mostly not ASCII is of another script, and fits none.
    """
    letters = Counter(byte for byte in data if byte > 0x7F)
    if not letters or letters.total() > _MOST_LETTERS * len(data):
        return None
    shares = {encoding: _share(letters, encoding) for encoding in _ENCODINGS}
    best = max(shares, key=lambda encoding: shares[encoding])  # the first of equals
    return best if shares[best] >= _FITS else None


def _share(letters: Counter[int], encoding: str) -> float:
    """How many of the bytes are in one language's alphabet or are marks."""
    counts = [0] * len(_ALPHABETS)
    for byte, count in letters.items():
        for language in _languages(encoding)[byte - 0x80]:
            counts[language] += count
    return max(counts) / letters.total()


@lru_cache(maxsize=len(_ENCODINGS))
def _languages(encoding: str) -> tuple[tuple[int, ...], ...]:
    """For each byte above ASCII the numbers of the languages that write its character."""
    characters = [bytes([byte]).decode(encoding, errors="replace").lower() for byte in range(0x80, 0x100)]
    return tuple(
        tuple(n for n, alphabet in enumerate(_ALPHABETS) if character in _MARKS or character in alphabet)
        for character in characters
    )
