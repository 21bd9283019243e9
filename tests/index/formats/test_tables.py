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
from index.formats.parsed import Draft
from index.formats.tables import read_rows

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials told reporters that three soldiers were killed in the strike near Idlib."


def read(
    text: str | bytes, suffix: str = ".csv", columns: Columns | None = None, **limits: int
) -> list[Draft | UnreadableFile]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_rows("/a", io.BufferedReader(io.BytesIO(data)), suffix, columns or {}, **limits))  # type: ignore[arg-type]


def texts(found: list[Draft | UnreadableFile]) -> dict[str, str]:
    return {row.uri: row.cleaned.text for row in found if isinstance(row, Draft)}


def reasons(found: list[Draft | UnreadableFile]) -> dict[str, str]:
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
        assert isinstance(row, (Draft, UnreadableFile))
        assert row.uri.startswith("/a")


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
    assert reasons(read(json.dumps({"head": "Talks", "inhalt": TALKS}), ".jsonl")) == {
        "/a:1": "line 1 has no text (looked for: text, body, content; its keys are: head, inhalt; "
        "name one with --map text=KEY)"
    }
    row = json.dumps({"head": "Talks", "data": [{"inhalt": TALKS}]})
    assert texts(read(row, ".jsonl", {"text": "data.0.inhalt", "title": "head"})) == {"/a#1": TALKS}
