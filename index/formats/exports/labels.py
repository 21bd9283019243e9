"""The labels that databases set before the facts of an article ("BYLINE: …", "Fuente: …", "HD  …"), by language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

_LABELS = {
    "title": (
        *("title", "headline", "article title", "document title", "titel", "überschrift", "schlagzeile", "titre"),
        *("título", "titolo", "titular", "titulo", "artikeltitel", "tytuł", "заголовок", "otsikko", "overskrift"),
    ),
    "date": (
        *("date", "publication date", "published", "published on", "date published", "issue date", "pub date", "day"),
        *("datum", "erscheinungsdatum", "veröffentlicht", "erschienen", "erscheinungstag", "publikationsdatum"),
        *("date de publication", "date de parution", "publié", "publié le", "fecha", "fecha de publicación"),
        *("data", "data di pubblicazione", "data de publicação", "publicatiedatum", "publicerad", "dato", "дата"),
    ),
    "source": (
        *("source", "source name", "publication title", "publication", "publication name", "publication info", "paper"),
        *(
            "newspaper",
            "journal",
            "magazine",
            "periodical",
            "outlet",
            "newspaper title",
            "journal title",
            "source title",
        ),
        *("quelle", "zeitung", "publikation", "medium", "zeitschrift", "titel der zeitung", "journal name"),
        *("fuente", "periódico", "medio", "fonte", "testata", "giornale", "jornal", "publicación", "krant", "bron"),
        *("nom de la source", "nom du journal", "издание", "источник", "kilde", "källa", "tidning"),
    ),
    "author": (
        *(
            "byline",
            "author/byline",
            "author",
            "author name",
            "by",
            "written by",
            "reporter",
            "correspondent",
            "journalist",
            "creator",
        ),
        *("autor", "autorin", "autoren", "von", "verfasser", "auteur", "par", "autore", "autora", "por", "di"),
        *("redactor", "periodista", "автор", "door", "forfatter", "författare", "auteurs", "autores", "autori"),
    ),
    "url": (
        *("document url", "url", "link", "permalink", "persistent link", "permanent link", "persistent url", "web"),
        *("stable url", "web address", "address", "webadresse", "enlace", "lien", "adresse", "dirección", "indirizzo"),
        *("proquest document link", "dauerhafte adresse des dokuments", "original url", "source url", "web page"),
    ),
    "text": (
        *("body", "text", "full text", "article text", "article", "volltext", "texte intégral", "texto completo"),
        *("haupttext", "texto", "texte", "testo", "testo completo", "corpo", "cuerpo", "artikel", "tekst", "content"),
        *("inhalt", "story", "текст", "brödtext"),
    ),
}
_FIELDS = {label: field for field, labels in _LABELS.items() for label in labels}
# Labels that begin the part below the text, and others whose values are of no use.
_BELOW = frozenset(
    (
        "load-date, load date, language, publication-type, publication type, subject, classification, document-type, "
        "document type, journal code, company, organization, industry, geographic, person, graphic, sprache, update, "
        "location, people, identifier / keyword, publication subject, publication year, publisher, place of "
        "publication, country of publication, issn, isbn, source type, language of publication, proquest document id, "
        "document id, copyright, last updated, database, company / organization, notes, ladedatum, keywords, "
        "publication info, publication title, publication date, title, number of pages, links, alle rechte "
        "vorbehalten, all rights reserved, credit, dokumentnummer, dauerhafte adresse des dokuments, accession number, "
        "record number, record, subjects, subject terms, idioma, langue, droits, note, full text word "
        "count, index terms, document number, rights, descriptors, index, memo, correction, caption, quelle, ressort, "
        "schlagwörter"
    ).split(", ")
)
_USELESS = _BELOW | frozenset(
    (
        "section, length, dateline, pages, page, page number, volume, issue, first page, edition, highlight, rubrik, "
        "länge, ressort, seite, ausgabe, longueur, longitud, abstract, wordcount, word count, credit, words, page(s), "
        "start page, number, sección, página, páginas, edición, rubrique, édition, sezione, pagina, zone, id, "
        "copyright, series, column, desk, city, state, country, category, type, format, medium type, genre"
    ).split(", ")
)
_ALONE = ("body", "full text", "text", "classification", "notes", "graphic", "dauerhafte adresse des dokuments")
_LABELLED = re.compile(
    r"\s*(?P<label>[^\W\d_](?:[\w /'’.&-]|\([^()]{1,12}\)){0,40}?)\s*(?::{1,2}(?!//)\s*(?P<value>.*)|(?=\s*$))", re.S
)
_PLURAL = re.compile(r"\((?:e?s|n|en|in|innen)\)|[.:]+$")
_CODES = {
    **{"HD": "title", "TI": "title", "T1": "title", "BY": "author", "AU": "author", "A1": "author", "SN": "source"},
    **{"JO": "source", "JF": "source", "T2": "source", "SO": "source", "JT": "source", "PD": "date", "DA": "date"},
    **{"DP": "date", "Y1": "date", "PY": "date", "UR": "url", "LK": "url", "LP": "text", "TD": "text", "TX": "text"},
    **{"AB": "text", "N2": "text", "BD": "text", "DT": "date"},
}
_OTHER_CODES = (
    "SE CR WC ET SC ED PG VOL LA CY CT RF CO IN NS RE IPD IPC PUB AN TY ER SP EP VL IS KW DE PB CN ID M3 DB DO N1 PT ST"
)
_CODE = re.compile(
    rf"(?P<code>{'|'.join([*_CODES, *_OTHER_CODES.split()])})"
    r"(?:(?:[ \t]{2,}-[ \t]|:?[ \t]{2,}|\t)[ \t]*(?P<value>\S.*)|[ \t]*-?[ \t]*)"
)


def known_label(line: str, recurring: Collection[str] = ()) -> tuple[str, str]:
    """Returns the label of a line, in lower case, and what is behind it; ("", "") if it has none that is known.

    `recurring` are labels that every article of a text has, whatever they mean.
    """
    label, value, colon = _split(line)
    known = label in _FIELDS or label in _USELESS or label in recurring
    return (label, value) if label and known and (colon or label in _ALONE) else ("", "")


def any_label(line: str) -> str:
    """Returns what stands before a colon at the beginning of a line, in lower case, if it may be a label; else ""."""
    label, _, colon = _split(line)
    return label if colon else ""


def _split(line: str) -> tuple[str, str, bool]:
    match = _LABELLED.match(line) if len(line) < 1000 or ":" in line[:50] else None
    if match is None:
        return "", "", False
    label = " ".join(_PLURAL.sub("", match["label"].lower()).split())
    if label not in _FIELDS and label[:-1] in _FIELDS:  # "authors"
        label = label[:-1]
    return label, (match["value"] or "").strip(), match["value"] is not None


def field_of(label: str) -> str | None:
    """Returns the field (title, date, source, author, url, text) that a label in lower case names; None if none."""
    return _FIELDS.get(label)


def is_useless(label: str) -> bool:
    """Returns whether a label in lower case is known, but nothing that it names is kept."""
    return label in _USELESS


def begins_end(label: str) -> bool:
    """Returns whether a label in lower case belongs to the part below a text."""
    return label in _BELOW


def recurring_labels(blocks: Sequence[Sequence[str]]) -> frozenset[str]:
    """Returns the labels that stand once, and only once, in most of the blocks of a text with many articles."""
    counts: Counter[str] = Counter()
    for block in blocks:
        within = Counter(filter(None, map(any_label, block)))
        counts.update(label for label, number in within.items() if number == 1)
    return frozenset(label for label, number in counts.items() if number > 1 and 2 * number >= len(blocks))


def coded_values(lines: Sequence[str]) -> dict[str, list[str]]:
    """Returns the lines of an article by their codes ("HD  Title", "TI  - Title"); {} if it has none.

    What follows a code up to the next belongs to it; what stands before the first is under "".
    """
    values: dict[str, list[str]] = {}
    code = ""
    for line in lines:
        match = _CODE.fullmatch(line.strip()) if len(line) < 100_000 else None
        code = match["code"] if match else code
        values.setdefault(code, []).append((match["value"] or "") if match else line)
    fields = {field_of_code(code) for code in values}
    return values if len(values) > 3 and {"title", "text"} <= fields else {}


def field_of_code(code: str) -> str | None:
    """Returns the field that a code names; None if none."""
    return _CODES.get(code)


def code_of(line: str) -> str:
    """Returns the code at the beginning of a line; "" if there is none."""
    match = _CODE.fullmatch(line.strip()) if len(line) < 2000 else None
    return match["code"] if match else ""
