"""Texts with many articles, in the styles of databases, people and reading devices."""

from __future__ import annotations

from datetime import date

import pytest
from reading import read_file

from index.article import Article
from index.formats.collection import split_page
from index.formats.exports.highlights import split_highlights
from index.formats.exports.split import split_articles
from index.formats.markdown import read_markdown
from index.formats.parsed import Draft, clean_texts
from index.formats.registry import read_drafts
from index.formats.subtitles import read_transcript, spoken_text

TOLL = "The toll on the Tarn bridge will rise from 2.10 to 2.60 pounds on 1 May, the operator said."
MILL = "The council has bought the Orrin mill for 1.3 million pounds."
FIRST = ("Bridge toll to rise in May", "Marlow Evening Post", "Ruth Adair", date(2022, 4, 14), TOLL)
SECOND = ("Council buys the old mill", "Tarn Valley Times", "Peter Lunn", date(2022, 5, 3), MILL)

NUMBERED = f"""
                               1 of 2 DOCUMENTS

                              Marlow Evening Post

                             April 14, 2022 Thursday
                                  Late Edition

Bridge toll to rise in May

BYLINE: RUTH ADAIR

SECTION: NEWS; Pg. 3

LENGTH: 92 words

{TOLL}

LOAD-DATE: April 15, 2022

LANGUAGE: ENGLISH

SUBJECT: BRIDGES (90%); TOLLS
 (88%)

Copyright 2022 Marlow Evening Post
All Rights Reserved

                               2 of 2 DOCUMENTS

                              Tarn Valley Times

                             May 3, 2022 Tuesday

Council buys the old mill

BYLINE: Peter Lunn

{MILL}
"""

GERMAN = f"""Dokument 1 von 2

Marlow Evening Post

14. April 2022 Donnerstag

Bridge toll to rise in May

AUTOR: Ruth Adair

LÄNGE: 92 Wörter

{TOLL}

UPDATE: 15. April 2022

SPRACHE: DEUTSCH

Alle Rechte vorbehalten

Dokument 2 von 2

Tarn Valley Times

3. Mai 2022 Dienstag

Council buys the old mill

AUTOR: Peter Lunn

{MILL}
"""

ENDED = f"""User Name: A Reader
Documents (2)
 1. Bridge toll to rise in May
 2. Council buys the old mill

Bridge toll to rise in May
Marlow Evening Post
April 14, 2022 Thursday

Copyright 2022 Marlow Evening Post All Rights Reserved

Section: NEWS; Pg. 3
Byline: Ruth Adair
Body

{TOLL}
Classification
Language: ENGLISH
Load-Date: April 15, 2022
End of Document

Council buys the old mill
Tarn Valley Times
May 3, 2022 Tuesday
Byline: Peter Lunn
Body
{MILL}
End of Document
"""

FACTIVA = f"""Bridge toll to rise in May
By Ruth Adair
212 words
14 April 2022
06:30
Marlow Evening Post
MEVP
English
(c) 2022 Marlow Evening Post

{TOLL}

Document MEVP000020220414ei4e0002x

Council buys the old mill
Peter Lunn
180 words
3 May 2022
Tarn Valley Times
TVT
4
English

{MILL}

Document TVTIME0020220503ei530001a

Search Summary
Text   toll or mill
"""

CODED = f"""HD  Bridge toll to rise in May
BY  By Ruth Adair
WC  212 words
PD  14 April 2022
SN  Marlow Evening Post
LA  English
LP
{TOLL}
AN
Document MEVP000020220414ei4e0002x

HD  Council buys the old mill
BY  Peter Lunn
PD  3 May 2022
SN  Tarn Valley Times
TD
{MILL}
Document TVTIME0020220503ei530001a
"""

PROQUEST = f"""____________________________________________________________

Title: Bridge toll to rise in May

Publication title: Marlow Evening Post; Marlow

Author: Adair, Ruth

Publication date: Apr 14, 2022

Full text: {TOLL}

Subject: Bridges; Tolls

ProQuest document ID: 2700000001

____________________________________________________________

Council buys the old mill

Author: Lunn, Peter

Publication info: Tarn Valley Times ; Tarn [Tarn]. 03 May 2022: 4.

Full text: {MILL}

Title: Council buys the old mill

Publication title: Tarn Valley Times

Publication date: May 3, 2022

____________________________________________________________
"""

ROWS = f"""Bridge toll to rise in May
Marlow Evening Post
14 April 2022
By Ruth Adair

The toll on the Tarn bridge will rise from 2.10
to 2.60 pounds on 1 May, the operator said.
----------------------------
Council buys the old mill
Tarn Valley Times
3 May 2022
By Peter Lunn

{MILL}
"""

LABELS = f"""Headline: Bridge toll to rise in May
Source: Marlow Evening Post
Date: 14 April 2022
Byline: Ruth Adair

{TOLL}

* * * * * * * * * *
Headline: Council buys the old mill
Source: Tarn Valley Times
Date: 3 May 2022
Byline: Peter Lunn

{MILL}
"""


DATED_LINES = f"""Bridge toll to rise in May
Marlow Evening Post (Marlow, ST) - April 14, 2022 - News - Page A1
Author: Ruth Adair, Staff Writer

{TOLL}

Copyright (c) 2022 Marlow Evening Post

Council buys the old mill
Tarn Valley Times (Tarn, ST) - May 3, 2022 - Local - Page B4
Author: Peter Lunn

{MILL}
"""

SPANISH = f"""Título: Bridge toll to rise in May
Autor(es): Ruth Adair
Medio:: Marlow Evening Post
Fecha: jueves, 14 de abril de 2022
Sección: Local

{TOLL}

Título: Council buys the old mill
Autor(es): Peter Lunn
Medio:: Tarn Valley Times
Fecha: 3 de mayo de 2022
Sección: Local

{MILL}
"""

CITATIONS = f"""TY  - NEWS
TI  - Bridge toll to rise in May
AU  - Adair, Ruth
T2  - Marlow Evening Post
PY  - 2022/04/14
AB  - {TOLL}
ER  -

TY  - NEWS
TI  - Council buys the old mill
AU  - Lunn, Peter
T2  - Tarn Valley Times
PY  - 2022/05/03
AB  - {MILL}
ER  -
"""

DAY_BESIDE_SOURCE = f"""Dokument 1 von 2

Marlow Evening Post vom 14.04.2022, S. 9
Adair, Ruth

Bridge toll to rise in May

{TOLL}

Quelle:          Marlow Evening Post vom 14.04.2022, S. 9
Ressort:         Lokales

Dokument 2 von 2

Tarn Valley Times vom 03.05.2022, S. 2 ari
Lunn, Peter

Council buys the old mill

{MILL}

Quelle:          Tarn Valley Times vom 03.05.2022, S. 2
Ressort:         Lokales
"""

SECTION_BESIDE_DAY = f"""Marlow Evening Post
Actualité, jeudi 14 avril 2022 - 18:45 UTC +01:00 295 mots

Bridge toll to rise in May

Ruth Adair

{TOLL}

---------------------------------

Tarn Valley Times
Une, mardi 3 mai 2022, p. 1

Council buys the old mill

Peter Lunn

{MILL}
"""

ONLY_HEADS = f"""Stories of the week

Bridge toll to rise in May
By Ruth Adair, Marlow Evening Post, 14 April 2022

{TOLL}

Council buys the old mill
By Peter Lunn, Tarn Valley Times, 3 May 2022

{MILL}
"""

ONE_LINE = f"""BRIDGE TOLL TO RISE
By Ruth Adair, Marlow Evening Post, 14 April 2022

{TOLL}

***

COUNCIL BUYS THE OLD MILL
Peter Lunn

Tarn Valley Times | May 3, 2022

{MILL}
"""


def test_facts_on_one_line() -> None:
    found = [Draft("a", cleaned).article() for cleaned in clean_texts(ONE_LINE)]
    assert [(a.title, a.source, a.author, a.published, a.text) for a in found] == [
        ("BRIDGE TOLL TO RISE", "Marlow Evening Post", "Ruth Adair", date(2022, 4, 14), TOLL),
        ("COUNCIL BUYS THE OLD MILL", "Tarn Valley Times", "Peter Lunn", date(2022, 5, 3), MILL),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(NUMBERED, GERMAN, ENDED, FACTIVA, CODED, PROQUEST, ROWS, LABELS, LABELS.replace("* * * * * * * * * *\n", "")),
        *(SPANISH, CITATIONS, DAY_BESIDE_SOURCE, SECTION_BESIDE_DAY, ONLY_HEADS),
        *(DATED_LINES.replace(" (Marlow, ST)", "").replace(" (Tarn, ST)", ""), PROQUEST.replace("\n", "\r\n")),
    ],
    ids=[
        *("numbered", "german", "ended", "factiva", "codes", "proquest", "rows", "labels", "labels alone"),
        *("spanish", "citations", "day beside source", "section beside day", "only heads", "dated lines", "CRLF"),
    ],
)
def test_articles_in_one_text_have_their_own_facts(text: str) -> None:
    found = [Draft("a", cleaned).article() for cleaned in clean_texts(text)]
    assert [(a.title, a.source, a.author, a.published, a.text) for a in found] == [FIRST, SECOND]


def test_articles_of_an_exported_page() -> None:
    holder = (
        "<article><header><p>{}</p><p>Actualité, {} 295 mots, p. 4</p><p>{}</p></header><p>{}</p>"
        "<p>{}</p><footer>© 2022 {}. Tous droits réservés.</footer></article>"
    )
    more = "Nobody else spoke at the meeting on Thursday, which went on until midnight in the old town hall."
    first = holder.format("Marlow Evening Post", "jeudi 14 avril 2022", FIRST[0], TOLL, more, "Marlow")
    second = holder.format("Tarn Valley Times", "mardi 3 mai 2022", SECOND[0], MILL, more, "Tarn")
    page = f"<html><body><p>2 documents</p>{first}{second}</body></html>"
    found = [(p.facts["title"], p.facts["source"], p.facts["date"], p.text.split("\n")[0]) for p in split_page(page)]
    assert found == [
        (FIRST[0], "Marlow Evening Post", "2022-04-14", TOLL),
        (SECOND[0], "Tarn Valley Times", "2022-05-03", MILL),
    ]
    cards = page.replace(FIRST[0], f"<h2><a href='/1'>{FIRST[0]}</a></h2>").replace("<body>", "<body><nav>Home</nav>")
    assert split_page(cards) == []


def test_a_title_may_be_a_question() -> None:
    first, _ = clean_texts(NUMBERED.replace("Bridge toll to rise in May", "Is the toll too high?"))
    assert (first.title, first.source, first.text) == ("Is the toll too high?", "Marlow Evening Post", TOLL)


def test_what_is_not_indexed_of_an_export_is_listed() -> None:
    first, _ = clean_texts(ENDED)
    assert [d.text for d in first.dropped if d.reason == "line of the export"] == [
        "User Name: A Reader", "Documents (2)", "1. Bridge toll to rise in May", "2. Council buys the old mill",
        "Copyright 2022 Marlow Evening Post All Rights Reserved", "Section: NEWS; Pg. 3", "Classification",
        "Language: ENGLISH", "Load-Date: April 15, 2022",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"Bridge toll to rise\n\n{TOLL}\n\n------------------\n\n{MILL}\n\n------------------\n\nRain is expected.",
        f"Bridge toll to rise\n14 April 2022\n\n{TOLL}\n\n------------------\n\nUpdated on 15 April 2022.",
        f"How it went\nBy Ruth Adair, Tarn Times, 14 April 2022\n\n15 April 2022\n{TOLL}\n\n16 April 2022\n{MILL}",
        f"The toll\n\nAdair: When will it rise?\n\nLunn: On 1 May 2022\n\nAdair: And then?\n\nLunn: {TOLL}",
        f"Minutes of 3 May 2022\n\nPresent: five.\n\n{TOLL}\n\nMinutes of 10 May 2022\n\nPresent: six.\n\n{MILL}",
        f"{TOLL}\n\nPage 1 of 3\n\n{MILL}\n\nPage 2 of 3\n\nRain is expected.",
    ],
    ids=["rows", "a note at the end", "timeline", "interview", "minutes", "pages"],
)
def test_an_article_with_rows_of_dashes_stays_one(text: str) -> None:
    assert split_articles(text) == []
    (cleaned,) = clean_texts(text)
    assert Draft("a", cleaned).missing() is None


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (NUMBERED.replace("2 of 2", "1 of 2"), "1 of 2 DOCUMENTS, 1 of 2 DOCUMENTS"),
        (f"{TOLL}\n{'=' * 20}\nBy Ruth Adair\n\n{MILL}\n{'=' * 20}\nBy Peter Lunn\n\n{TOLL}", "2 rows of dashes or the like"),
    ],
)  # fmt: skip
def test_a_text_that_looks_like_many_and_is_not_split_says_so(text: str, marks: str) -> None:
    (cleaned,) = clean_texts(text)
    assert Draft("a", cleaned).missing() == f"looks like several articles, which could not be told apart: {marks}"


def test_highlights_of_a_kindle_are_an_article_a_book() -> None:
    text = """\ufeffThe Long Tarn (Adair, Ruth)
- Your Highlight on page 12 | location 180-182 | Added on Monday, 3 April 2023 10:12:33

The lake was never as deep as its maps.
==========
Salt Roads (Peter Lunn)
- Ihre Markierung auf Seite 4 | Position 33-35 | Hinzugefügt am Dienstag, 4. April 2023 09:00:00

Salt moved before silk did.
==========
The Long Tarn (Adair, Ruth)
- Your Note on page 12 | location 182 | Added on Wednesday, 5 April 2023 10:13:00

check this
==========
The Long Tarn (Adair, Ruth)
- Your Bookmark on page 99 | Added on Monday, 3 April 2023 10:14:00


==========
"""
    extended = text.replace("as its maps.", "as its").replace("==========\n", "==========\n\ufeff", 1)
    text = f"{extended}{text}".replace("\n", "\r\n")  # a highlight that was extended, and lines as devices end them
    found = [Draft("a", cleaned).article() for cleaned in clean_texts(text)]
    assert [(a.title, a.author, a.published, a.text, a.comments) for a in found] == [
        ("The Long Tarn", "Ruth Adair", date(2023, 4, 5), "The lake was never as deep as its maps.", ("check this",)),
        ("Salt Roads", "Peter Lunn", date(2023, 4, 4), "Salt moved before silk did.", ()),
    ]


READWISE = """# Bridge toll to rise in May
## Metadata
- Author: [[Ruth Adair]]
- Category: #articles
- URL: https://tarn.example/toll
## Highlights
- The toll will rise to 2.60 pounds. ([View Highlight](https://read.example/read/1))
"""


def test_highlights_in_markdown(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("a") / "a.md"
    path.write_text(READWISE + READWISE.replace("toll", "mill").replace("Ruth Adair", "Peter Lunn"))
    found = read_file(path).articles
    assert [(a.uri, a.title, a.author, a.url) for a in found] == [
        (f"{path}#1", "Bridge toll to rise in May", "Ruth Adair", "https://tarn.example/toll"),
        (f"{path}#2", "Bridge mill to rise in May", "Peter Lunn", "https://tarn.example/mill"),
    ]
    assert found[0].text.lstrip("- ") == "The toll will rise to 2.60 pounds."


def test_markdown_with_several_headings_stays_one() -> None:
    assert split_highlights(f"# Toll\n\n{TOLL}\n\n# Mill\n\n{MILL}\n") == []
    notes = f"---\ntitle: Toll\n---\n{TOLL}\n\n---\ntitle: Mill\n---\n{MILL}\n"
    assert [read_markdown(part).facts for part in split_highlights(notes)] == [{"title": "Toll"}, {"title": "Mill"}]


def note(text: str) -> Article:
    from index.cleaning.clean import clean
    from index.cleaning.metadata import read_fields
    from index.formats.parsed import with_fields

    markdown = read_markdown(text)
    fields = read_fields(markdown.facts)
    return Draft("a", with_fields(clean(markdown.text, title=fields.title), fields)).article()


def test_a_note_of_a_vault() -> None:
    found = note(
        "---\ntitle: Toll\nsource: https://www.tarn.example/toll\nauthor: '[[Ruth Adair]]'\ncreated: 2022-04-14\n"
        "tags: [bridges]\n---\n"
        "The [[Tarn bridge|bridge]] over the [[Tarn]] costs ==2.60 pounds== from May. ^a1b2\n\n"
        "%%ask the\noperator%%\n\n%%once more%% > [!quote] Operator\n> Lorries pay 9 pounds.\n\n![[photo.png]]\n<!-- private -->\n"
    )
    assert found.text == ("The bridge over the Tarn costs 2.60 pounds from May.\n\nOperator\n\nLorries pay 9 pounds.")
    assert (found.author, found.source, found.url) == ("Ruth Adair", "tarn.example", "https://www.tarn.example/toll")
    assert found.published == date(2022, 4, 14)


def test_signs_that_only_look_like_those_of_a_vault_stay() -> None:
    text = "If a == b and c == d, 50%% of the [sample] and 60%% of the rest is 2^10 large."
    assert read_markdown(text).text == text


TRANSCRIPT = """Council of Tarn
Tue, Apr 05, 2022 7:02PM • 41:18

SUMMARY KEYWORDS
toll, bridge

SPEAKERS
Ruth Adair, Speaker 2

Ruth Adair  00:04
Good evening. The toll, please.

Speaker 2  00:19
It rises to 2.60 pounds.

Ruth Adair  1:02:15
Good night.

Transcribed by https://notes.example
"""


@pytest.mark.parametrize(
    "text",
    [
        TRANSCRIPT,
        TRANSCRIPT.replace("Ruth Adair  00:04\n", "[00:00:04] Ruth Adair: ").replace("Speaker 2  00:19\n", "[00:00:19] Speaker 2: "),
        TRANSCRIPT.replace("Ruth Adair  00:04\n", "Ruth Adair (00:04): ").replace("Speaker 2  00:19\n", "Speaker 2 (00:19): "),
    ],
)  # fmt: skip
def test_a_transcript_names_the_speaker_and_no_times(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("a") / "a.txt"
    path.write_text(text)
    (draft,) = (outcome for outcome in read_drafts(path) if isinstance(outcome, Draft))
    article = draft.article()
    assert (article.title, article.published) == ("Council of Tarn", date(2022, 4, 5))
    assert article.text == (
        "Ruth Adair: Good evening. The toll, please.\n\nSpeaker 2: It rises to 2.60 pounds.\n\nRuth Adair: Good night."
    )
    assert draft.left_out()["line of the program"] == 5


def test_times_of_a_day_stay() -> None:
    assert read_transcript("10:15 The toll rises.\n10:40 The mill is sold.\n11:05 Rain is expected.\n") is None


def test_speech_is_named_by_its_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("a") / "Toll on the bridge [dQ7xk2LmN0s].en.vtt"
    said = "00:01.000 --> 00:09.000\nit rises to 2 pounds [Music] >> and when\n"
    path.write_text(f"WEBVTT\n\n{said}")
    (article,) = read_file(path).articles
    assert (article.title, article.text) == ("Toll on the bridge", "it rises to 2 pounds\n\nand when")


def test_pages_of_a_scanned_paper(tmp_path_factory: pytest.TempPathFactory) -> None:
    left = (
        "The toll on the bridge will rise in May",
        "and not before, the operator has said",
        "while the lorries pay much more than",
    )
    left = (*left, "they did in the years of the old toll", "and the horses nothing.")
    right = (
        "The council of Tarn has bought the mill",
        "for a good price, and it will now sell",
        "the other mill as soon as that one is",
    )
    right = (*right, "mended by the miller, who has no wish", "to grind in it.")
    columns = "\n".join(f"{a:<45}{b}" for a, b in zip(left, right, strict=True))
    path = tmp_path_factory.mktemp("a") / "Tarn Times 1903-03-14.txt"
    path.write_text(
        f"THE TARN TIMES. MARCH 14. 3\n\nThe thief was not reco-\n\n4 THE TARN TIMES. MARCH 14.\n\nvered.\n\n{columns}\n"
    )
    (article,) = read_file(path).articles
    assert article.text == "The thief was not recovered.\n\n" + "\n\n".join(" ".join(lines) for lines in (left, right))
    assert (article.source, article.published) == ("Tarn Times", date(1903, 3, 14))


def test_subtitles_become_paragraphs() -> None:
    vtt = (
        "WEBVTT\n\nNOTE made by a program\n\nSTYLE\n::cue {}\n\n1\n00:00:01.000 --> 00:00:03.000 align:start\n"
        "<v Ruth Adair>The toll will rise\n\n00:03.000 --> 00:05.000\nto 2.60 <c.b>pounds</c>.\n\n"
        "00:05.000 --> 00:06.000\n<v Peter Lunn>When &amp; why?\n\n00:05.500 --> 00:06.500\n<v Peter Lunn>When &amp; why?\n"
    )
    assert spoken_text(vtt) == "Ruth Adair: The toll will rise to 2.60 pounds.\n\nPeter Lunn: When & why?"
    srt = (
        "1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}The mill is <i>sold</i>.\r\n\r\n"
        "2\r\n00:00:09,000 --> 00:00:10,000\r\nRain is expected.\r\n"
    )
    assert spoken_text(srt) == "The mill is sold.\n\nRain is expected."
    assert spoken_text(TOLL) == TOLL


def facts_of(text: str) -> list[tuple[str, str | None, str | None, date | None, str | None]]:
    return [(one.title, one.source, one.author, one.published, one.url) for one in clean_texts(text)]


def test_excerpts_of_apple_books_are_an_article_a_book() -> None:
    def excerpt(quoted: str, book: str, author: str, note: str = "") -> str:
        address = f"https://books.example/{book.lower()}"
        return f"“{quoted}”\n{note}\nExcerpt From\n{book}\n{author}\n{address}\nThis material may be protected.\n\n"

    text = excerpt(TOLL, "Bridges", "Ruth Adair") + excerpt(MILL, "Mills", "Various", note="ask Lunn\n")
    bridges, mills = clean_texts(text + excerpt("It was paid in coins.", "Bridges", "Ruth Adair"))
    assert (bridges.title, bridges.author, bridges.url) == ("Bridges", "Ruth Adair", "https://books.example/bridges")
    assert bridges.text == f"“{TOLL}”\n\n“It was paid in coins.”"
    assert (mills.title, mills.author, mills.text, mills.comments) == ("Mills", None, f"“{MILL}”", ("ask Lunn",))
    assert "This material may be protected." in [dropped.text for dropped in mills.dropped]


def test_an_address_that_stands_alone_above_or_below_a_text_is_the_article_s() -> None:
    def article(title: str, above: str, text: str, below: str) -> str:
        return (
            f"{title}\nMarlow Evening Post\n14 April 2022\n{above}\n\n{text}\n\nArticle Name: {title}\n\n{below}\n\n\n"
        )

    text = article("Toll to rise", "", TOLL, "https://marlow.example/1")
    text += article("Mill bought", "https://marlow.example/2", MILL, "")
    assert [found[4] for found in facts_of(text)] == ["https://marlow.example/1", "https://marlow.example/2"]


def test_an_article_without_a_label_that_the_others_have_is_one_of_its_own() -> None:
    def article(title: str, byline: str, text: str) -> str:
        return f"{title}\nMarlow Evening Post (Tarn) - April 14, 2022\n{byline}Section: News\n{text}\nRecord: 1A\n\n\n"

    letter = "It was never asked whether the town wants a mill, and it does not."
    text = article("Toll to rise", "Author/Byline: RUTH ADAIR\n", TOLL) + article("LETTERS: No mill", "", letter)
    found = facts_of(text + article("Mill bought", "Author/Byline: Peter Lunn\n", MILL))
    assert [(one[0], one[2]) for one in found] == [
        ("Toll to rise", "Ruth Adair"),
        ("LETTERS: No mill", None),
        ("Mill bought", "Peter Lunn"),
    ]


def test_an_author_before_the_source_is_no_source() -> None:
    text = f"Toll to rise\n\nRuth Adair, Marlow Evening Post, 14 April 2022\n\n{TOLL}\n\n"
    text += f"Mill bought\n\nPeter Lunn, Tarn Valley Times, 3 May 2022\n\n{MILL}\n"
    assert facts_of(text) == [
        ("Toll to rise", "Marlow Evening Post", "Ruth Adair", date(2022, 4, 14), None),
        ("Mill bought", "Tarn Valley Times", "Peter Lunn", date(2022, 5, 3), None),
    ]


def test_the_only_heading_of_an_article_on_an_exported_page_is_its_title() -> None:
    def article(title: str, author: str, text: str) -> str:
        rows = f"<tr><td>Autor:</td><td>{author}</td></tr><tr><td>Ressort:</td><td>Lokales</td></tr>"
        head = "<div><span>Marlow Evening Post</span> vom 14.04.2022, S. 9</div><p>Kommunales</p>"
        return f"<div class='d'>{head}<h2>{title}</h2><p>{text} {text}</p><table>{rows}</table></div>"

    markup = article("Toll to rise", "Ruth Adair", TOLL) + article("Mill bought", "Peter Lunn", f"{MILL} {MILL}")
    pieces = split_page(f"<html><body>{markup}</body></html>")
    assert [(one.facts["title"], one.facts["author"]) for one in pieces] == [
        ("Toll to rise", "Ruth Adair"),
        ("Mill bought", "Peter Lunn"),
    ]
