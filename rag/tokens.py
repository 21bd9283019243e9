"""Cut a text into the words that a comparison needs, with their places: names, numbers, dates, little words, marks.

Unlike `wording.words` it keeps little words ("of", "all", "not") and punctuation, for they decide who did what to whom.
Forms that mean the same come out the same: "thirty-three" and 33, "Feb. 27" and "27 February", "U.S." and "the United
States", "didn't" and "did not".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from index.search import STOPWORDS
from index.wordforms import BASE
from rag import wording
from rag.dates_in_text import Date, dates

_ALIASES = {
    "us": r"United States(?: of America)?|U\.S\.A\.|U\.S\.|USA|US",
    "uk": r"United Kingdom|U\.K\.|UK",
    "un": r"United Nations|U\.N\.|UN",
    "eu": r"European Union|E\.U\.|EU",
}
_SPELLED = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_TITLE = "Mrs?|Dr|St|Gov|Sen|Rep|Gen|Prof"
_SCALE = "hundred|thousand|million|billion"
_TOKEN = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{forms})(?!\w))" for name, forms in _ALIASES.items())
    + rf"|(?P<number>(?:\d+(?:[.,]\d+)*|\b(?i:{_SPELLED})\b)(?:[\s-]+(?:and\s+)?(?i:{_SPELLED}|{_SCALE})\b)*)"
    + r"|(?P<percent>%|\bper ?cent\b)"
    + rf"|(?P<word>(?:[^\W\d_]\.){{2,}}|\b(?:[A-Z]|{_TITLE})\.(?= [A-Z])|[^\W\d_]+(?:['’.][^\W\d_]+)*)"
    + r"|(?P<mark>[,;:!?()\"“”—–]|\.(?=\s|$))"
)
_NEGATED = re.compile(r"(.*)n['’]t|(can)not", re.IGNORECASE)
_SHORT_MODALS = {"ca": "can", "wo": "will", "sha": "shall"}
_YEAR = re.compile(r"1[0-9]\d\d|20\d\d")
_POSSESSIVE = re.compile(r"['’]s?$")
_BE = frozenset("is are was were be been being am has have had having do does did done".split())
_TO_BE = frozenset("is are was were be been being am".split())
_PHRASE_STARTS = frozenset("a an the in on at to of by for with from that who which , ; : ( )".split())
_MODAL = frozenset("can could will would should may might must shall".split())
_AS_WRITTEN = frozenset(
    "nearly hardly barely scarcely mostly mainly largely partly chiefly generally usually likely virtually "
    "entirely".split()
)
"""Adverbs whose stem is another word: "hardly" is not "hard"."""
_SAME_PAST = frozenset("beat hit cut put set let shut split spread cast burst bid quit shed become come run".split())
"""Verbs whose past is written like their base form."""
_NOT_VERBS = frozenset("need seed speed feed breed indeed hundred sacred red bed".split())


class Sort(Enum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    DATE = "date"
    WORD = "word"
    LITTLE = "little"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, date or mark; `stem` is what is compared, `start` and `end` where it stands in the text.

    `verb` says that it looks like the finite verb of a clause, `owner` that it ends in "'s", `passive` that
    it is done to the subject.
    """

    stem: str
    sort: Sort
    start: int
    end: int
    date: Date | None = None
    verb: bool = False
    owner: bool = False
    passive: bool = False

    def same(self, other: Token) -> bool:
        """Whether this token is told by the other one, of the clipping."""
        if self.date and other.date:
            return self.date.within(other.date)
        little = (self.sort is Sort.LITTLE) == (other.sort is Sort.LITTLE)
        return self.stem == other.stem and little and not self.date and not other.date


@lru_cache(maxsize=1024)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of the text, in order."""
    found: list[Token] = []
    place = 0
    for date in [*dates(text), None]:
        found += _plain(text, place, date.start if date else len(text))
        if date:
            found.append(Token("date", Sort.DATE, date.start, date.end, date))
            place = date.end
    return tuple(_with_passives(_with_years(found)))


def _plain(text: str, start: int, end: int) -> list[Token]:
    shouting = not any(c.islower() for c in text)
    return [token for match in _TOKEN.finditer(text, start, end) for token in _tokens(match, shouting)]


def _tokens(match: re.Match[str], shouting: bool) -> list[Token]:
    kind, raw, (start, end) = match.lastgroup, match.group(), match.span()
    if kind == "number":
        return [Token(word.stem, Sort.NUMBER, start, end) for word in wording.words(raw)]
    if kind in _ALIASES:
        return [Token(kind, Sort.NAME, start, end)]
    if kind == "mark":
        return [Token(raw, Sort.MARK, start, end)]
    if kind == "percent":
        return [Token("percent", Sort.WORD, start, end)]
    if negated := _NEGATED.fullmatch(raw):
        verb, denial = (negated[1] or negated[2] or "").lower(), Token("not", Sort.LITTLE, start, end)
        if not verb:  # "did n't", as linguists' collections part it
            return [denial]
        return [Token(_SHORT_MODALS.get(verb, verb), Sort.LITTLE, start, end, verb=True), denial]
    return [_word(raw, start, end, shouting)]


def _word(raw: str, start: int, end: int, shouting: bool) -> Token:
    stem, sort, verb, owner = _read(raw, shouting)
    return Token(stem, sort, start, end, verb=verb, owner=owner)


@lru_cache(maxsize=65536)
def _read(raw: str, shouting: bool) -> tuple[str, Sort, bool, bool]:
    """Stem, sort, and whether it looks like a verb and ends in "'s"."""
    owner = _POSSESSIVE.search(raw) is not None
    lower = _unaccented(_POSSESSIVE.sub("", raw).rstrip(".").lower())
    stop = lower in STOPWORDS or lower in _MODAL or lower in _BE
    if stop and (shouting or len(raw) == 1 or not raw.isupper()):
        return lower, Sort.LITTLE, lower in _BE | _MODAL, owner
    name = raw[0].isupper() and not shouting
    past = lower in BASE or lower in _SAME_PAST or (lower.endswith("ed") and len(lower) > 4 and lower not in _NOT_VERBS)
    stem = lower if lower in _AS_WRITTEN else wording.stem(lower)
    return stem, Sort.NAME if name else Sort.WORD, past and not name, owner


def _unaccented(word: str) -> str:
    """The word without accents: a question is often typed without them."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.replace("’", "'")) if not unicodedata.combining(c))


def _with_years(found: list[Token]) -> list[Token]:
    """Years told as dates, unless they count what follows: "1942 ships", but not "in 1942 ships sank"."""
    return [
        Token("date", Sort.DATE, t.start, t.end, Date(t.start, t.end, int(t.stem)))
        if t.sort is Sort.NUMBER and _YEAR.fullmatch(t.stem) and not _counts(found, place)
        else t
        for place, t in enumerate(found)
    ]


def _counts(found: list[Token], place: int) -> bool:
    before, after = found[max(place - 1, 0) : place], found[place + 1 : place + 2]
    timely = bool(before) and before[0].sort in (Sort.LITTLE, Sort.MARK, Sort.DATE) and before[0].stem != "all"
    return not timely and bool(after) and after[0].sort is Sort.WORD and not after[0].verb


def _with_passives(found: list[Token]) -> list[Token]:
    """Marks participles behind a form of "be": "was not beaten"."""
    marked: list[Token] = []
    be = False
    for token in found:
        participle = be and token.verb and token.sort is Sort.WORD
        marked.append(replace(token, passive=True) if participle else token)
        if token.verb and token.sort is Sort.LITTLE:
            be = token.stem in _TO_BE
        elif token.stem in _PHRASE_STARTS:
            be = False
    return marked
