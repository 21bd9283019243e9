"""Rewrites texts in other languages than English so that the search finds words in any inflected form.

    words      replaced by their stems, by the language of the article (`stems`)
    unspaced   a run of Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese or Tibetan letters becomes its overlapping
               pairs, so that a part of the run is found
    Arabic     without vowel marks and the article "al-", with one form of alef, ya and ta marbuta
    Turkish    dotless and dotted i are the same letter

English words stay as they are, because the tokenizer of the full text is made for them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

import regex

from index.language.stems import stem_in

_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
_CLUSTER = regex.compile(r"\P{M}\p{M}*")
_TOKEN = regex.compile(rf"(?P<run>(?:(?![\p{{P}}\p{{Z}}]){_UNSPACED}\p{{M}}*)+)|[\p{{L}}\p{{M}}]+|\p{{Nd}}+")
_UNSPACED_LETTER = regex.compile(_UNSPACED)
_SUFFIX_AFTER_APOSTROPHE = regex.compile(r"(?<=\p{Lu}\p{L}*)['’]\p{Ll}+")
_ARABIC_MARKS = regex.compile(r"[\u0640\p{Mn}]")
_ACCENTS = regex.compile(r"\p{Mn}")
_ARABIC_ARTICLE = regex.compile(r"^[وف]?(?:[بك]?ال|لل)(?=\p{L}{3})")
_ARABIC_FORMS = str.maketrans("أإآٱىیئةؤک", "ااااييي\u0647وك")
_LANGUAGES_OF_SCRIPTS = {
    "ARABIC": ("ar", "fa", "ur", "ps", "ug", "sd"),
    "CYRILLIC": ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "tt"),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"),
    "GREEK": ("el",),
    "ARMENIAN": ("hy",),
    "TAMIL": ("ta",),
}
"""The languages of a script other than Latin; the stemmer of the first is for words in articles in any other."""


def searchable(text: str, language: str | None) -> str:
    """Returns the words of `text` as they are searched for, with single spaces between; English words are not changed.

    `language` is that of the text (ISO 639-1); None is treated as English, except for words in other scripts.
    """
    if language not in (None, "en"):
        return " ".join(stemmed(word, language) for word in split(text, language))
    if text.isascii():
        return text
    return _TOKEN.sub(lambda found: found[0] if _is_latin(found[0]) else f" {_other_script(found[0])} ", text)


def _other_script(run: str) -> str:
    return " ".join(stemmed(word, "en") for word in split(run, "en"))


def split(text: str, language: str) -> list[str]:
    """Returns the words of a text in lower case, in order; of a run of an unspaced script the overlapping pairs."""
    text = unicodedata.normalize("NFKC", text)
    if language in ("tr", "az"):
        text = _SUFFIX_AFTER_APOSTROPHE.sub("", text).replace("İ", "i").replace("I", "ı")
    return [word for match in _TOKEN.finditer(text.lower()) for word in _pairs(match)]


def _pairs(match: regex.Match[str]) -> list[str]:
    if not match["run"]:
        return [match[0]]
    letters = _CLUSTER.findall(match[0])
    return [a + b for a, b in pairwise(letters)] or letters


def is_unspaced(text: str) -> bool:
    """Returns whether a text has a letter of a script that is written without spaces, or of Korean."""
    return not text.isascii() and bool(_UNSPACED_LETTER.search(text))


def is_uncased(text: str) -> bool:
    """Returns whether a text has a letter of a script without capitals (Unicode's general category "Lo").

    Words in such scripts are often joined to others, so that they are found within longer ones only letter by letter.
    """
    return not text.isascii() and any(unicodedata.category(letter) == "Lo" for letter in text)


def count_words(text: str) -> int:
    """Returns the number of words of a text; two letters of a script without spaces count as one."""
    words = len(text.split())
    return words + len(_UNSPACED_LETTER.findall(text)) // 2 if not text.isascii() else words


def spaced(text: str) -> str:
    """Returns the text with spaces around every letter of a script without spaces, to be compared word by word."""
    return text if text.isascii() else _UNSPACED_LETTER.sub(r" \g<0> ", text)


def is_latin(text: str) -> bool:
    """Returns whether most letters of a text are Latin."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(map(_is_latin, letters)) > len(letters)


def _is_latin(word: str) -> bool:
    return word[0].isascii() or _script(word) == "LATIN"


@lru_cache(maxsize=65536)
def _script(word: str) -> str:
    return unicodedata.name(word[0], "").partition(" ")[0]


@lru_cache(maxsize=262144)
def stemmed(word: str, language: str) -> str:
    """Returns a lower-case word of an article in this language as it is searched for."""
    if word.isdecimal():
        return "".join(str(unicodedata.decimal(digit)) for digit in word)
    script = _script(word)
    if script == "ARABIC":
        word = _ARABIC_ARTICLE.sub("", _ARABIC_MARKS.sub("", word)) or word
    stem = stem_in(_stemmed_as(script, language), word)
    if script == "ARABIC":
        return stem.translate(_ARABIC_FORMS)
    if script in ("LATIN", "CYRILLIC"):
        stem = _ACCENTS.sub("", unicodedata.normalize("NFKD", stem))
    return stem.replace("ı", "i")


def _stemmed_as(script: str, language: str) -> str:
    """Returns the language whose stemmer is for a word: the article's, unless the word is in another's script."""
    if script in _LANGUAGES_OF_SCRIPTS:
        return language if language in _LANGUAGES_OF_SCRIPTS[script] else _LANGUAGES_OF_SCRIPTS[script][0]
    other = any(language in languages for languages in _LANGUAGES_OF_SCRIPTS.values())
    return "en" if other and language != "sr" else language
