"""Do the numbers of a sentence count what they count in the clipping, and as exactly?

"12 soldiers were wounded" is not in "12 soldiers were killed and 20 were wounded", nor "33 died" in "at least 33 died".
Dates count nothing; that they occur is checked elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag import wording
from rag.dates_in_text import dates

NEAR = 3
"""Words after a number among which the thing that it counts is looked for."""

_BREAK = re.compile(r"[;:!?()“”\"—]|[.,](?=\s|$)")
_PERCENT = re.compile(r"\s?%| per cent\b")
_ABOUT = re.compile(
    r"\b(?:(?P<more>more than|over|at least|no (?:fewer|less) than)"
    r"|(?P<less>less than|fewer than|under|up to|at most|nearly|almost|close to)"
    r"|(?P<about>about|around|roughly|approximately|some))\s+(?=(?P<rest>[\w$€£].{0,40}))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number that counts something.

    `after` are the words right behind it, `following` all up to the next number, both but for names (a place may be
    told anywhere), `around` all between its neighbouring numbers.
    """

    number: str
    after: tuple[str, ...]
    following: frozenset[str]
    around: frozenset[str]


def miscounted(sentence: str, clipping: str) -> str:
    """What is wrong with the sentence's numbers, for people; empty if nothing is."""
    sentence, clipping = _PERCENT.sub(" percent", sentence), _PERCENT.sub(" percent", clipping)
    said, source = wording.stems(sentence), wording.stems(clipping)
    there, numbers = _counted(clipping), wording.numbers(clipping)
    for here in _counted(sentence):
        if here.number not in numbers:
            continue
        occurrences = [c for c in there if c.number == here.number]  # none if it is only in dates
        told = here.following & source
        if not any((not c.after or said & set(c.after)) and told <= c.around for c in occurrences):
            return f"{here.number} counts something else in the clipping"
    return _rounded(sentence, clipping)


def _rounded(sentence: str, clipping: str) -> str:
    """A number must be as exact as in the clipping: "at least 33" is not 33."""
    said, source = _exactness(sentence), _exactness(clipping)
    for number in wording.numbers(sentence) & wording.numbers(clipping):
        if said.get(number, set()) != source.get(number, set()):
            return f"{number} is not as exact in the clipping"
    return ""


def _exactness(text: str) -> dict[str, set[str]]:
    """For each number with such a word before it, whether it is "more", "less" or "about"."""
    found: dict[str, set[str]] = {}
    for match in _ABOUT.finditer(text):
        first = wording.words(match["rest"])[:1]
        if first and first[0].number:
            found.setdefault(first[0].stem, set()).add(_kind(match))
    return found


def _kind(match: re.Match[str]) -> str:
    return next(name for name in ("more", "less", "about") if match[name])


def _counted(text: str) -> list[_Counted]:
    """The numbers of the text that count something, in order; dates count nothing."""
    words: list[tuple[wording.Word, int]] = [
        (word, n) for n, part in enumerate(_BREAK.split(_without_dates(text))) for word in wording.words(part)
    ]
    places = [i for i, (word, _) in enumerate(words) if word.number and not _is_year(word.stem)]
    found: list[_Counted] = []
    for before, place, after in zip([-1, *places], places, [*places[1:], len(words)], strict=False):
        phrase = words[place][1]
        found.append(
            _Counted(
                number=words[place][0].stem,
                after=tuple(w.stem for w, part in words[place + 1 : place + 1 + NEAR] if part == phrase and not w.name),
                following=frozenset(word.stem for word, _ in words[place + 1 : after] if not word.name),
                around=frozenset(word.stem for word, _ in words[before + 1 : after]),
            )
        )
    return found


def _without_dates(text: str) -> str:
    for date in reversed(dates(text)):
        text = f"{text[: date.start]} {text[date.end :]}"
    return text


def _is_year(number: str) -> bool:
    return len(number) == 4 and number[:2] in ("17", "18", "19", "20")
