"""The words of a question that are searched for, each in all forms that the articles' languages give it."""

from __future__ import annotations

import re
from collections.abc import Collection

from index.language.searchable import is_unspaced, split, stemmed
from index.language.stopwords import STOPWORDS, stopwords_of

_WORD = re.compile(r"\w+")

Forms = tuple[str, ...]
"""One word of a question, in every form in which an article may have it."""


def question_terms(question: str) -> list[str]:
    """Returns the content words of an English question, lower case, each once; all words if it has only stop words."""
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    return [word for word in words if word not in STOPWORDS] or words


def word_forms(question: str, language: str, held: Collection[str]) -> list[Forms]:
    """Returns the content words of a question in their forms, each once; all words if it has only stop words.

    `language` is that of the question, `held` are those of the articles.
    """
    stop = stopwords_of(language)
    if is_unspaced(question):
        for word in sorted(filter(is_unspaced, stop), key=len, reverse=True):
            question = question.replace(word, " ") if len(word) > 1 or word in _ASKING else question
    words = list(dict.fromkeys(split(question, language)))
    words = [word for word in words if word not in stop] or words
    return [forms_of(word, language, held) for word in words]


def forms_of(word: str, language: str, held: Collection[str]) -> Forms:
    """Returns a lower-case word as it is searched for in the languages of the articles, and in its own."""
    return tuple(dict.fromkeys([word, *(stemmed(word, each) for each in (language, *sorted(held)) if each != "en")]))


_ASKING = frozenset("谁誰几幾吗何")
"""Chinese and Japanese words of one letter that ask; other stop words of one letter are parts of too many words."""
