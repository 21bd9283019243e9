"""Files that hold many articles, and documents: what is read of them, and what becomes of bad ones.

They are read as in the child process of `sandbox`, but in this one, which saves its start; test_sandbox.py starts it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from documents import archive, column, docx, epub, pdf
from reading import read_file

from index.article import Article
from index.errors import UnreadableFile
from index.formats import registry, sandbox
from index.formats.containers.members import Task
from index.formats.documents.document import Item, Remark, Skipped
from index.formats.parsed import Draft
from index.formats.registry import find_files, other_formats, read_drafts

TOLL = "The toll on the Tarn bridge will rise from 2.10 to 2.60 pounds on 1 May, the operator said on Thursday."
MILL = "The council of Marlow has bought the Orrin mill for 1.3 million pounds and will make a school of it."
LAKE = "The Orrin reservoir held 31 percent of its capacity on Monday, the lowest level since 1976."
PAGE = f"<html><head><title>Toll to rise</title></head><body><article><h1>Toll to rise</h1><p>{TOLL}</p></article></body></html>"


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_here(
        path: str, suffix: str, *, compressed: bool, size: int, texts: Sequence[str], columns: Mapping[str, str]
    ) -> Iterator[Item]:
        try:
            yield from sandbox._read(path, suffix, compressed, Task(tuple(texts), columns))
        except RecursionError:
            raise ValueError("is damaged: its parts are nested too deeply") from None

    monkeypatch.setattr(registry, "read_in_sandbox", read_here)


def read(
    folder: Path, name: str, data: bytes | str, columns: Mapping[str, str] = {}
) -> tuple[list[Article], dict[str, str], dict[str, int]]:
    """The articles of a file, the reasons of its failures by uri (without the path), and the counts of the rest."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    outcomes = list(read_drafts(path, columns))
    failures = [one for one in outcomes if isinstance(one, UnreadableFile)]
    assert all(failure.table in (None, str(path)) for failure in failures)
    return (
        [one.article() for one in outcomes if isinstance(one, Draft)],
        {failure.uri.removeprefix(str(path)): failure.reason for failure in failures},
        {one.kind: one.count for one in outcomes if isinstance(one, Skipped)},
    )


def texts(articles: list[Article], folder: Path, name: str) -> dict[str, str]:
    return {article.uri.removeprefix(str(folder / name)): article.text for article in articles}


# JSON


@pytest.mark.parametrize(
    "value",
    [
        [{"title": "Toll", "plaintext": TOLL, "publishing_date": "2022-04-14 08:30:00+00:00"}, {"plain_text": MILL}],
        {"status": "ok", "articles": [{"headline": {"main": "Toll"}, "body": TOLL, "pub_date": "2022-04-14"}, {"text": MILL}]},
        {"hits": {"hits": [{"_id": 1, "_source": {"title": "Toll", "text": TOLL, "date": "2022-04-14"}}, {"_source": {"body": MILL}}]}},
        [{"title": {"rendered": "Toll"}, "content": {"rendered": TOLL}, "created_at": "2022-04-14"}, {"content": MILL}],
    ],
    ids=["list", "object", "nested", "rendered"],
)  # fmt: skip
def test_json(tmp_path: Path, value: Any) -> None:
    found, failed, _ = read(tmp_path, "a.json", json.dumps(value))
    assert (failed, [article.text for article in found]) == ({}, [TOLL, MILL])
    assert (found[0].title, found[0].published) == ("Toll", date(2022, 4, 14))


def test_json_objects_by_name_and_one_object_a_line(tmp_path: Path) -> None:
    found, _, _ = read(tmp_path, "a.json", json.dumps({"toll": {"text": TOLL}, "mill": {"text": MILL}}))
    assert texts(found, tmp_path, "a.json") == {"#toll": TOLL, "#mill": MILL}
    inner = {"status": 1, "articles": {"x": {"text": TOLL}, "y": {"text": MILL}}, "pages": [{"number": 1}] * 3}
    found, _, _ = read(tmp_path, "a.json", json.dumps(inner))
    assert texts(found, tmp_path, "a.json") == {"#x": TOLL, "#y": MILL}
    found, failed, _ = read(tmp_path, "a.json", f'{{"text": "{TOLL}"}}\n{{"text": "{MILL}"}}\n[1]\n')
    assert texts(found, tmp_path, "a.json") == {"#1": TOLL, "#2": MILL}
    assert failed == {"#3": "is no JSON object"}


def test_json_keys_can_be_named_by_paths(tmp_path: Path) -> None:
    rows = [{"data": {"de": {"inhalt": TOLL}}, "meta": {"titel": ["Maut", "x"]}}, {"data": {}}]
    columns = {"text": "data.de.inhalt", "title": "meta.titel.0"}
    found, failed, _ = read(tmp_path, "a.json", json.dumps(rows), columns)
    assert [(article.title, article.text) for article in found] == [("Maut", TOLL)]
    assert failed == {
        ":2": "object 2 has no text (looked for: data.de.inhalt; its keys are: data; name one with --map text=KEY)"
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "is empty"),
        ("[1, 2]", "1: is a JSON int"),
        (f'[{{"text": "{TOLL}"}}, {{"text": "', "is not valid JSON: Unterminated string"),
        ("[" * 5000, "its parts are nested too deeply"),
        ("\x00\x01\x02" * 50, "is not a text file"),
    ],
    ids=["empty", "numbers", "cut off", "deep", "binary"],
)
def test_bad_json_is_reported(tmp_path: Path, data: str, reason: str) -> None:
    found, failed, _ = read(tmp_path, "a.json", data)
    assert reason in " ".join(f"{name.removeprefix('#')}: {why}" for name, why in failed.items())
    assert [article.text for article in found] == ([TOLL] if TOLL in data else [])


def test_settings_in_json_are_counted(tmp_path: Path) -> None:
    assert read(tmp_path, "a.json", '{"name": "clippings", "port": 7860}') == ([], {}, {"JSON without a text": 1})


# Mails


def mail(
    subject: str, text: str = "", markup: str = "", sender: str = "Tarn Weekly <news@tarn.example>"
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = sender, subject, "Thu, 14 Apr 2022 07:00:00 +0000"
    message.set_content(text)
    if markup:
        message.add_alternative(markup, subtype="html")
    return message


def test_a_mail_and_what_is_attached_to_it(tmp_path: Path) -> None:
    footer = "<p>You receive this email because you signed up.</p><p><a href='u'>Unsubscribe</a></p>"
    hidden = "<div style='display:none'>Read in your browser</div>"
    message = mail(
        "Fwd: Bürger: toll to rise", "See the page.", f"<html><body>{hidden}<p>{TOLL}</p>{footer}</body></html>"
    )
    message.add_attachment(docx(MILL), maintype="application", subtype="octet-stream", filename="mill.docx")
    message.add_attachment(mail("Lake", LAKE, sender="Ruth Adair <radair@marlow.example>"))
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="a.gif")
    found, failed, skipped = read(tmp_path, "a.eml", message.as_bytes())
    assert texts(found, tmp_path, "a.eml") == {"": TOLL, "#mill.docx": MILL, "#2.eml": LAKE}
    first, _, third = found
    assert (first.title, first.source, first.author) == ("Bürger: toll to rise", "Tarn Weekly", None)
    assert (third.author, third.published) == ("Ruth Adair", date(2022, 4, 14))
    assert (failed, skipped) == ({}, {"image/gif": 1})


def test_a_mailbox_is_split(tmp_path: Path) -> None:
    quoted = f"{MILL}\n\n>From the council came no comment.\n"
    box = b"".join(
        b"From a@b Thu Apr 14 07:00:00 2022\n" + message.as_bytes() + b"\n\n"
        for message in (mail("Toll", TOLL), mail("Mill", quoted), mail("Nothing"))
    )
    found, failed, _ = read(tmp_path, "a.mbox", box)
    assert texts(found, tmp_path, "a.mbox") == {"#1": TOLL, "#2": f"{MILL}\n\nFrom the council came no comment."}
    assert failed == {"#3": "has no article text in it"}


def test_a_mailbox_that_is_none_is_reported(tmp_path: Path) -> None:
    _, failed, _ = read(tmp_path, "a.mbox", TOLL)
    assert failed == {"": "is no mailbox: its first line does not begin with 'From '"}
    _, failed, _ = read(tmp_path, "a.eml", TOLL)
    assert failed == {"": "is no mail: it has no sender, subject or date"}


def test_mails_that_lie_in_one_another_end(tmp_path: Path) -> None:
    message = mail("0", TOLL)
    for number in range(1, 10):
        outer = mail(str(number), MILL)
        outer.add_attachment(message)
        message = outer
    found, failed, _ = read(tmp_path, "a.eml", message.as_bytes())
    assert [article.text for article in found] == [MILL] * 5
    assert [reason for reason in failed.values()] == ["lies in more than 4 files; unpack them"]


def test_a_saved_page(tmp_path: Path) -> None:
    data = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://tarn.example/toll\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="x"\n\n'
        f"--x\nContent-Type: text/html; charset=utf-8\n\n{PAGE}\n--x\nContent-Type: image/png\n\n\n--x--\n"
    )
    (article,), failed, _ = read(tmp_path, "a.mhtml", data)
    assert (article.text, article.title, article.url) == (TOLL, "Toll to rise", "https://tarn.example/toll")
    assert failed == {}
    assert read(tmp_path, "b.mht", "Content-Type: text/plain\n\nx")[1] == {"": "holds no web page"}


# Exports in XML

WXR = f"""<?xml version="1.0"?><rss xmlns:content="c" xmlns:dc="d" xmlns:wp="w"><channel><title>Tarn Weekly</title>
<wp:author><wp:author_login>radair</wp:author_login><wp:author_display_name>Ruth Adair</wp:author_display_name></wp:author>
<item><title>Toll to rise</title><link>https://tarn.example/toll</link><pubDate>Thu, 14 Apr 2022 10:00:00 +0000</pubDate>
<dc:creator>radair</dc:creator><content:encoded><![CDATA[<!-- wp:paragraph -->{TOLL}

Lorries <b>pay</b> 9 pounds.[gallery ids="1,2"]]]></content:encoded><wp:post_id>17</wp:post_id>
<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>
<wp:comment><wp:comment_content>Too <i>much</i>.</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>
<wp:comment><wp:comment_content>Buy pills</wp:comment_content><wp:comment_approved>spam</wp:comment_approved></wp:comment>
</item>
<item><title>a.jpg</title><wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status></item>
<item><title>Draft</title><content:encoded>x</content:encoded><wp:post_type>post</wp:post_type><wp:status>draft</wp:status></item>
<item><title>Mill</title><content:encoded><![CDATA[<p>{MILL}</p>]]></content:encoded><wp:post_id>18</wp:post_id></item>
</channel></rss>"""


def test_an_export_of_wordpress(tmp_path: Path) -> None:
    found, failed, skipped = read(tmp_path, "a.xml", WXR)
    assert texts(found, tmp_path, "a.xml") == {"#17": f"{TOLL}\n\nLorries pay 9 pounds.", "#18": MILL}
    first = found[0]
    assert (first.title, first.author, first.source) == ("Toll to rise", "Ruth Adair", "Tarn Weekly")
    assert (first.published, first.url) == (date(2022, 4, 14), "https://tarn.example/toll")
    assert first.comments == ("Too much.",)
    assert (failed, skipped) == ({}, {"attachment of WordPress": 1, "draft post of WordPress": 1})


def test_an_export_that_is_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    found, failed, _ = read(tmp_path, "a.xml", WXR[: WXR.index("<title>Draft")])
    assert [article.title for article in found] == ["Toll to rise"]
    assert failed == {"": "is cut off, or damaged; what comes before is read"}
    _, failed, _ = read(tmp_path, "b.xml", "<opml><body/></opml>")
    assert failed == {
        "": "is no export that is read (WordPress, RSS, Atom, Blogger, Evernote, MediaWiki): its first element is 'opml'"
    }


def test_notes_of_evernote(tmp_path: Path) -> None:
    note = (
        f"<note><title>Toll</title><content><![CDATA[<en-note><div>{TOLL}</div></en-note>]]></content>"
        "<created>20220414T101112Z</created><note-attributes><author>Ruth Adair</author>"
        "<source-url>https://tarn.example/toll</source-url></note-attributes>"
        f"<resource><data>{'QUJD' * 99999}</data></resource></note>"
    )
    (article,), failed, _ = read(tmp_path, "a.enex", f"<?xml version='1.0'?><en-export>{note}</en-export>")
    assert (article.title, article.text, article.author) == ("Toll", TOLL, "Ruth Adair")
    assert (article.published, article.url) == (date(2022, 4, 14), "https://tarn.example/toll")
    assert failed == {}


def test_a_page_clipped_into_evernote_has_its_own_author_and_day(tmp_path: Path) -> None:
    page = f"<div>By Ruth Adair</div><div>June 9, 2023 | 4 min read</div><p>{TOLL}</p>"
    note = (
        f"<note><title>Toll</title><content><![CDATA[<en-note>{page}</en-note>]]></content>"
        "<created>20240102T101112Z</created><note-attributes><author>reader@tarn.example</author>"
        "<source>web.clip7</source></note-attributes></note>"
    )
    (article,), failed, _ = read(tmp_path, "a.enex", f"<?xml version='1.0'?><en-export>{note}</en-export>")
    assert (article.text, article.author, article.published) == (TOLL, "Ruth Adair", date(2023, 6, 9))
    assert failed == {}


# WARC


def warc(*answers: tuple[str, str, bytes], status: str = "200 OK", compressed: bool = True) -> bytes:
    records = []
    for address, kind, body in answers:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nContent-Length: {len(answer)}\r\n\r\n"
        records.append(head.encode() + answer + b"\r\n\r\n")
    return b"".join(gzip.compress(record) if compressed else record for record in records)


@pytest.mark.parametrize(("name", "compressed"), [("a.warc.gz", True), ("a.warc", False), ("b.warc", True)])
def test_pages_of_a_warc(tmp_path: Path, name: str, compressed: bool) -> None:
    page = ("https://tarn.example/toll", "text/html; charset=utf-8", PAGE.encode())
    data = warc(page, ("https://tarn.example/a.png", "image/png", b"\x89PNG"), page, compressed=compressed)
    found, failed, skipped = read(tmp_path, name, data)
    assert texts(found, tmp_path, name) == {"#https://tarn.example/toll": TOLL, "#https://tarn.example/toll (2)": TOLL}
    assert (found[0].title, found[0].url) == ("Toll to rise", "https://tarn.example/toll")
    assert (failed, skipped) == ({}, {"image/png": 1})


@pytest.mark.parametrize("compressed", [True, False])
def test_a_warc_that_is_cut_off_is_read_up_to_there(tmp_path: Path, compressed: bool) -> None:
    pages = [warc((f"https://tarn.example/{n}", "text/html", PAGE.encode()), compressed=compressed) for n in range(2)]
    for length in (5, 40, 150, len(pages[1]) - 20):
        found, failed, _ = read(tmp_path, "a.warc.gz" if compressed else "a.warc", pages[0] + pages[1][:length])
        assert [article.text for article in found] == [TOLL]
        assert "is no WARC file that can be read further, or is cut off" in failed[""]


def test_a_warc_that_is_none_or_without_pages(tmp_path: Path) -> None:
    assert "is no WARC file" in read(tmp_path, "b.warc", TOLL)[1][""]
    missing = warc(("https://tarn.example/", "text/html", PAGE.encode()), status="404 Not Found")
    assert read(tmp_path, "c.warc", missing)[2] == {"page of status 404": 1}


# ZIP


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    inner = archive({"deep/mill.docx": docx(MILL), "rows.csv": f'id,text\nx,"{LAKE}"\n'})
    members = {
        "2022/toll.html": PAGE,
        "2022/toll_files/ad.html": PAGE,
        "2022/~$mill.docx": b"x",
        "__MACOSX/._toll.html": b"x",
        "inner.zip": inner,
        "a.json": json.dumps([{"id": 7, "text": MILL}]),
        "b.json": json.dumps([{"id": 7, "text": LAKE}]),
        "a.jpg": b"x",
        "empty.txt": b"",
        "../out.txt": TOLL,
        "note.txt.gz": gzip.compress(LAKE.encode()),
        "bad.pdf": b"%PDF-1.4",
    }
    found, failed, skipped = read(tmp_path, "a.zip", archive(members))
    assert texts(found, tmp_path, "a.zip") == {
        "#2022/toll.html": TOLL, "#inner.zip/deep/mill.docx": MILL, "#inner.zip/rows.csv#x": LAKE, "#note.txt.gz": LAKE,
        "#a.json#7": MILL, "#b.json#7": LAKE,
    }  # fmt: skip
    assert failed["#empty.txt"] == "is empty"
    assert failed["#../out.txt"] == "has a name that leads out of the archive"
    assert "damaged" in failed["#bad.pdf"]
    assert skipped == {"part of a saved page": 1, "lock file": 1, ".jpg": 1}


def test_archives_that_are_made_to_harm(tmp_path: Path) -> None:
    bomb = archive({"a.txt": b"\0" * 30_000_000, "b.txt": TOLL})
    found, failed, _ = read(tmp_path, "a.zip", bomb)
    assert texts(found, tmp_path, "a.zip") == {"#b.txt": TOLL}
    assert failed == {"#a.txt": "would unpack to 30 MB, as a zip bomb does"}
    nested = archive({"a.txt": TOLL})
    for _ in range(10):
        nested = archive({"a.zip": nested})
    found, failed, _ = read(tmp_path, "b.zip", nested)
    assert (found, failed) == ([], {f"#{'/'.join(['a.zip'] * 5)}": "lies in more than 4 files; unpack them"})
    assert "is no ZIP archive that can be read" in read(tmp_path, "c.zip", bomb[:-30])[1][""]
    assert read(tmp_path, "d.zip", archive({"a.jpg": b"x"}))[1] == {"": "holds no article; its files are: .jpg 1"}


def test_a_protected_archive_and_names_in_other_encodings(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("müll.txt", TOLL)
    data = file.getvalue().replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")  # as by programs that do not say UTF-8
    found, _, _ = read(tmp_path, "a.zip", data)
    assert [article.text for article in found] == [TOLL]


# Documents


def odt(body: str, meta: str = "") -> bytes:
    names = "xmlns:office='o' xmlns:text='t' xmlns:dc='d' xmlns:style='s' xmlns:meta='m'"
    return archive(
        {
            "content.xml": f"<office:document-content {names}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {names}><office:meta>{meta}</office:meta></office:document-meta>",
        }
    )


def test_an_opendocument_text(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes><text:h>Toll to rise</text:h>"
        f"<text:p>{TOLL}<office:annotation><dc:creator>PL</dc:creator><text:p>Check this.</text:p></office:annotation>"
        "<text:note><text:p>Footnote.</text:p></text:note></text:p>"
        "<text:p>Lorries<text:s/>pay<text:tab/>9 <text:span>pounds</text:span>.</text:p>"
    )
    path = tmp_path / "a.odt"
    path.write_bytes(odt(body, "<dc:creator>Ruth Adair</dc:creator>"))
    (draft,) = read_drafts(path)
    assert isinstance(draft, Draft)
    cleaned = draft.cleaned
    assert (cleaned.title, cleaned.author) == ("Toll to rise", "Ruth Adair")
    assert cleaned.text == f"{TOLL}\n\nLorries pay 9 pounds."
    assert [(d.text, d.reason) for d in cleaned.dropped] == [("Check this.", "comment in the margin")]
    assert "is no OpenDocument text" in read(tmp_path, "b.odt", docx(TOLL))[1][""]


def test_the_rows_of_an_opendocument_table_are_lines_with_the_headers(tmp_path: Path) -> None:
    cells = [("Ward", "Turnout"), ("Wexmoor", "55.0 percent"), ("Tarn", "48.9 percent")]
    rows = (
        "<t:table-row>"
        + "".join(f"<t:table-cell><text:p>{cell}</text:p></t:table-cell>" for cell in row)
        + "</t:table-row>"
        for row in cells
    )
    path = tmp_path / "a.odt"
    path.write_bytes(odt(f"<text:p>{TOLL}</text:p><t:table xmlns:t='table'>{''.join(rows)}</t:table>"))
    (draft,) = read_drafts(path)
    assert isinstance(draft, Draft)
    lines = ["Wexmoor: Turnout 55.0 percent", "Tarn: Turnout 48.9 percent"]
    assert draft.cleaned.text.split("\n\n")[-2:] == lines


def test_rich_text(tmp_path: Path) -> None:
    raw = (
        r"{\rtf1\ansi\ansicpg1252{\info{\title Toll to rise}{\author Ruth Adair}}{\*\annotation Check this.}"
        rf"{TOLL}\par Der M\'fcller sagte: \u8222?Nein\u8220?.\par}}"
    )
    (article,), failed, _ = read(tmp_path, "a.rtf", raw)
    assert (article.title, article.author) == ("Toll to rise", "Ruth Adair")
    assert article.text == f"{TOLL}\n\nDer Müller sagte: „Nein“."
    assert failed == {}
    assert read(tmp_path, "b.rtf", TOLL)[1] == {"": r"is no RTF file: it does not begin with {\rtf"}


def test_comments_on_a_word_file_are_kept_apart(tmp_path: Path) -> None:
    comments = (
        "<w:comments xmlns:w='w'><w:comment><w:p><w:r><w:t>Check this.</w:t></w:r></w:p></w:comment></w:comments>"
    )
    word = io.BytesIO(docx(TOLL))
    with zipfile.ZipFile(word, "a") as packed:
        packed.writestr("word/comments.xml", comments)
    path = tmp_path / "a.docx"
    path.write_bytes(word.getvalue())
    (draft,) = read_drafts(path)
    assert isinstance(draft, Draft)
    assert draft.cleaned.text == TOLL
    assert [(d.text, d.reason) for d in draft.cleaned.dropped] == [("Check this.", "comment in the margin")]


def test_a_periodical_is_read_article_by_article(tmp_path: Path) -> None:
    origin = (
        "<p>This article was downloaded by a program from <a href='https://tarn.example/{0}'>tarn.example/{0}</a></p>"
    )
    bar = "<div class='calibre_navbar'><a href='x'>Next</a> | <a href='y'>Section menu</a></div>"
    contents = "<ul><li><a href='1'>Toll to rise</a></li><li><a href='2'>Council buys the old mill</a></li></ul>"
    book = epub(
        f"<h1>Contents</h1>{contents}",
        f"{bar}<h2>Toll to rise</h2><p>By Ruth Adair</p><p>14 April 2022</p><p>{TOLL}</p>{origin.format('toll')}",
        f"{bar}<h2>Council buys the old mill</h2><p>15 April 2022</p><p>{MILL}</p>{origin.format('mill')}",
        metadata="<dc:title>Tarn Weekly</dc:title>",
    )
    found, failed, _ = read(tmp_path, "a.epub", book)
    assert texts(found, tmp_path, "a.epub") == {"#2": TOLL, "#3": MILL}
    first = found[0]
    assert (first.title, first.author, first.source) == ("Toll to rise", "Ruth Adair", "Tarn Weekly")
    assert (first.published, first.url) == (date(2022, 4, 14), "https://tarn.example/toll")
    assert failed == {}


def test_many_articles_in_one_document(tmp_path: Path) -> None:
    parts = (
        "Toll to rise",
        "Tarn Weekly",
        "April 14, 2022 Thursday",
        "Byline: RUTH ADAIR",
        "Body",
        TOLL,
        "End of Document",
    )
    other = (
        "Council buys mill",
        "Marlow Post",
        "May 3, 2022 Tuesday",
        "Body",
        MILL,
        "Load-Date: May 4, 2022",
        "End of Document",
    )
    found, failed, _ = read(tmp_path, "a.docx", docx(*parts, *other))
    assert texts(found, tmp_path, "a.docx") == {"#1": TOLL, "#2": MILL}
    assert [(a.title, a.source, a.author, a.published) for a in found] == [
        ("Toll to rise", "Tarn Weekly", "Ruth Adair", date(2022, 4, 14)),
        ("Council buys mill", "Marlow Post", None, date(2022, 5, 3)),
    ]
    assert failed == {}
    assert [a.text for a in read_file(tmp_path / "a.docx").articles] == [TOLL, MILL]


# What lies among articles


def test_parts_of_saved_pages_and_lock_files_are_counted(tmp_path: Path) -> None:
    for name in ("Toll.html", "Toll_files/ad.html", "Toll_files/x/b.html", "~$a.docx", "Mill-Dateien/c.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    names = [str(path.relative_to(tmp_path)) for path in find_files([tmp_path])]
    assert names == ["Mill-Dateien/c.html", "Toll.html"]  # no page "Mill.html" lies beside that folder
    assert other_formats([tmp_path], ignored=tmp_path / "index") == {"part of a saved page": 2, "lock file": 1}
    assert find_files([tmp_path / "Toll_files"]) == [tmp_path / "Toll_files/ad.html", tmp_path / "Toll_files/x/b.html"]


@pytest.mark.parametrize(
    "suffix", [".json", ".xml", ".enex", ".eml", ".mbox", ".mhtml", ".warc", ".zip", ".odt", ".rtf"]
)
def test_a_file_of_another_format_under_a_wrong_suffix_is_reported(tmp_path: Path, suffix: str) -> None:
    found, failed, _ = read(tmp_path, f"a{suffix}", pdf(column(TOLL)))
    assert found == []
    assert failed[""]


# Archives of other kinds, and lists beside texts


def tar(files: Mapping[str, str | bytes], mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archived:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archived.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.gz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz")],
)
def test_tar_archives(tmp_path: Path, name: str, mode: str) -> None:
    inner = archive({"mill.txt": MILL})
    files = {
        "./news/toll.html": PAGE,
        "./._toll.html": b"\0",
        "__MACOSX/x.txt": TOLL,
        "more.zip": inner,
        "a.bin": b"\0",
    }
    found, failed, skipped = read(tmp_path, name, tar(files, mode))
    assert texts(found, tmp_path, name) == {"#news/toll.html": TOLL, "#more.zip/mill.txt": MILL}
    assert (failed, skipped) == ({}, {".bin": 1})


def test_a_tar_archive_that_is_cut_off_keeps_what_comes_before(tmp_path: Path) -> None:
    whole = tar({"toll.txt": TOLL, "mill.txt": MILL * 100, "lake.txt": LAKE}, "w")
    found, failed, _ = read(tmp_path, "a.tar", whole[:2000])
    assert texts(found, tmp_path, "a.tar") == {"#toll.txt": TOLL}
    assert failed == {"#mill.txt": "is cut off, or damaged"}
    for wrong in (b"", b"no archive"):
        _, failed, _ = read(tmp_path, "a.tar", wrong)
        assert next(iter(failed.values())).startswith("is empty" if not wrong else "is damaged: it is no TAR archive")


def test_links_in_a_tar_archive_are_not_followed(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archived:
        link = tarfile.TarInfo("passwords.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archived.addfile(link)
    assert read(tmp_path, "a.tar", packed.getvalue())[1] == {"#passwords.txt": "is a link, or no ordinary file"}


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_files(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    found, _, _ = read(tmp_path, f"a.txt{suffix}", pack(TOLL.encode()))
    assert [article.text for article in found] == [TOLL]
    _, failed, _ = read(tmp_path, f"b.csv{suffix}", pack(b"title,text\n" * 50)[:-9])
    assert "its compression is not valid" in failed.get("", "")


LIST = (
    "post_id,post_date,is_published,title,author\n7.toll,2022-04-14,true,Toll to rise,Ruth Adair\n8.mill,,false,Mill,\n"
)


@pytest.mark.parametrize("packed", [True, False])
def test_a_list_beside_texts_gives_their_titles_days_and_authors(tmp_path: Path, *, packed: bool) -> None:
    files = {"posts/7.toll.html": f"<p>{TOLL}</p>", "posts/8.mill.html": f"<p>{MILL}</p>", "posts.csv": LIST}
    if packed:
        found, failed, skipped = read(tmp_path, "a.zip", archive(files))
    else:
        (tmp_path / "posts").mkdir()
        outcomes = [
            read(tmp_path, name, data) if name != "posts.csv" else (tmp_path / name).write_text(data)
            for name, data in reversed(files.items())
        ][1:]
        outcomes.append(read(tmp_path, "posts.csv", LIST))
        found, failed, skipped = [], {}, Counter()
        for some in outcomes:
            assert not isinstance(some, int)
            found += some[0]
            failed |= some[1]
            skipped.update(some[2])
    assert [(one.title, one.text, one.author, str(one.published)) for one in found] == [
        ("Toll to rise", TOLL, "Ruth Adair", "2022-04-14")
    ]
    assert (failed, dict(skipped)) == ({}, {"draft": 1, "row of a list of articles": 2})


def test_a_list_whose_texts_are_not_there_is_reported(tmp_path: Path) -> None:
    found, failed, _ = read(tmp_path, "a.zip", archive({"posts.csv": LIST, "other.txt": MILL}))
    assert [article.text for article in found] == [MILL]
    assert failed["#posts.csv"].startswith("has no column for the text; its columns are: post_id, post_date")


def test_an_export_of_pages_with_properties_gives_an_article_for_each_and_none_for_its_lists(tmp_path: Path) -> None:
    name = "Toll to rise, says operator"
    page = (
        f"<html><body><article><header><h1>{name}</h1><table class='properties'><tr><th>Created</th><td>@June 2, 2023</td>"
        "</tr><tr><th>Published</th><td>@April 14, 2022</td></tr><tr><th>Author</th><td>Ruth Adair</td></tr><tr><th>URL</th>"
        f"<td><a href='https://tarnecho.example/a'>https://tarnecho.example/a</a></td></tr></table></header><p>{TOLL}</p>"
        f"<p>{MILL}</p></article></body></html>"
    )
    contents = f"<html><title>All</title><body><h1>All</h1><ul><li><a href='a.html'>{name}</a></li></ul></body></html>"
    files = {
        "All.html": contents,
        f"All/Toll to rise says operator {'0a' * 16}.html": page,
        "All.csv": f'Name,Author,Published,URL\n"{name}",Ruth Adair,"April 14, 2022",https://tarnecho.example/a\n',
    }
    found, failed, skipped = read(tmp_path, "a.zip", archive({"Part-1.zip": archive(files)}))
    assert [(one.title, one.text, one.author, str(one.published), one.url) for one in found] == [
        (name, f"{TOLL}\n\n{MILL}", "Ruth Adair", "2022-04-14", "https://tarnecho.example/a")
    ]
    assert (failed, skipped) == ({}, {"page that only leads to others": 1, "row of a list of articles": 1})


# Forwarded articles

HEADS = {
    "english": "-----Original Message-----\nFrom: Tarn Echo <news@tarnecho.example>\nSent: Thursday, April 14, 2022 6:05 AM\n"
    "To: Pell, Tom <tom.pell@marlow.example>\nSubject: Toll to rise\n\n",
    "german": "Von: Tarn Echo <news@tarnecho.example>\nGesendet: Donnerstag, 14. April 2022 06:05\n"
    "An: Tom Pell <tom.pell@marlow.example>\nBetreff: Toll to rise\n\n",
    "french": "De : Tarn Echo <news@tarnecho.example>\nEnvoyé : jeudi 14 avril 2022 06:05\nÀ : Tom Pell\nObjet : Toll to rise\n\n",
    "starred": "---------- Forwarded message ---------\n*From:* Tarn Echo <news@tarnecho.example>\n"
    "*Date:* Thu, Apr 14, 2022 at 6:05 AM\n*Subject:* Toll to rise\n*To:* <tom.pell@marlow.example>\n\n",
}


def forwarded(text: str, subject: str = "FW: Toll") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Tom Pell <tom.pell@marlow.example>", subject
    message["Date"] = "Mon, 18 Apr 2022 09:00:00 +0000"
    message.set_content(text)
    return message.as_bytes()


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_forwarded_article_has_its_own_day_and_source(tmp_path: Path, head: str, *, quoted: bool) -> None:
    below = f"{head}{TOLL}\n\n{MILL}\n"
    below = "".join(f"> {line}" for line in below.splitlines(keepends=True)) if quoted else below
    (article,), _, _ = read(tmp_path, "a.eml", forwarded(f"See below, please.\n\nTom Pell\nPress Office\n\n{below}"))
    assert (article.title, article.text) == ("Toll to rise", f"{TOLL}\n\n{MILL}")
    assert (article.source, article.author, article.published) == ("Tarn Echo", None, date(2022, 4, 14))


def test_what_a_forwarded_article_states_counts_more_than_its_head(tmp_path: Path) -> None:
    text = (
        f"FYI\n\n{HEADS['english']}Toll to rise\n\nBy Ruth Adair\nOrrin Post, 12 April 2022\n\n{TOLL}\n\n{MILL}\n\n"
        "© Orrin Post 2022 | https://orrinpost.example/toll\n"
    )
    (article,), _, _ = read(tmp_path, "a.eml", forwarded(text))
    assert (article.title, article.text) == ("Toll to rise", f"{TOLL}\n\n{MILL}")
    assert (article.source, article.author, str(article.published), article.url) == (
        *("Orrin Post", "Ruth Adair", "2022-04-12", "https://orrinpost.example/toll"),
    )


def test_an_answer_to_a_mail_is_no_forwarded_article(tmp_path: Path) -> None:
    text = f"{TOLL}\n\n{HEADS['english']}{MILL}\n"
    (article,), _, _ = read(tmp_path, "a.eml", forwarded(text, "Re: Toll"))
    assert article.text.startswith(TOLL)
    assert article.author == "Tom Pell"


def test_the_day_of_forwarding_counts_if_no_other_is_stated(tmp_path: Path) -> None:
    head = "From: Ruth Adair <ruth.adair@tarnecho.example>\nSubject: Toll to rise\n\n"
    (article,), _, _ = read(tmp_path, "a.eml", forwarded(f"FYI\n\n{head}{TOLL}\n"))
    assert (article.author, article.source, article.published) == ("Ruth Adair", None, date(2022, 4, 18))


# JSON of other shapes

FACTS = {"title": "Toll to rise", "date": "2022-04-14", "url": "https://tarnecho.example/a"}
SHAPES: dict[str, Any] = {
    "split": {
        "columns": ["title", "date", "url", "author", "source", "text"],
        "data": [[*FACTS.values(), "Ruth Adair", "Tarn Echo", TOLL]],
    },
    "columns": {
        **{name: {"0": value, "1": value} for name, value in FACTS.items()},
        "author": {"0": "Ruth Adair", "1": ""},
        "source": {"0": "Tarn Echo", "1": ""},
        "text": {"0": TOLL, "1": MILL},
    },
    "lists": [["title", "date", "url", "author", "source", "text"], [*FACTS.values(), "Ruth Adair", "Tarn Echo", TOLL]],
    "viewer": {"features": [{"name": "text"}], "rows": [{"row_idx": 0, "row": {**FACTS, "author": "Ruth Adair", "source": "Tarn Echo", "text": TOLL}}]},
    "interface": {"response": {"status": "ok", "results": [{
        "id": "a/1", "webTitle": "Toll to rise", "webPublicationDate": "2022-04-14T08:00:00Z", "webUrl": FACTS["url"],
        "fields": {"byline": "Ruth Adair", "publication": "Tarn Echo", "bodyText": TOLL},
    }]}},
    "feeds": {"feeds": [
        {"name": "Other", "items": [{"title": "Mill", "content": MILL}]},
        {"name": "Echo", "items": [{
            "title": "Toll to rise", "published": 1649923200, "crawled": 1680000000000, "author": "Ruth Adair",
            "canonical": [{"href": FACTS["url"]}], "origin": {"title": "Tarn Echo", "htmlUrl": "https://tarnecho.example"},
            "summary": {"content": f"<p>{TOLL}</p>"},
        }]},
    ]},
    "site": {"db": [{"meta": {"version": "5"}, "data": {
        "settings": [{"key": "description", "value": "A blog of a few words about bridges and the tolls of them, since 2019."}],
        "posts": [
            {**FACTS, "author": "Ruth Adair", "site": "Tarn Echo", "html": f"<p>{TOLL}</p>", "status": "published"},
            {"title": "Not yet", "html": f"<p>{LAKE}</p>", "status": "draft"},
        ],
    }}]},
    "outline": [{"title": "Toll to rise", "create-time": 1700000000000, "children": [
        {"string": "Author:: [[Ruth Adair]]"}, {"string": "Source:: Tarn Echo"}, {"string": "Date:: 2022-04-14"},
        {"string": "URL:: https://tarnecho.example/a"}, {"string": TOLL, "children": []},
    ]}],
    "unnamed": [
        {"k1": "Toll to rise", "k2": {"k3": "2022-04-14", "k4": "Ruth Adair", "k5": FACTS["url"]}, "k6": "Tarn Post", "k7": TOLL},
        {"k1": "Mill is sold", "k2": {"k3": "2022-04-15", "k4": "Tom Pell", "k5": "https://tarnecho.example/b"}, "k6": "Tarn Post", "k7": MILL},
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_articles_are_found_wherever_they_are_in_json(tmp_path: Path, shape: str) -> None:
    found, failed, skipped = read(tmp_path, "a.json", json.dumps(SHAPES[shape]))
    article = next(one for one in found if one.text == TOLL)
    assert (article.title, str(article.published), article.url) == ("Toll to rise", "2022-04-14", FACTS["url"])
    assert (article.author, article.source) == ("Ruth Adair", "Tarn Post" if shape == "unnamed" else "Tarn Echo")
    assert {one.text for one in found} <= {TOLL, MILL}
    assert (failed, skipped) == ({}, {"draft": 1} if shape == "site" else {})


def test_a_feed_or_channel_is_the_source_of_its_entries(tmp_path: Path) -> None:
    feed = {
        "title": "Tarn Echo",
        "home_page_url": "https://tarnecho.example",
        "items": [{"content_html": f"<p>{TOLL}</p>"}],
    }
    channel = {
        "name": "Tarn Echo",
        "type": "public_channel",
        "messages": [{"type": "service", "text": ""}, {"text": MILL}],
    }
    saved = {"title": "Saved by me", "items": [{"content": LAKE}]}
    sources, counted = [], []
    for value in (feed, channel, saved):
        found, failed, skipped = read(tmp_path, "a.json", json.dumps(value))
        assert failed == {}
        sources += [article.source for article in found]
        counted.append(skipped)
    assert sources == ["Tarn Echo", "Tarn Echo", None]
    assert counted == [{}, {"object without a text, title or address": 1}, {}]


def test_keys_that_were_recognised_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(SHAPES["unnamed"]))
    (remark,) = [one.text for one in read_drafts(path) if isinstance(one, Remark)]
    assert remark == (
        f"{path}: columns recognised by what is in them: text from 'k7', url from 'k2.k5', date from 'k2.k3', "
        "source from 'k6', author from 'k2.k4', title from 'k1' (--map FIELD=COLUMN says otherwise)"
    )


# Exports of sites

BLOGGER = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="p"><title>Tarn Weekly</title>{}</feed>"""
KIND = '<category term="http://schemas.google.com/blogger/2008/kind#{}"/><title>{}</title><content>{}</content>'


def test_posts_of_blogger_without_drafts_templates_and_comments(tmp_path: Path) -> None:
    entries = [
        KIND.format(*one) for one in (("post", "Toll", TOLL), ("comment", "Ha", MILL), ("template", "T", "body"))
    ]
    draft = KIND.format("post", "Draft", MILL) + "<app:control><app:draft>yes</app:draft></app:control>"
    data = BLOGGER.format("".join(f"<entry>{one}</entry>" for one in (*entries, draft)))
    found, failed, skipped = read(tmp_path, "blog.xml", data)
    assert [(one.title, one.text, one.source) for one in found] == [("Toll", TOLL, "Tarn Weekly")]
    assert failed == {}
    assert skipped == {"comment of Blogger": 1, "template of Blogger": 1, "draft of Blogger": 1}


WIKI_PAGE = "<page><title>{}</title><ns>{}</ns><id>{}</id>{}<revision><timestamp>{}</timestamp><text>{}</text></revision></page>"
WIKITEXT = f"""{{{{date|April 14, 2022}}}}
[[File:Bridge.jpg|thumb|The [[Tarn]] bridge.]]
{TOLL} '''[[w:Tarn Bridge|The bridge]]''' is {{{{convert|412|metres}}}} long, says {{{{w|Ruth Adair|the warden}}}}.&lt;ref&gt;Echo&lt;/ref&gt;

{{| class="wikitable"
! Vehicle !! Toll
|-
| Lorry || 9 pounds
|-
| Cart || none
|}}

== Sources ==
* [http://echo.example/toll Tarn Echo]
[[Category:Bridges]]"""


def test_pages_of_a_wiki(tmp_path: Path) -> None:
    pages = [
        WIKI_PAGE.format("Toll to rise", 0, 7, "", "2022-04-20T10:00:00Z", WIKITEXT),
        WIKI_PAGE.format("Mill sold", 0, 8, "", "2022-05-03T10:00:00Z", MILL),
        WIKI_PAGE.format("Talk:Mill sold", 1, 9, "", "2022-05-03T10:00:00Z", MILL),
        WIKI_PAGE.format("Toll", 0, 10, '<redirect title="Toll to rise"/>', "2022-05-03T10:00:00Z", "#REDIRECT"),
    ]
    site = "<siteinfo><sitename>Tarn News Wiki</sitename></siteinfo>"
    found, failed, skipped = read(tmp_path, "w.xml", f'<mediawiki xml:lang="en">{site}{"".join(pages)}</mediawiki>')
    assert texts(found, tmp_path, "w.xml") == {
        "#7": f"{TOLL} The bridge is 412 metres long, says the warden.\n\nLorry: Toll 9 pounds\n\nCart: Toll none",
        "#8": MILL,
    }
    assert [(one.title, one.published, one.source, one.author) for one in found] == [
        ("Toll to rise", date(2022, 4, 14), "Tarn News Wiki", None),
        ("Mill sold", date(2022, 5, 3), "Tarn News Wiki", None),
    ]
    assert failed == {}
    assert skipped == {"page of a wiki that is no article": 1, "page of a wiki that only leads to another": 1}


def test_the_tables_of_a_site_are_joined(tmp_path: Path) -> None:
    tables = {
        "posts": [
            {
                "id": "a1",
                "title": "Toll",
                "plaintext": TOLL,
                "type": "post",
                "status": "published",
                "published_by": "1",
            },
            {"id": "a2", "title": "Draft", "plaintext": MILL, "type": "post", "status": "draft"},
            {"id": "a3", "title": "About us", "plaintext": MILL, "type": "page", "status": "published"},
        ],
        "posts_authors": [
            {"post_id": "a1", "author_id": "2", "sort_order": 1},
            {"post_id": "a1", "author_id": "1", "sort_order": 0},
        ],
        "users": [{"id": "1", "name": "Ruth Adair"}, {"id": "2", "name": "Peter Lunn"}],
        "settings": [{"key": "title", "value": "Tarn Weekly"}],
    }
    found, failed, skipped = read(tmp_path, "a.json", json.dumps({"db": [{"data": tables}]}))
    assert [(one.text, one.author, one.source) for one in found] == [(TOLL, "Ruth Adair, Peter Lunn", "Tarn Weekly")]
    assert (failed, skipped) == ({}, {"page of the site, or a file": 1, "draft": 1})


def test_tables_that_phpmyadmin_exports(tmp_path: Path) -> None:
    node = {"title": "Toll", "uid": "3", "name": "Ruth Adair", "created": "1649926800", "body_value": f"<p>{TOLL}</p>"}
    rows = [
        {"nid": "5", "status": "1", **node},
        {"nid": "6", "status": "1", **node, "title": "Mill", "body_value": MILL},
        {"nid": "7", "status": "0", **node},
    ]
    tables = [
        {"type": "header", "version": "4.9"},
        {"type": "table", "name": "terms", "data": [{"tid": "1", "name": "News"}]},
        {"type": "table", "name": "node", "data": rows},
    ]
    found, failed, skipped = read(tmp_path, "a.json", json.dumps(tables))
    assert texts(found, tmp_path, "a.json") == {"#5": TOLL, "#6": MILL}
    assert {(one.author, one.published) for one in found} == {("Ruth Adair", date(2022, 4, 14))}
    assert (failed, skipped) == ({}, {"draft": 1})


def test_the_archive_of_an_account_on_medium(tmp_path: Path) -> None:
    link = '<a class="p-canonical" href="https://medium.example/toll">Canonical link</a>'
    page = f"<html><body><article><h1>Toll to rise</h1><p>{TOLL}</p></article><footer>{link}</footer></body></html>"
    account = f"<html><body><h1>Claps</h1><p>{MILL}</p></body></html>"
    names = ("README.html", "claps/claps-0001.html", "profile/profile.html", "ips/ips-0001.html")
    data = archive({"posts/2022-04-14_Toll.html": page, **dict.fromkeys(names, account)})
    found, failed, skipped = read(tmp_path, "m.zip", data)
    assert [(one.title, one.url, one.published) for one in found] == [
        ("Toll to rise", "https://medium.example/toll", date(2022, 4, 14))
    ]
    assert (failed, skipped) == ({}, {"page of the account beside the posts": 4})


# Speech


def test_recognised_speech_is_one_article_named_by_its_file(tmp_path: Path) -> None:
    segments = [
        {"start": 0.0, "end": 4.2, "text": " The toll will rise"},
        {"start": 4.2, "end": 6.0, "text": " in May."},
    ]
    data = json.dumps({"text": "The toll will rise in May.", "segments": segments, "language": "en"})
    (found,), failed, _ = read(tmp_path, "2022-04-14 Tarn council.json", data)
    assert (found.title, found.published) == ("2022-04-14 Tarn council", date(2022, 4, 14))
    assert (found.text, failed) == ("The toll will rise in May.", {})
    table = "start\tend\ttext\n0\t4200\tThe toll will rise\n4200\t6000\tin May.\n60000\t61000\tThe mill is sold.\n"
    (found,), failed, _ = read(tmp_path, "Tarn council 2022-04-15.tsv", table)
    assert (found.title, found.published) == ("Tarn council 2022-04-15", date(2022, 4, 15))
    assert (found.text, failed) == ("The toll will rise in May.\n\nThe mill is sold.", {})
