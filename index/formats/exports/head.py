"""Reads the lines above and below an article in a database's export: title, source, day, author, and what is neither.

Databases label these lines ("BYLINE: …"), or only order them: source, day, title (Nexis of old), title, source, day
(Nexis today, and people who copy), or title, number of words, day, source (Factiva).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.cleaning.byline import facts_line, is_outlet, is_person
from index.cleaning.dates import find_date, parse_date

Facts = dict[str, Any]
"""Keys that `cleaning.metadata.read_fields` reads, with their values."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the articles in a text: its facts, its text, and the lines of the export that are in neither."""

    facts: Facts
    text: str
    dropped: tuple[str, ...] = ()


_LABELS = {
    "title": ("title", "headline", "titel", "überschrift", "schlagzeile", "titre", "título", "titolo"),
    "date": (
        *("date", "publication date", "datum", "erscheinungsdatum", "fecha", "data", "date de publication"),
        *("published", "veröffentlicht", "erschienen"),
    ),
    "source": (
        *("source", "publication title", "publication", "newspaper", "quelle", "zeitung", "fuente", "fonte"),
        *("journal", "publikation", "medium"),
    ),
    "author": ("byline", "author", "authors", "autor", "autorin", "autoren", "auteur", "by", "von"),
    "url": ("document url", "url", "link"),
    "text": ("body", "text", "full text", "volltext", "texte intégral", "texto completo", "haupttext"),
}
_FIELDS = {label: field for field, labels in _LABELS.items() for label in labels}
# Labels whose values are of no use, and those that begin the part below the text.
_BELOW = frozenset(
    (
        "load-date, load date, language, publication-type, publication type, subject, classification, document-type, "
        "document type, journal code, company, organization, industry, geographic, person, graphic, sprache, update, "
        "location, people, identifier / keyword, publication subject, publication year, publisher, place of "
        "publication, country of publication, issn, isbn, source type, language of publication, proquest document id, "
        "document id, copyright, last updated, database, company / organization, notes, ladedatum, keywords, "
        "publication info, publication title, publication date, title, number of pages, links, alle rechte "
        "vorbehalten, all rights reserved"
    ).split(", ")
)
_USELESS = _BELOW | frozenset(
    (
        "section, length, dateline, pages, page, page number, volume, issue, first page, edition, highlight, rubrik, "
        "länge, ressort, seite, ausgabe, section: news, longueur, longitud, abstract, wordcount, word count, credit"
    ).split(", ")
)
_LABELLED = re.compile(r"\s*(?P<label>[^\W\d_][\w /-]{1,30}?)\s*(?::(?P<value>.*)|(?=\s*$))", re.S)
_WORDS = re.compile(r"[\d.,]+ (?:words|wörter|worte|mots|palabras|parole|woorden)", re.I)
_RIGHTS = re.compile(
    r"(?:copyright|\(c\)|©)\s?.{0,160}|.{0,80}(?:all rights reserved|alle rechte vorbehalten)\.?", re.I
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]m)?(?: [A-Z]{2,4})?", re.I)
_LANGUAGE = re.compile(r"english|englisch|german|deutsch|french|français|spanish|español|italian|italiano", re.I)
_EDITION = re.compile(r"\bedition\b|\bausgabe\b|\bédition\b|\bedición\b", re.I)
_SEPARATORS = (re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+|\s*\("), re.compile(r",\s*"), re.compile(r",\s+(?=[^\d\s])"))
_MOST_PARTS = 3
_CODE = re.compile(r"[A-Z0-9]{2,8}|(?:page |pg\.? ?|seite |p\. ?)?[A-Z]?\d{1,4}", re.I)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’)\]]*$")
_FACTIVA = re.compile(r"(?P<code>SE|HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|VOL|LA|CY|LP|TD|CT|RF|CO|IN|NS|RE|IPD|IPC|PUB|AN)"
                      r"(?:\s+(?P<value>\S.*))?")  # fmt: skip
_FACTIVA_FIELDS = {"HD": "title", "BY": "author", "PD": "date", "SN": "source"}

_LONGEST = 200
_MOST_HEAD_LINES = 30


def read_piece(lines: Sequence[str], *, source_first: bool = False) -> Piece:
    """Reads the lines of one article.

    `source_first`: a single line above the day names the source, and the one below it is the title.
    """
    if coded := _coded(lines):
        return coded
    head = _Head(lines, source_first=source_first)
    below = next((n for n in range(head.end, len(lines)) if _is_below(lines[n])), len(lines))
    facts = {**_labelled_facts(lines[below:]), **head.facts()}
    dropped = (*head.dropped, *(line.strip() for line in lines[below:] if line.strip()))
    return Piece(facts, "\n".join([*head.returned, *head.first, *lines[head.end : below]]).strip("\n"), dropped)


class _Head:
    """The lines above an article's text, from the first to the one at `end`, where the text begins."""

    def __init__(self, lines: Sequence[str], *, source_first: bool) -> None:
        self._labelled: Facts = {}
        self._above: list[str] = []
        self._below: list[str] = []
        self._source_first = source_first
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
            label, value = _label(line)
            if label in _LABELS["text"]:
                self.first = [value] if value else []
                return place + 1
            if not self._takes_fact(line, label, value):
                run = _run(lines, place)
                if self._begins_text(run):
                    return place
                (self._below if "date" in self._labelled else self._above).append(" ".join(run))
                place += len(run) - 1
            place += 1
        return place

    def _takes_fact(self, line: str, label: str, value: str) -> bool:
        """Returns whether a line is labelled, a day, a byline or of no use, and keeps what it says."""
        if label in _FIELDS:
            if value:
                self._labelled.setdefault(_FIELDS[label], _named(_FIELDS[label], value))
        elif label in _USELESS or _WORDS.fullmatch(line) or _RIGHTS.fullmatch(line) or _TIME.fullmatch(line):
            self._counted = self._counted or ("date" not in self._labelled and bool(_WORDS.fullmatch(line)))
            self.dropped.append(line)
        elif day := _day(line):
            self._labelled.setdefault("date", day)
        elif (facts := _stated(line)) and ("source" not in facts or self._known or is_outlet(facts["source"])):
            self._labelled = {**facts, **self._labelled}
        elif "date" in self._labelled and "author" not in self._labelled and self._known > 1 and is_person(line):
            self._labelled["author"] = line
        elif "date" in self._labelled and self._is_of_no_use(line):
            self.dropped.append(line)
        else:
            return False
        return True

    def _is_of_no_use(self, line: str) -> bool:
        """Returns whether a line below the day names an edition, a language, or a source or page by its code."""
        code = bool(self._below) and _CODE.fullmatch(line)
        return bool(code or _LANGUAGE.fullmatch(line) or (len(line) < 60 and _EDITION.search(line)))

    def _begins_text(self, run: Sequence[str]) -> bool:
        """Returns whether lines without a blank one between them are the first paragraph, and no title or source."""
        text = " ".join(run)
        if len(text) > _LONGEST or (_SENTENCE_END.search(text) and len(text.split()) > 12):
            return True
        if "date" not in self._labelled:
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
        return len(self._above) + len(self._below) + ("title" in self._labelled) + ("source" in self._labelled)

    def facts(self) -> Facts:
        """Returns what the lines say; a label counts more than their order."""
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
            first, second = above[:2]
        elif above[0]:
            first, second = above[0], below[0]
            if second and self._source_first:
                return second, first
        else:
            first, second = below[:2]
        return (second, first) if second and is_outlet(first) and not is_outlet(second) else (first, second)


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
            facts = {"source": part, **facts} if not known and "source" not in facts else {**known, **facts}
        if "date" in facts and len(parts) <= min(_MOST_PARTS, len(facts)) and len(facts.get("source", "").split()) < 7:
            return facts
    return {}


def _run(lines: Sequence[str], place: int) -> list[str]:
    """Returns the lines from a place on up to a blank one, if they are one paragraph; else the first of them."""
    run = []
    for line in lines[place : place + _MOST_HEAD_LINES]:
        if not line.strip():
            break
        run.append(" ".join(line.split()))
    facts = any(_label(line)[0] or _day(line) or facts_line(line) or _WORDS.fullmatch(line) for line in run[1:])
    continued = len(run) > 1 and (run[1][:1].islower() or _SENTENCE_END.search(run[-1]) is not None)
    return run if continued and not facts else run[:1]


def _label(line: str) -> tuple[str, str]:
    """Returns the known label of a line, in lower case, and what is behind it; ("", "") if it has none."""
    match = _LABELLED.match(line) if len(line) < 1000 or ":" in line[:40] else None
    if match is None:
        return "", ""
    label, value = match["label"].lower(), match["value"]
    # Without a colon, only the labels that stand alone on their line above a text or a part below it.
    known = label in _FIELDS or label in _USELESS if value is not None else label in ("body", "classification", "notes")
    return (label, (value or "").strip()) if known else ("", "")


def _labelled_facts(lines: Sequence[str]) -> Facts:
    """Returns the facts that labels name among the lines below a text; the day of loading only if no other is named."""
    facts: Facts = {}
    for line in lines:
        label, value = _label(" ".join(line.split()))
        field = "date" if label in ("load-date", "ladedatum") else _FIELDS.get(label)
        if field and field != "text" and value:
            facts.setdefault(field, _named(field, value))
    return facts


def _is_below(line: str) -> bool:
    text = " ".join(line.split())
    return len(text) < 1000 and (_label(text)[0] in _BELOW or bool(_RIGHTS.fullmatch(text)))


def _named(field: str, value: str) -> str:
    """Returns a value as it is read elsewhere: days as ISO dates, names not in capitals."""
    if field == "date":
        return _day(value) or value
    if field == "author":
        return spoken_names(value.title() if value.isupper() and len(value) > 5 else value)
    return value.partition(";")[0] if field == "source" else value


def spoken_names(names: str) -> str:
    """Returns names in the order in which they are spoken: "Strom, Ada; Pell, Tom" are Ada Strom and Tom Pell."""
    turned = [" ".join(reversed(name.strip().split(", ", 1))) for name in names.split(";")]
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
    """Reads an article whose lines have Factiva's codes (HD, PD, TD …); None if it has not."""
    values: dict[str, list[str]] = {}
    code = ""
    for line in lines:
        match = _FACTIVA.fullmatch(line.strip())
        code = match["code"] if match else code
        values.setdefault(code, []).append((match["value"] or "") if match else line)
    if not {"HD", "PD", "TD"} <= values.keys() and not {"HD", "PD", "LP"} <= values.keys():
        return None
    joined = {code: " ".join(" ".join(found).split()) for code, found in values.items()}
    facts = {field: _named(field, joined[code]) for code, field in _FACTIVA_FIELDS.items() if joined.get(code)}
    text = "\n".join(line for code in ("LP", "TD") for line in ("", *values.get(code, [])))
    others = (f"{code} {value}" for code, value in joined.items() if code not in (*_FACTIVA_FIELDS, "LP", "TD", ""))
    return Piece(facts, text.strip("\n"), tuple(others))
