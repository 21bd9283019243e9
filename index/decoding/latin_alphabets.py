"""Identifies the single-byte encoding of a text in Latin script, by the alphabets of languages.

The encodings differ in a few letters: the byte for "ž" in one is "¾" in another and "ľ" in a third. In the right
encoding, all non-ASCII characters belong to the alphabet of one language; in a wrong one, hardly ever.
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
# Smallest share of the non-ASCII bytes that must fit one alphabet; others may be in foreign names, or damaged.
_FITS = 0.97
# Largest share of non-ASCII bytes in text in Latin script; Czech and Lithuanian have 0.13, Greek and Russian 0.8.
_MOST_LETTERS = 0.25


def latin_encoding(data: bytes) -> str | None:
    """Returns the encoding in which `data` best fits the alphabet of one language; None if it fits in no encoding.

    Data with too many non-ASCII bytes is in another script, and fits none.
    """
    letters = Counter(byte for byte in data if byte > 0x7F)
    if not letters or letters.total() > _MOST_LETTERS * len(data):
        return None
    shares = {encoding: _share(letters, encoding) for encoding in _ENCODINGS}
    best = max(shares, key=lambda encoding: shares[encoding])  # the first one if several are equal
    return best if shares[best] >= _FITS else None


def _share(letters: Counter[int], encoding: str) -> float:
    """Returns the largest share of the letters that are in one language's alphabet, or are marks."""
    counts = [0] * len(_ALPHABETS)
    for byte, count in letters.items():
        for language in _languages(encoding)[byte - 0x80]:
            counts[language] += count
    return max(counts) / letters.total()


@lru_cache(maxsize=len(_ENCODINGS))
def _languages(encoding: str) -> tuple[tuple[int, ...], ...]:
    """Returns for each byte from 0x80 the indices of the alphabets that contain its character; all for a mark."""
    characters = [bytes([byte]).decode(encoding, errors="replace").lower() for byte in range(0x80, 0x100)]
    return tuple(
        tuple(n for n, alphabet in enumerate(_ALPHABETS) if character in _MARKS or character in alphabet)
        for character in characters
    )
