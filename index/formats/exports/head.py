"""Reads the lines above and below an article in a text that holds several: title, source, day, author, address.

They are labelled ("BYLINE: …"), or only ordered: source, day, title (Nexis of old), title, source, day (Nexis today,
and people who copy), title, number of words, day, source (Factiva), title, "Tarn Times (Tarn) - 3 May 2022 - Page 4".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from index.cleaning.byline import facts_line, is_outlet, is_person
from index.cleaning.dates import before_date, find_date, parse_date
from index.formats.exports.labels import (
    begins_end,
    coded_values,
    field_of,
    field_of_code,
    is_useless,
    known_label,
)

Facts = dict[str, Any]
"""Keys that `cleaning.metadata.read_fields` reads, with their values."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the articles in a text: its facts, its text, and the lines of the export that are in neither."""

    facts: Facts
    text: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recurring:
    """What comes back in most articles of a text: labels, in lower case, and whole lines of their heads."""

    labels: Collection[str] = ()
    lines: Collection[str] = ()


_WORDS = re.compile(r"\(?[\d.,]+ (?:words|wörter|worte|mots|palabras|parole|woorden|ord|слов)\)?", re.I)
_RIGHTS = re.compile(
    r"(?:copyright|\(c\)|©)\s?.{0,160}|.{0,80}(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos los derechos reservados)\.?|source citation\b.{0,60}|• ?citation.{0,200}",
    re.I,
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]m)?(?: [A-Z]{2,4})?", re.I)
_LANGUAGE = re.compile(r"english|englisch|german|deutsch|french|français|spanish|español|italian|italiano", re.I)
_EDITION = re.compile(r"\bedition\b|\bausgabe\b|\bédition\b|\bedición\b", re.I)
_SEPARATORS = (re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+|\s*\("), re.compile(r",\s*"), re.compile(r",\s+(?=[^\d\s])"))
_MOST_PARTS = 3
_CODE = re.compile(r"[A-Z0-9]{2,8}|(?:page |pg\.? ?|seite |p\. ?|s\. ?)?[A-Z]?\d{1,4}", re.I)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_NOBODY = re.compile(r"(?:anonymous|anon|unknown|various(?: authors)?|n/?a|none|staff)\.?", re.I)

# What separates the parts of a line with a day.
_PARTS = re.compile(r"(?:\s*[|·•;]\s*|\s+[–—-]+\s+|[,:]\s+|\.\s+)(?![^()]*\))")
_NAMED = re.compile(r"[^\W\d_a-zß-ÿ][\w.’'&/+-]*")
_PARTICLES = frozenset(
    "the of and de la le les du des der die das den dem und et y e el los di da do van het for on".split()
)
_MOST_NAME_WORDS = 8
_MOST_PART_WORDS = 6

_LONGEST = 200
_MOST_CODE_WORDS = 3
# Number of words of a text below which a line about rights stands above the rest of it.
_FEWEST_WORDS = 8
_MOST_HEAD_LINES = 30


def read_piece(lines: Sequence[str], *, source_first: bool = False, recurring: Recurring = Recurring()) -> Piece:
    """Reads the lines of one article.

    `source_first`: a single line above the day names the source, and the one below it is the title.
    """
    if coded := _coded(lines):
        return coded
    head = _Head(lines, source_first=source_first, recurring=recurring)
    below = _end(lines, head.end, recurring, len(" ".join(head.first).split()))
    facts = {**_labelled_facts(lines[below:], recurring), **head.facts()}
    dropped = (*head.dropped, *(line.strip() for line in lines[below:] if line.strip()))
    return Piece(facts, "\n".join([*head.returned, *head.first, *lines[head.end : below]]).strip("\n"), dropped)


def _end(lines: Sequence[str], start: int, recurring: Recurring, words: int) -> int:
    """Returns where the part below a text begins, of which `words` are known; one of a few goes on below rights."""
    for place in range(start, len(lines)):
        if words >= _FEWEST_WORDS and ends_article(" ".join(lines[place].split()), recurring.labels):
            return place
        words += len(lines[place].split())
    return len(lines)


class _Head:
    """The lines above an article's text, from the first to the one at `end`, where the text begins."""

    def __init__(self, lines: Sequence[str], *, source_first: bool, recurring: Recurring) -> None:
        self._labelled: Facts = {}
        self._above: list[str] = []
        self._below: list[str] = []
        self._beside_day = ""
        self._source_first = source_first
        self._recurring = recurring
        self._counted = False
        self.dropped: list[str] = []
        self.first: list[str] = []
        """Text that stands behind its label, on the same line."""
        self.returned: list[str] = []
        """Lines that were taken for a part of the head and are none."""
        self.end = self._read(lines)

    def _read(self, lines: Sequence[str]) -> int:
        place, seen = 0, 0
        while place < len(lines) and seen < _MOST_HEAD_LINES:
            line = " ".join(lines[place].split())
            if not line:
                place += 1
                continue
            seen += 1
            label, value = known_label(line, self._recurring.labels)
            if field_of(label) == "text":
                self.first = [value] if value else []
                return place + 1
            if not self._takes_fact(line, label, value):
                run = _run(lines, place)
                if self._begins_text(run):
                    return place
                (self._below if self._dated else self._above).append(" ".join(run))
                place += len(run) - 1
            place += 1
        return place

    @property
    def _dated(self) -> bool:
        return "date" in self._labelled

    def _takes_fact(self, line: str, label: str, value: str) -> bool:
        """Returns whether a line is labelled, a day, a byline or of no use, and keeps what it says."""
        if field := field_of(label):
            self._labelled = {**named_facts(field, value), **self._labelled}
        elif label or _WORDS.fullmatch(line) or _RIGHTS.fullmatch(line) or _TIME.fullmatch(line):
            self._counted = self._counted or (not self._dated and bool(_WORDS.fullmatch(line)))
            self.dropped.append(line)
        elif day := _day(line):
            self._labelled.setdefault("date", day)
        elif _ADDRESS.fullmatch(line):
            self._labelled.setdefault("url", line)
        elif self._known > 1 and [*_stated(line)] == ["source"]:  # an agency, beside a title and a paper
            self.dropped.append(line)
        elif not self._dated and "author" not in _stated(line) and (found := dated_line(line)):
            self._labelled["date"], self._beside_day = found
        elif (facts := _stated(line)) and ("source" not in facts or self._known or is_outlet(facts["source"])):
            self._labelled = {**facts, **self._labelled}
        elif self._dated and self._is_of_no_use(line):
            self.dropped.append(line)
        elif "author" not in self._labelled and self._names_author(line):
            self._labelled["author"] = spoken_names(line)
        else:
            return False
        return True

    def _names_author(self, line: str) -> bool:
        if not self._dated or (line in self._recurring.lines and is_outlet(line)):
            return False
        turned = ", " in line and is_person(spoken_names(line)) and self._known > 0
        return turned or (self._known > 1 and is_person(line))

    def _is_of_no_use(self, line: str) -> bool:
        """Returns whether a line below the day names an edition, a language, or a source or page by its code."""
        if self._counted and self._below and len(line.split()) <= _MOST_CODE_WORDS:
            return not _SENTENCE_END.search(line)
        code = bool(self._below or self._beside_day) and _CODE.fullmatch(line) and not line.istitle()
        return bool(code or _LANGUAGE.fullmatch(line) or (len(line) < 60 and _EDITION.search(line)))

    def _begins_text(self, run: Sequence[str]) -> bool:
        """Returns whether lines without a blank one between them are the first paragraph, and no title or source."""
        text = " ".join(run)
        if len(text) > _LONGEST or (_SENTENCE_END.search(text) and len(text.split()) > 12):
            return True
        if not self._dated:
            return False
        wanted = 1 if self._counted else 2
        known = 0 if self._counted else self._known - len(self._below)
        if len(self._below) >= wanted - known:
            return True
        asks = self._source_first and text.endswith(("?", "!"))  # as a title may
        return self._known > 0 and not asks and _SENTENCE_END.search(text) is not None

    @property
    def _known(self) -> int:
        """Number of lines that may be the title or the source."""
        lines = len(self._above) + len(self._below)
        beside = bool(self._beside_day) and not self._above
        return lines + beside + ("title" in self._labelled) + ("source" in self._labelled)

    def facts(self) -> Facts:
        """Returns what the lines say; a label counts more than their order."""
        self._place_what_stands_beside_the_day()
        title, source = self._ordered()
        if "source" in self._labelled:  # so that what else stands below the title is no source
            source = ""
            if len(self._above) > 1 and is_person(self._above[1]):
                self._labelled.setdefault("author", self._above[1])
        facts = {name: line for name, line in (("title", title), ("source", source)) if line}
        used = (title, source, self._labelled.get("author"))
        self.dropped += [line for line in self._above if line not in used]
        self.returned = [line for line in self._below if line not in (title, source)]
        return {**facts, **self._labelled}

    def _place_what_stands_beside_the_day(self) -> None:
        """Takes the words before the day on its line for the source, or for a section if the line above is the source.

        The line above is the source if a title follows below the day.
        """
        if not self._beside_day:
            return
        above = self._above[-1:]
        if above and self._below and "title" not in self._labelled and not is_outlet(self._beside_day):
            self.dropped.append(self._beside_day)
            self._source_first = True
        elif not above and not self._below and "title" not in self._labelled:
            self._above.append(self._beside_day)
        else:
            self._labelled.setdefault("source", self._beside_day)

    def _ordered(self) -> tuple[str, str]:
        """Returns the title and the source among the lines without a label; "" if there is none."""
        above, below = [*self._above, "", ""], [*self._below, "", ""]
        if self._counted:
            titles = [line for line in self._above if not is_person(line)]
            if titles and is_person(self._above[-1]):
                self._labelled.setdefault("author", self._above[-1])
            return titles[-1] if titles else above[0], below[0]
        if "title" in self._labelled:
            return "", above[0] or below[0]
        if above[1]:
            first, second = self._titled_above()
        elif above[0]:
            first, second = above[0], below[0]
            if second and (self._source_first or self._is_source(first, second)):
                return second, first
        else:
            first, second = below[:2]
        return (second, first) if second and self._is_source(first, second) else (first, second)

    def _titled_above(self) -> tuple[str, str]:
        """Returns the title and the source of several lines above the day; a section may stand before them."""
        first, second, *_ = self._above
        others = [line for line in self._above if line not in self._recurring.lines]
        if len(self._above) > 2 and len(others) == 1 and "source" not in self._labelled:
            outlets = [line for line in self._above if line != others[0]]
            return others[0], next(filter(is_outlet, outlets), outlets[-1])
        return first, second

    def _is_source(self, first: str, second: str) -> bool:
        """Returns whether the first of two lines is the source rather than the second."""
        back = [line in self._recurring.lines for line in (first, second)]
        return back[0] if back[0] != back[1] else is_outlet(first) and not is_outlet(second)


def _stated(line: str) -> Facts:
    """Returns what a line states that holds nothing else: "By Ruth Adair", "Marlow Evening Post | 14 April 2022"."""
    if found := facts_line(line):
        day = found.published.isoformat() if found.published else ""
        named = {"author": found.author, "source": found.source, "date": day}
        return {name: value for name, value in named.items() if value}
    for separator in _SEPARATORS:
        parts = [part.strip(" ()") for part in separator.split(line, maxsplit=_MOST_PARTS)]
        facts: Facts = {}
        for part in parts:
            known = {"date": _day(part)} if _day(part) else _stated(part) if len(parts) > 1 else {}
            if not known and is_outlet(part) and is_person(facts.get("source", "")):  # "Ruth Adair, Marlow Post, …"
                known = {"author": facts.pop("source"), "source": part}
            facts = {"source": part, **facts} if not known and "source" not in facts else {**known, **facts}
        if "date" in facts and len(parts) <= min(_MOST_PARTS, len(facts)) and len(facts.get("source", "").split()) < 7:
            return facts
    return {}


def dated_line(line: str) -> tuple[str, str] | None:
    """Returns the day (ISO) of a line that holds one, and the name before it ("" if none): no sentence, no title.

    "Tarn Times (Tarn) - 3 May 2022 - News - Page 4", "Tarn Times vom 03.05.2022, S. 4".
    """
    found = find_date(line) if len(line) <= _LONGEST and not _SENTENCE_END.search(line) else None
    if found is None:
        return None
    day, _, end = found
    before, after = before_date(line), _PARTS.split(line[end:].lstrip(" ,;:.|·•–—-)"))
    before = "" if before == line else before  # nothing but a weekday
    if any(len(part.split()) > _MOST_PART_WORDS for part in after):
        return None
    name, *others = _PARTS.split(before)
    if not name:  # "3 May 2022 | Tarn Times"
        name = next((part for part in after if _NAMED.match(part) and not any(map(str.isdigit, part))), "")
    words = [word for word in re.sub(r"[()\[\],]", " ", name).split() if word.lower() not in _PARTICLES]
    if not all(map(_NAMED.match, words)) or len(words) > _MOST_NAME_WORDS or len(others) > _MOST_PARTS:
        return None
    return day.isoformat(), name.strip(" ,;:.-")


def _run(lines: Sequence[str], place: int) -> list[str]:
    """Returns the lines from a place on up to a blank one, if they are one paragraph; else the first of them."""
    run = []
    for line in lines[place : place + _MOST_HEAD_LINES]:
        if not line.strip():
            break
        run.append(" ".join(line.split()))
    facts = any(known_label(line)[0] or _day(line) or facts_line(line) or _WORDS.fullmatch(line) for line in run[1:])
    continued = len(run) > 1 and (run[1][:1].islower() or _SENTENCE_END.search(run[-1]) is not None)
    return run if continued and not facts else run[:1]


def _labelled_facts(lines: Sequence[str], recurring: Recurring) -> Facts:
    """Returns the facts among the lines below a text: labelled ones, and an address that stands alone.

    The day of loading counts only if no other is named.
    """
    facts: Facts = {}
    loaded = alone = ""
    for number, line in enumerate(lines):
        label, value = known_label(" ".join(line.split()), recurring.labels)
        field = field_of(label)
        if not value and field == "url":
            value = next((one.strip() for one in lines[number + 1 : number + 3] if one.strip()), "")
        if label in ("load-date", "ladedatum") and value:
            loaded = loaded or named_facts("date", value).get("date", "")
        elif field and field != "text" and value:
            facts = {**named_facts(field, value), **facts}
        elif _ADDRESS.fullmatch(line.strip()):
            alone = alone or line.strip()
    others = {name: value for name, value in (("date", loaded), ("url", alone)) if value}
    return {**others, **facts}


def ends_article(line: str, labels: Collection[str] = ()) -> bool:
    """Returns whether a line belongs to the part below a text: rights, or what a database knows of the article."""
    if len(line) >= 1000:
        return False
    label = known_label(line, labels)[0]
    return bool(begins_end(label) or (label in labels and not is_useless(label)) or _RIGHTS.fullmatch(line))


def named_facts(field: str, value: str) -> Facts:
    """Returns what the value of a field says: days as ISO dates, names as they are spoken, a source without its day."""
    if not value:
        return {}
    if field == "date":
        return {"date": _day(value) or (found[0].isoformat() if (found := find_date(value)) else value)}
    if field == "author":
        author = _author(value)
        return {"author": author} if author else {}
    if field == "url":
        address = _ADDRESS.search(value)
        return {"url": address[0]} if address else {}
    if field == "source":
        return _source(value)
    return {field: value}


def _source(value: str) -> Facts:
    name = re.split(r"\s*;\s|\s+\[", value)[0]
    if found := find_date(value):
        dated = dated_line(value)
        name = dated[1] if dated else before_date(name)
        return {"source": name.rstrip(" .,;"), "date": found[0].isoformat()} if name else {"date": found[0].isoformat()}
    return {"source": name.rstrip(" .,;")}


def _author(value: str) -> str:
    value = value.strip(" .")
    if _NOBODY.fullmatch(value):
        return ""
    if (found := facts_line(f"By {value.removeprefix('By ').removeprefix('BY ')}")) and found.author:
        return found.author
    return spoken_names(value.title() if value.isupper() and len(value) > 5 else value)


def spoken_names(names: str) -> str:
    """Returns names in the order in which they are spoken: "Strom, Ada; Pell, Tom" are Ada Strom and Tom Pell."""
    turned = [" ".join(reversed(name.strip(" .").split(", ", 1))) for name in names.split(";") if name.strip()]
    return ", ".join(turned) if all(map(is_person, turned)) else names


def _day(line: str) -> str:
    """Returns the day that a line consists of, with a weekday or an edition beside it, as an ISO date; "" if none."""
    if len(line) > 80:
        return ""
    if day := parse_date(line):
        return day.isoformat()
    if found := find_date(line):
        day, start, end = found
        before, after = line[:start].split(), line[end:].split()
        if len(before) <= 1 and len(after) <= 4 and (not before or before[0].endswith(",") or not after):
            return day.isoformat()
    return ""


def _coded(lines: Sequence[str]) -> Piece | None:
    """Reads an article whose lines have codes (HD, PD, TD …); None if it has not."""
    values = coded_values(lines)
    if not values:
        return None
    facts: Facts = {}
    text: list[str] = []
    others = []
    for code, found in values.items():
        field = field_of_code(code)
        joined = ("; " if field == "author" else " ").join(" ".join(line.split()) for line in found if line.strip())
        if field == "text":
            text += ["", *found]
        elif field:
            facts = {**named_facts(field, joined), **facts}
        elif code:
            others.append(f"{code} {joined}")
    return Piece(facts, "\n".join(text).strip("\n"), tuple(others))
