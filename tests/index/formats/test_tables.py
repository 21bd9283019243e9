"""Tables and `.jsonl` files with one article a row, written as people's programs write them."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning.metadata import Columns, parse_columns
from index.errors import UnreadableFile
from index.formats.documents.document import Remark, Skipped
from index.formats.parsed import Draft, Outcome
from index.formats.tables import read_rows

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials told reporters that three soldiers were killed in the strike near Idlib."


def read(text: str | bytes, suffix: str = ".csv", columns: Columns | None = None, **limits: int) -> list[Outcome]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_rows("/a", io.BufferedReader(io.BytesIO(data)), suffix, columns or {}, **limits))  # type: ignore[arg-type]


def texts(found: list[Outcome]) -> dict[str, str]:
    return {row.uri: row.cleaned.text for row in found if isinstance(row, Draft)}


def reasons(found: list[Outcome]) -> dict[str, str]:
    return {row.uri: row.reason for row in found if isinstance(row, UnreadableFile)}


def test_columns_are_found_by_their_usual_names() -> None:
    (row,) = read(
        f'id,Headline,pub_date,By line,Body,Publisher,URL,lang\n7,Talks go on,2021-03-14,Jane Roe,"{TALKS}",Post,https://a.b,en\n'
    )
    assert isinstance(row, Draft)
    article = row.article()
    assert (article.uri, article.title, article.text) == ("/a#7", "Talks go on", TALKS)
    assert (article.published, article.author, article.source) == (date(2021, 3, 14), "Jane Roe", "Post")
    assert (article.url, article.language) == ("https://a.b", "en")


@pytest.mark.parametrize(
    ("suffix", "mark"), [(".csv", ","), (".csv", ";"), (".csv", "\t"), (".csv", "|"), (".tsv", "\t")]
)
def test_delimiters(suffix: str, mark: str) -> None:
    lines = [mark.join(("title", "text", "id")), mark.join(("Talks", f'"{TALKS}; he said, again"', "x"))]
    assert texts(read("\r\n".join(lines), suffix)) == {"/a#x": f"{TALKS}; he said, again"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert texts(read(f"title,text\nTalks,{TALKS} Café.\n".encode(encoding))) == {"/a#2": f"{TALKS} Café."}


def test_an_encoding_is_guessed_from_the_whole_head() -> None:
    russian = "Министр обороны России заявил в пятницу, что переговоры продолжатся."
    rows = "".join(f'{n},"{russian}"\n' for n in range(20))
    assert texts(read(f"id,text\n{rows}".encode("cp1251")))["/a#0"] == russian


def test_ragged_rows_are_reported_and_the_rest_goes_on() -> None:
    found = read(f"title,text\nOne,{TALKS}\nshort\nlong,{STRIKE},more\n\nTwo,{STRIKE}\nThree,{TALKS} Yes.,,\n")
    assert texts(found) == {"/a#2": TALKS, "/a#6": STRIKE, "/a#7": f"{TALKS} Yes."}
    assert reasons(found) == {
        "/a:3": "line 3 has 1 value, but the first row names 2 columns",
        "/a:4": "line 4 has 3 values, but the first row names 2 columns (a value that holds ',' must stand in quotation "
        "marks)",
    }


def test_a_quoted_value_may_hold_lines_and_marks() -> None:
    found = read(f'title,text\nOne,"{TALKS}\n\n{STRIKE} ""Yes"", he said, again."\nTwo,{STRIKE}\n')
    assert texts(found) == {"/a#2": f'{TALKS}\n\n{STRIKE} "Yes", he said, again.', "/a#5": STRIKE}


def test_a_stray_quotation_mark_costs_one_row() -> None:
    found = read(f'title,text\n"One,{TALKS}\nTwo,{STRIKE}\nThree,"{TALKS}"\n')
    assert texts(found) == {"/a#3": STRIKE, "/a#4": TALKS}
    assert reasons(found) == {
        "/a:2": "line 2 is not a valid row: a quotation mark stands inside a quoted value (write it twice)"
    }


def test_a_quotation_mark_that_is_never_closed_costs_one_row() -> None:
    found = read(f'title,text\nOne,"{TALKS}\nTwo,{STRIKE}\n')
    assert texts(found) == {"/a#3": STRIKE}
    assert reasons(found) == {"/a:2": "line 2 is not a valid row: a quotation mark is opened and never closed"}


def test_columns_can_be_named() -> None:
    columns = {"title": "Überschrift", "text": "Inhalt"}
    found = read(f"Überschrift;Inhalt;text\nEins;{TALKS};no\n", columns=columns)
    assert texts(found) == {"/a#2": TALKS}
    assert texts(read(json.dumps({"Inhalt": TALKS, "text": "no"}), ".jsonl", columns)) == {"/a#1": TALKS}


def test_a_table_without_a_text_is_reported_with_its_columns() -> None:
    assert reasons(read("a,b\n1,2\n")) == {
        "/a": "has no column for the text; its columns are: a, b. Name one with --map text=COLUMN"
    }
    assert reasons(read(f"title,text\nOne,{TALKS}\n", columns={"title": "nom"})) == {
        "/a": "has no column 'nom' (--map title=nom); its columns are: title, text"
    }
    assert reasons(read(json.dumps({"nom": "x"}), ".jsonl", {"text": "mot"})) == {
        "/a:1": "line 1 has no text (looked for: mot; its keys are: nom; name one with --map text=KEY)"
    }
    assert reasons(read("")) == {"/a": "is empty"}


def test_a_line_too_long_is_passed_over() -> None:
    found = read(f'{{"text": "{TALKS}"}}\n{"x" * 5000}\n{{"text": "{STRIKE}"}}\n', ".jsonl", largest=300)
    assert texts(found) == {"/a#1": TALKS, "/a#3": STRIKE}
    assert list(reasons(found)) == ["/a:2"]


def test_a_line_that_is_no_text_fails_alone() -> None:
    found = read(b'{"text": "\0"}\n' + json.dumps({"text": TALKS}).encode(), ".jsonl")
    assert reasons(found) == {"/a:1": "line 1 is not a text file (it contains NUL bytes)"}
    assert texts(found) == {"/a#2": TALKS}


def test_map_is_checked() -> None:
    assert parse_columns("title=head line, text = body") == {"title": "head line", "text": "body"}


FILE = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(["title,text\n", '"', ",", "\n", "a", TALKS, "\0", "\r", "\ufeff", "{", "}", ":", "[", ";"])
    ).map(lambda parts: "".join(parts).encode()),
)


@given(FILE, st.sampled_from([".csv", ".tsv", ".jsonl"]))
def test_no_content_raises(data: bytes, suffix: str) -> None:
    for row in read(b"title,text\n" + data if suffix == ".csv" else data, suffix):
        assert isinstance(row, Draft | UnreadableFile | Remark)
        assert isinstance(row, Remark) or row.uri.startswith("/a")


def test_a_first_line_for_excel_names_the_separator() -> None:
    found = read(f"\ufeffsep=;\r\ntitle;text\r\nTalks, and more;{TALKS}\r\n")
    assert texts(found) == {"/a#3": TALKS}
    assert texts(read(f"sep=\t\nid\ttext\nx\t{TALKS}\n")) == {"/a#x": TALKS}


def test_rows_of_crawlers_are_read() -> None:
    rows = [
        {"plaintext": TALKS, "publishing_date": "2022-04-14 08:30:00+00:00", "requested_url": "https://a.example/b"},
        {"maintext": TALKS, "date_publish": "2022-04-14", "source_domain": "a.example", "url": "https://a.example/b"},
        {"_id": {"$oid": "1"}, "article": {"headline": "Talks", "body": TALKS, "published": "2022-04-14"}},
        {"webTitle": "Talks", "webPublicationDate": "2022-04-14T08:00:00Z", "fields": {"bodyText": TALKS}},
        {"text": TALKS, "source": "https://www.a.example/b", "created": "2022-04-14"},
        {"page_content": TALKS, "metadata": {"date": "2022-04-14", "text": "no"}},
    ]
    found = read("\n".join(map(json.dumps, rows)), ".jsonl")
    drafts = [one.cleaned for one in found if isinstance(one, Draft)]
    assert [(draft.text, str(draft.published)) for draft in drafts] == [(TALKS, "2022-04-14")] * 6
    assert [draft.url for draft in drafts[:2]] == ["https://a.example/b"] * 2
    assert (drafts[4].source, drafts[4].url) == ("a.example", "https://www.a.example/b")


def test_an_unknown_key_of_the_text_is_reported_with_the_keys_there_are() -> None:
    row = json.dumps({"head": "Talks", "parts": [{"first": TALKS}]})
    assert reasons(read(row, ".jsonl")) == {
        "/a:1": "line 1 has no text (looked for: text, body, content; its keys are: head, parts; "
        "name one with --map text=KEY)"
    }
    assert texts(read(row, ".jsonl", {"text": "parts.0.first", "title": "head"})) == {"/a#1": TALKS}


def remarks(found: list[Outcome]) -> list[str]:
    return [one.text for one in found if isinstance(one, Remark)]


@pytest.mark.parametrize(
    ("encoding", "header", "day", "published"),
    [
        ("cp1252", "titular;fecha;autor;medio;enlace;cuerpo", "14 de abril de 2022", "2022-04-14"),
        ("cp1252", "Überschrift;Veröffentlicht am;Verfasser;Zeitung;Link;Artikeltext", "14.04.2022", "2022-04-14"),
        ("cp1251", "заголовок;дата публикации;автор;издание;ссылка;текст", "14.04.2022", "2022-04-14"),
        ("cp1254", "başlık;tarih;yazar;gazete;bağlantı;içerik", "14.04.2022", "2022-04-14"),
        ("utf-16", "tytuł;data publikacji;autor;źródło;adres;treść", "14.04.2022", "2022-04-14"),
        ("utf-8", "标题;发布时间;作者;来源;链接;正文", "2022-04-14", "2022-04-14"),
        ("utf-8", "العنوان;التاريخ;الكاتب;المصدر;الرابط;النص", "2022-04-14", "2022-04-14"),
        ("utf-8", "article_headline;pub_date;byline;media_name;story_url;article_body", "2022-04-14", "2022-04-14"),
    ],
)
def test_names_of_columns_in_many_languages(encoding: str, header: str, day: str, published: str) -> None:
    row = f"Talks;{day};Ruth Adair;Tarn Echo;https://tarnecho.example/talks;{TALKS}"
    (draft,) = read(f"{header}\n{row}\n".encode(encoding))
    assert isinstance(draft, Draft)
    found = draft.cleaned
    assert (found.text, found.title, str(found.published)) == (TALKS, "Talks", published)
    assert (found.author, found.source, found.url) == ("Ruth Adair", "Tarn Echo", "https://tarnecho.example/talks")


def test_columns_of_unknown_names_are_recognised_by_what_is_in_them() -> None:
    found = read(
        "k1,k2,k3,k4,crawled,k5,k6\n"
        f'1,Talks begin,2022-04-14,"{TALKS}",2023-01-01,https://tarnecho.example/a,tarnecho.example\n'
        f'2,Strike goes on,2022-04-15,"{STRIKE}",2023-01-01,https://tarnecho.example/b,tarnecho.example\n'
    )
    first, second = [one.cleaned for one in found if isinstance(one, Draft)]
    assert (first.title, first.text, str(first.published), first.url, first.source) == (
        *("Talks begin", TALKS, "2022-04-14", "https://tarnecho.example/a", "tarnecho.example"),
    )
    assert (second.title, str(second.published)) == ("Strike goes on", "2022-04-15")
    assert remarks(found) == [
        "/a: columns recognised by what is in them: text from 'k4', url from 'k5', date from 'k3', source from 'k6', "
        "title from 'k2' (--map FIELD=COLUMN says otherwise)"
    ]
    assert not remarks(read(f"title,text\nTalks,{TALKS}\n"))


def test_a_table_without_names_of_columns_loses_no_row() -> None:
    found = read(f'Talks begin,2022-04-14,"{TALKS}\n\nMore."\nStrike goes on,2022-04-15,"{STRIKE}"\n')
    drafts = [one.cleaned for one in found if isinstance(one, Draft)]
    assert [(one.title, str(one.published)) for one in drafts] == [
        ("Talks begin", "2022-04-14"),
        ("Strike goes on", "2022-04-15"),
    ]


def test_passages_that_a_reader_marked_make_one_article_for_each_title() -> None:
    found = read(
        "Highlight,Book Title,Book Author,Note,Highlighted at\n"
        f'"{TALKS}",On Talks,Ruth Adair,see page 3,2022-04-14 08:00:00+00:00\n'
        f'"{STRIKE}",On Talks,Ruth Adair,.h2,2022-04-15 08:00:00+00:00\n'
        f'"{STRIKE}",On Strikes,tarnecho.example,,2022-05-01 08:00:00+00:00\n'
        "![](https://pictures.example/a.png),On Strikes,tarnecho.example,,2022-05-01 09:00:00+00:00\n"
    )
    talks, strikes = [one.cleaned for one in found if isinstance(one, Draft)]
    assert (talks.title, talks.text, talks.author, talks.comments) == (
        *("On Talks", f"{TALKS}\n\n{STRIKE}", "Ruth Adair", ("see page 3",)),
    )
    assert str(talks.published) == "2022-04-15"
    assert (strikes.text, strikes.author, strikes.source) == (STRIKE, None, "tarnecho.example")


def test_the_name_of_the_site_behind_a_title_is_the_source_if_the_address_is_of_it() -> None:
    found = read(
        "URL,Title,Selection,Timestamp\n"
        f"https://www.tarn-echo.example/a,Talks begin - Tarn Echo,{TALKS},1649923200\n"
        f"https://www.other.example/a,Strike - day three,{STRIKE},1649923200\n"
    )
    first, second = [one.cleaned for one in found if isinstance(one, Draft)]
    assert (first.title, first.source, str(first.published)) == ("Talks begin", "Tarn Echo", "2022-04-14")
    assert (second.title, second.source) == ("Strike - day three", None)


def test_drafts_are_counted() -> None:
    found = read(f"title,text,status\nOne,{TALKS},publish\nTwo,{STRIKE},draft\n")
    assert [one.cleaned.title for one in found if isinstance(one, Draft)] == ["One"]
    assert Skipped("draft", 1) in found


def test_other_objects_in_a_row_hold_its_other_fields() -> None:
    row = {
        "crawled_at": "2023-07-01",
        "request": {"url": "https://tarnecho.example/a?from=feed"},
        "article": {
            "meta": {
                "published_at": "2022-04-14T08:15:00+03:00",
                "modified_at": "2023-06-15",
                "canonical_url": "https://tarnecho.example/a",
                "publisher": {"name": "Tarn Echo", "id": 7},
            },
            "headline": {"main": "Talks begin"},
            "authors": [{"name": "Ruth Adair", "role": "Reporter"}, {"first_name": "Tom", "last_name": "Pell"}],
            "body": [TALKS, STRIKE],
        },
        "related": [{"headline": "No", "url": "https://tarnecho.example/b", "body": "No."}],
    }
    (draft,) = [one.cleaned for one in read(json.dumps(row), ".jsonl") if isinstance(one, Draft)]
    assert (draft.title, draft.text) == ("Talks begin", f"{TALKS}\n\n{STRIKE}")
    assert (draft.source, draft.author, str(draft.published), draft.url) == (
        *("Tarn Echo", "Ruth Adair, Tom Pell", "2022-04-14", "https://tarnecho.example/a"),
    )


def test_a_text_with_links_as_objects_is_one_paragraph() -> None:
    row = {"text": ["The talks ", {"type": "link", "text": "began"}, " in Marlow on Monday morning."], "title": "Talks"}
    (draft,) = [one.cleaned for one in read(json.dumps(row), ".jsonl") if isinstance(one, Draft)]
    assert draft.text == "The talks began in Marlow on Monday morning."


def test_rows_that_are_paragraphs_are_joined_by_their_page_in_their_order() -> None:
    pages = {
        "https://echo.example/a": ("Rozmowy trwają", ["Pierwszy akapit mówi o rozmowach w stolicy.", TALKS, "REKLAMA"]),
        "https://echo.example/b": ("Atak na granicy", [STRIKE, "Drugi akapit mówi o ataku na granicy.", "REKLAMA"]),
    }
    paragraphs = [(page, title, text) for page, (title, found) in pages.items() for text in found]
    rows = [f'"9-{8 + n}","https://echo.example/list","{p}","{t}","{x}"\n' for n, (p, t, x) in enumerate(paragraphs)]
    header = "web-scraper-order,web-scraper-start-url,strona-href,naglowek,akapit\n"
    found = read(header + "".join(reversed(rows)))
    assert [(row.cleaned.title, row.cleaned.url, row.cleaned.text) for row in found if isinstance(row, Draft)] == [
        (title, page, "\n\n".join(kept[:2])) for page, (title, kept) in reversed(pages.items())
    ]
    assert [row for row in found if isinstance(row, Skipped)] == [Skipped("paragraph that several pages have", 2)]


def test_rows_of_several_articles_at_one_address_are_not_joined() -> None:
    rows = "".join(f"Title {n},https://echo.example/{n % 2},{TALKS} {n}\n" for n in range(8))
    assert len(texts(read(f"title,url,text\n{rows}"))) == 8
