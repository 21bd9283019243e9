"""Extracts the author, source and date of an article from bylines, datelines and credits.

Examples: "By Jane Roe, Reuters", "Published: 14 March 2021", "Source: BBC News", "LONDON, 3 June (Reuters) -". A
byline counts only if it is a paragraph of its own, and a dateline without a year gives no date. Which paragraphs of
an article are examined is decided in `cleaning.clean`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index.cleaning.dates import find_date, parse_date

_LONGEST = 180

_AGENCY = re.compile(
    r"(?:the )?(?:thomson reuters(?: foundation)?|reuters|associated press|ap|agence france[- ]presse|afp|upi|"
    r"bloomberg|bbc|cnn|dpa|xinhua|tass|interfax|ria novosti|pa media|press association|al jazeera|ansa|efe|kyodo|"
    r"pti|ians|ani|aap|anadolu agency|npr|guardian|new york times|washington post|deutsche welle|euronews|france 24|"
    r"abc|nbc|cbs|fox|sky)(?: news| sport| media)?",
    re.I,
)
_NAME_WORD = r"(?:[dDlL][’'])?[^\W\d_a-zß-öø-ÿ][\w’'-]*\.?"
_PARTICLE = r"(?:de|da|di|del|della|der|den|van|von|la|le|al|el|bin|ibn|dos|du|ter|ten|af|y)"
_NAME = re.compile(rf"{_NAME_WORD}(?: (?:{_PARTICLE} ){{0,2}}{_NAME_WORD}){{1,4}}")
# Words that occur in names of publications or editorial desks, never in a person's.
_OUTLET = re.compile(
    r"\b(?:news|times|post|herald|tribune|gazette|journal|press|agency|media|magazine|courier|telegraph|"
    r"observer|daily|bulletin|echo|argus|advertiser|examiner|inquirer|dispatch|sentinel|intelligencer|standard|"
    r"anzeiger|zeitung|kurier|rundschau|nachrichten|courrier|diario|correo|gaceta|gazzetta|corriere|dagblad|avis|"
    r"radio|tv|network|online|wire|bureau|desk|team|service|today|review|chronicle|mail|star)\b",
    re.I,
)
_STAFF = re.compile(
    r"\b(?:staff|reporters?|correspondents?|writers?|editors?|editorial|admin(?:istrator)?|contributors?)\b", re.I
)

_BY = re.compile(
    r"(?:(?:written|reported|reporting|story|words|posted|published|text)\s+by|by|authors?\s*:|byline\s*:)(?:\s*:)?\s+",
    re.I,
)
_SOURCE = re.compile(
    r"(?:source|publisher|publication|published in|newspaper|site)\s*:\s*(?P<name>[^\W_](?!ttps?:)[^:]{1,58})", re.I
)
_DATED = re.compile(
    r"(?:(?P<later>(?:last )?(?:updated|modified|edited|revised))|"
    r"(?:first |originally )?(?:published|posted|date|dated|created))(?: on| at)?\s*:?\s*",
    re.I,
)
_UNDATED = re.compile(
    r"(?:(?:last )?(?:updated|published|posted)\W*)?(?:(?:a|an|\d+) (?:seconds?|minutes?|mins?|hours?|"
    r"hrs?|days?|weeks?) ago|\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{2,4})?|\d{1,3}[- ]min(?:ute)?s?[- ]read)",
    re.I,
)
_SEPARATOR = re.compile(r"\s+[|•·/–—-]\s+|\s*[|•·]\s*|\s+(?=by [A-Z])")

# "LONDON, 3 June (Reuters) -", "WASHINGTON (AP) —", "(Reuters) -". Separators are matched possessively, and no word
# begins with one: otherwise backtracking over a row of 40 slashes would take exponential time.
_DATELINE = re.compile(
    r"(?:(?P<place>[A-ZÀ-Þ][A-ZÀ-Þ’'./-]+(?:[ ,/]++[\w.’'-][\w.’'/-]*+){0,8}?),? )?"
    r"\((?P<source>[^\W\d_a-z][^()\d]{1,40})\) ?[-–—:]+ "
)
_PLAIN_DATELINE = re.compile(r"[A-ZÀ-Þ]{2}[A-ZÀ-Þ .’'/-]*, (?P<when>.{6,40}?) ?[-–—]+ ")
_CREDIT = re.compile(
    r"\(?(?:Additional r|R)eporting by (?P<names>[^;.)]{4,80}?)(?:, (?:writing|editing|additional)|[;.)]|$)"
)
_REST_OF = re.compile(r"you can read the rest of (?P<name>.{4,60}?)[’']s? (?:article|story|report|piece)\b", re.I)
_STAFF_BEHIND = re.compile(rf"\s*{_STAFF.pattern}", re.I)
_BEFORE_DATE = re.compile(r"(?:[\s,|–—-]|\b(?:on|published|posted|updated)\b:?)+$", re.I)
_AND = re.compile(r",? and |, | & | with | und | et | y ")
# "Wendell Okafor Science Editor"
_JOB = re.compile(
    rf"(?<=\w),?(?: (?:arts|associate|assistant|business|chief|city|contributing|courts?|crime|culture|deputy|"
    r"economics|education|environment|features|foreign|general|health|investigative|legal|local|managing|news|political|"
    rf"religion|science|senior|special|sports?|staff|technology|transport)){{0,2}} {_STAFF.pattern}$",
    re.I,
)
_PLACE = re.compile(r"\s+in [A-ZÀ-Þ][\w ,.’'-]{2,50}$")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about an article that its own text states; `published` is the first date, before any update."""

    author: str | None = None
    source: str | None = None
    published: date | None = None
    updated: date | None = None

    def or_else(self, other: Facts) -> Facts:
        """Returns these facts, with missing ones filled in from `other`."""
        return Facts(
            self.author or other.author,
            self.source or other.source,
            self.published or other.published,
            self.updated or other.updated,
        )


@lru_cache(maxsize=1024)
def facts_line(text: str) -> Facts | None:
    """Returns the facts of a line that contains nothing else (a byline, a date, a source), or None."""
    if len(text) > _LONGEST:
        return None
    if (whole := _part(text)) is not None:
        return whole
    if (dated := _dated_source(text)) and dated.source:
        return dated
    parts = [part for part in _SEPARATOR.split(text) if part.strip()]
    if len(parts) < 2:
        return None
    facts = Facts()
    named = []
    for part in parts:
        if (found := _part(part)) is not None:
            facts = facts.or_else(found)
        elif is_person(part) or (is_outlet(part) and _TITLE_WORDS.fullmatch(part)):
            named.append(part)
        elif (dated := _dated_source(part)) is not None:
            facts = facts.or_else(dated)
        else:
            return None
    return _with_names(facts, named)


def _with_names(facts: Facts, named: Sequence[str]) -> Facts | None:
    """Returns facts with the persons, or the paper, that a line names beside a day; None if it is no line of facts."""
    if not named:
        return facts
    papers = [name for name in named if not is_person(name)]
    # None for "Marlow Evening Post - April 14, 2022 - News - Page A1", too.
    if not (facts.published or facts.updated) or papers not in ([], [*named]):
        return None
    if facts.author and len(named) == 1:  # "Weekend Antiquary | 9 April 2022 | By Hester Vane"
        return facts.or_else(Facts(source=named[0]))
    return facts.or_else(Facts(source=papers[0]) if papers else Facts(author=", ".join(named)))


_TITLE_WORDS = re.compile(r"[^\W\d_a-z][\w.’'&-]*(?: [\w.’'&-]+){0,5}")


def _dated_source(text: str) -> Facts | None:
    """Returns the source and the day in "Marlow Evening Post, 14 April 2022"; None if there is no name before a day.

    The name is the source only if it looks like one: it may also be a place ("Marlow, 14 April 2022").
    """
    name, _, day = text.partition(", ")
    published = parse_date(day) if _TITLE_WORDS.fullmatch(name) else None
    return Facts(source=name if is_outlet(name) else None, published=published) if published else None


def closing_line(text: str) -> Facts | None:
    """Returns the source if a closing line consists of the name of an agency ("- AFP", "(Reuters)"), or None."""
    name = text.strip(" ()-–—/") if len(text) <= 40 else ""
    if name.lower() in ("reuter", "reuters"):
        # The agency signed as "Reuter" or "REUTER" until the 1990s.
        return Facts(source="Reuters")
    return Facts(source=name) if _AGENCY.fullmatch(name) else None


def dateline(text: str) -> Facts:
    """Returns the facts in the dateline at the start of the first paragraph; empty Facts if there is none."""
    if match := _DATELINE.match(text[:120]):
        found = find_date(match["place"] or "")
        return Facts(source=match["source"].strip(), published=found[0] if found else None)
    if (match := _PLAIN_DATELINE.match(text[:80])) and (published := parse_date(match["when"])):
        return Facts(published=published)
    return Facts()


def without_dateline(text: str) -> str:
    """Returns `text` without the dateline at its start, to derive a title from it."""
    match = _DATELINE.match(text[:120]) or _PLAIN_DATELINE.match(text[:80])
    return text[match.end() :] if match else text


def credit(text: str) -> Facts:
    """Returns the author named in "(Reporting by …)" or "You can read the rest of …'s article", or empty Facts."""
    if (match := _CREDIT.match(text)) and (names := _names(match["names"])):
        return Facts(author=names)
    if (match := _REST_OF.match(text)) and is_person(match["name"]):
        return Facts(author=match["name"])
    return Facts()


def is_person(text: str) -> bool:
    """Returns whether `text` looks like a person's name: two to five capitalised words, and no outlet's name."""
    return bool(_NAME.fullmatch(text)) and not (_OUTLET.search(text) or _STAFF.search(text) or _AGENCY.fullmatch(text))


def is_outlet(text: str) -> bool:
    """Returns whether `text` looks like the name of a publication or an agency, which has a word such as "Times"."""
    return bool(_OUTLET.search(text) or _AGENCY.fullmatch(text))


def is_desk(text: str) -> bool:
    """Returns whether `text` names a role rather than a person ("Reuters Staff", "Editorial", "admin")."""
    return bool(_STAFF.search(text))


def _part(text: str) -> Facts | None:
    text = text.strip(" ,;")
    if _AGENCY.fullmatch(text):
        return Facts(source=text)
    if match := _BY.match(text):
        return _byline(text[match.end() :])
    if (match := _SOURCE.fullmatch(text)) and not text.endswith("."):
        return Facts(source=match["name"].strip())
    label = _DATED.match(text)
    if published := parse_date(text[label.end() :] if label else text):
        return Facts(updated=published) if label and label["later"] else Facts(published=published)
    return Facts() if _UNDATED.fullmatch(text) else None


def _byline(text: str) -> Facts | None:
    """Parses the text after "By": names, optionally followed by a job, an outlet, a place and a date."""
    facts = Facts()
    if found := find_date(text):
        day, start, _ = found
        if not parse_date(text[start:]):
            return None
        facts, text = Facts(published=day), _BEFORE_DATE.sub("", text[:start])
    names, _, outlet = text.partition(" for ")
    if outlet:
        facts = facts.or_else(Facts(source=re.sub(r"^the ", "The ", outlet).strip()))
    first, *others = [part.strip(" .)") for part in re.split(r", | \(| / |/", _PLACE.sub("", names))]
    agency = _STAFF_BEHIND.sub("", first)
    if _AGENCY.fullmatch(agency):
        return facts.or_else(Facts(source=agency))
    if is_desk(first) and len(first.split()) <= 3:
        return facts
    author, behind = _names(first), _behind_name(others)
    if author is None or behind is None:
        return None
    together = ", ".join(filter(None, [author, behind.author]))
    return Facts(author=together).or_else(facts).or_else(behind)


def _behind_name(parts: Sequence[str]) -> Facts | None:
    """Returns further authors and the outlet among the parts after the first name; None if this is no byline."""
    authors: list[str] = []
    source = None
    for part in parts:
        if not is_desk(part) and (more := _names(part.removeprefix("and "))):
            authors.append(more)
        elif _AGENCY.fullmatch(part) or (_OUTLET.search(part) and not is_desk(part)):
            source = source or part
        elif len(part.split()) > 6:
            return None
    return Facts(author=", ".join(authors) or None, source=source)


def _names(text: str) -> str | None:
    """Returns the persons in "Jane Roe and John Doe", joined by ", "; None if a part is not a person's name."""
    people = [_JOB.sub("", person.strip()) for person in _AND.split(_PLACE.sub("", text)) if person.strip()]
    if not people or not all(is_person(person) for person in people):
        return None
    return ", ".join(person.title() if person.isupper() and len(person) > 5 else person for person in people)
