"""Files of risky formats, read in a real child process: what comes back, and what becomes of files made to harm."""

from __future__ import annotations

import gzip
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from documents import archive, column, docx, epub, pdf

from index.formats import sandbox
from index.formats.documents.document import Document, Failed, Member, Row, Skipped
from index.formats.sandbox import read_in_sandbox

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials message reporters that three soldiers were killed in the strike near Idlib."
SECRET = "root:x:0:0"


def read(folder: Path, suffix: str, data: bytes, *, compressed: bool = False) -> Document:
    path = folder / f"a{suffix}"
    path.write_bytes(data)
    (found,) = read_in_sandbox(str(path), suffix, compressed=compressed, size=len(data))
    assert isinstance(found, Document)
    return found


def reason(folder: Path, suffix: str, data: bytes, *, compressed: bool = False) -> str:
    with pytest.raises(ValueError) as failure:
        read(folder, suffix, data, compressed=compressed)
    return str(failure.value)


# PDF


def test_a_pdf_gives_paragraphs_and_facts(tmp_path: Path) -> None:
    page = [(70, 800, 20, "Talks go on"), *column(f"{TALKS}\n{STRIKE}"), (300, 40, 9, "1")]
    found = read(tmp_path, ".pdf", pdf(page, title="Talks", author="Jane Roe"))
    assert found.paragraphs == ("Talks go on", TALKS, STRIKE)
    assert found.facts == {"title": "Talks", "author": "Jane Roe"}
    assert found.dropped == (("1", "page number"),)


def test_a_pdf_of_images_says_to_run_ocr(tmp_path: Path) -> None:
    assert "holds only images, no text; clippings reads text, so run OCR first" in reason(tmp_path, ".pdf", pdf([], []))


def test_a_page_without_text_is_reported(tmp_path: Path) -> None:
    found = read(tmp_path, ".pdf", pdf(column(TALKS), []))
    assert found.dropped == (("page 2", "page without text (an image?)"),)


def test_a_pdf_with_a_password_is_reported(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    (tmp_path / "plain.pdf").write_bytes(pdf(column(TALKS)))
    for user, name in (("secret", "locked.pdf"), ("", "open.pdf")):
        writer = PdfWriter(PdfReader(tmp_path / "plain.pdf"))
        writer.encrypt(user_password=user, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / name)
    locked = (tmp_path / "locked.pdf").read_bytes()
    assert reason(tmp_path, ".pdf", locked) == "is protected by a password; save it without one"
    assert read(tmp_path, ".pdf", (tmp_path / "open.pdf").read_bytes()).paragraphs == (TALKS,)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4", b"\0" * 999, pdf(column(TALKS))[:300]], ids=["", "head", "nul", "cut"]
)
def test_a_damaged_pdf_fails_with_a_reason(tmp_path: Path, data: bytes) -> None:
    assert "damaged" in reason(tmp_path, ".pdf", data)


# Word


def test_a_word_file_gives_paragraphs_and_facts(tmp_path: Path) -> None:
    changed = (
        "<w:p><w:ins><w:r><w:t>New </w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:r><w:t>words</w:t><w:tab/><w:t>here.</w:t></w:r><w:r><w:instrText>HYPERLINK</w:instrText></w:r></w:p>"
    )
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    found = read(tmp_path, ".docx", docx(TALKS, "", STRIKE, body=changed + table, title="Talks", author="Jane Roe"))
    assert found.paragraphs == (TALKS, STRIKE, "New words here.", "Cell")
    assert found.facts == {"title": "Talks", "author": "Jane Roe", "language": ""}


def test_the_rows_of_a_word_table_are_lines_with_the_headers(tmp_path: Path) -> None:
    cells = [("Ward", "Turnout"), ("Wexmoor", "55.0 percent"), ("Tarn", "48.9 percent")]
    rows = (
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>"
        for row in cells
    )
    table = f"<w:tbl>{''.join(rows)}</w:tbl>"
    found = read(tmp_path, ".docx", docx(TALKS, body=table)).paragraphs
    assert found == (TALKS, "Wexmoor: Turnout 55.0 percent", "Tarn: Turnout 48.9 percent")


def test_a_paragraph_in_the_style_title_is_the_title(tmp_path: Path) -> None:
    styled = "<w:p><w:pPr><w:pStyle w:val='Title'/></w:pPr><w:r><w:t>Talks go on</w:t></w:r></w:p>"
    assert read(tmp_path, ".docx", docx(body=styled, title="Document1")).facts["title"] == "Talks go on"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p></w:txbxContent>"
    drawing = f"<w:p><w:r><w:t>Before</w:t><w:Choice>{box}</w:Choice><w:Fallback>{box}</w:Fallback></w:r></w:p>"
    assert read(tmp_path, ".docx", docx(body=drawing)).paragraphs == ("Before", "Boxed")


def test_external_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    doctype = f"<!DOCTYPE d [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
    found = read(tmp_path, ".docx", docx(TALKS, doctype=doctype, body="<w:p><w:r><w:t>&x;</w:t></w:r></w:p>"))
    assert found.paragraphs == (TALKS,)


def test_entities_that_grow_are_not_expanded(tmp_path: Path) -> None:
    grown = "<!DOCTYPE d [<!ENTITY a 'lollollol'><!ENTITY b '" + "&a;" * 999 + "'><!ENTITY c '" + "&b;" * 999 + "'>]>"
    found = read(
        tmp_path, ".docx", docx(TALKS, doctype=grown, body="<w:p><w:r><w:t>" + "&c;" * 99 + "</w:t></w:r></w:p>")
    )
    assert found.paragraphs == (TALKS,)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04 and nothing", "is no ZIP archive that can be read"),
        (archive({"content.xml": "<a/>"}), "is no Word file: it has no word/document.xml"),
        (archive({"word/document.xml": ""}), "its XML is not valid"),
        (docx(TALKS)[:-60], "is no ZIP archive that can be read"),
    ],
    ids=["trash", "odt", "empty", "cut"],
)
def test_what_is_no_word_file_fails_with_a_reason(tmp_path: Path, data: bytes, message: str) -> None:
    assert message in reason(tmp_path, ".docx", data)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = archive({"word/document.xml": "<w:document xmlns:w='w'>" + " " * 25_000_000})
    assert reason(tmp_path, ".docx", bomb).startswith("would unpack to 25 MB from 0.0 MB, as a zip bomb does")


# EPUB


def test_a_book_gives_its_chapters_in_the_order_of_reading(tmp_path: Path) -> None:
    metadata = (
        "<dc:title>Talks</dc:title><dc:creator>Jane Roe</dc:creator><dc:creator>John Doe</dc:creator>"
        "<dc:publisher>Press</dc:publisher><dc:date>2021-03-14</dc:date><dc:language>en-GB</dc:language>"
    )
    first = f"<h1>One</h1><p>{TALKS}</p><script>alert(1)</script><nav><p>Contents</p></nav>"
    second = f"<div>Two<br/>{STRIKE[:20]}<i>{STRIKE[20:]}</i></div>"
    found = read(tmp_path, ".epub", epub(first, second, metadata=metadata))
    assert found.paragraphs == ("One", TALKS, "Two", STRIKE)
    assert found.facts == {
        "title": "Talks",
        "author": ["Jane Roe", "John Doe"],
        "source": "Press",
        "date": "2021-03-14",
        "language": "en-GB",
    }


def test_a_protected_book_is_reported(tmp_path: Path) -> None:
    locked = {"META-INF/encryption.xml": "<e><CipherReference URI='OPS/text/p0.xhtml'/></e>"}
    assert reason(tmp_path, ".epub", epub(f"<p>{TALKS}</p>", extra=locked)).startswith("is protected by its seller")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (archive({"a.txt": "x"}), "is no EPUB book: it has no META-INF/container.xml"),
        (archive({"META-INF/container.xml": "<c><rootfile full-path='../../etc/passwd'/></c>"}), "are not in it"),
    ],
)
def test_what_is_no_book_fails_with_a_reason(tmp_path: Path, data: bytes, message: str) -> None:
    assert message in reason(tmp_path, ".epub", data)


# The child


def test_everything_in_an_archive_comes_back(tmp_path: Path) -> None:
    members = {
        "a.docx": docx(TALKS),
        "b.json": '{"text": "' + STRIKE + '"}',
        "c.txt": TALKS,
        "d.pdf": b"x",
        "e.jpg": b"x",
    }
    (tmp_path / "a.zip").write_bytes(archive(members))
    found = list(read_in_sandbox(str(tmp_path / "a.zip"), ".zip", compressed=False, size=1, texts=[".txt"]))
    assert [replace(item, facts={}) if isinstance(item, Document) else item for item in found] == [
        Document((TALKS,), name="a.docx"),
        Row("1", 1, {"text": STRIKE}, "b.json"),
        Member("c.txt", ".txt", TALKS.encode()),
        Failed("d.pdf", "is no PDF that can be read, or is damaged (Stream has ended unexpectedly)"),
        Skipped(".jpg", 1),
    ]


def test_what_was_read_before_a_crash_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.dumps({"Member": {"name": "a", "suffix": ".txt", "data": "eA=="}})
    monkeypatch.setattr(
        sandbox,
        "_START",
        f"print({whole!r}); print('{{\"Mem', end=''); import os, sys; sys.stdout.flush(); os._exit(3)",
    )
    items = read_in_sandbox(str(tmp_path), ".zip", compressed=False, size=1)
    assert next(items) == Member("a", ".txt", b"x")
    with pytest.raises(sandbox.Interrupted, match=r"made its reader fail \(status 3\)"):
        next(items)


def test_gzipped_documents_are_unpacked(tmp_path: Path) -> None:
    assert read(tmp_path, ".docx", gzip.compress(docx(TALKS)), compressed=True).paragraphs == (TALKS,)
    assert "its compression is not valid" in reason(tmp_path, ".docx", docx(TALKS), compressed=True)


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    assert reason(tmp_path, ".docx", docx(TALKS)) == "took longer than 0 seconds to read, and was given up"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit on address space")
def test_a_file_that_takes_too_much_memory_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 150_000_000)
    many = docx(body="<w:p><w:r><w:t>x y</w:t></w:r></w:p>" * 400_000)
    assert reason(tmp_path, ".docx", many) == "needs more than 150 MB of memory to read"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import os; os.kill(os.getpid(), 11)", "made its reader fail (signal 11)"),
        ("import os; os._exit(3)", "made its reader fail (status 3)"),
        ("print('[1]')", "made its reader fail (status 0)"),
        ("print('{\"paragraphs\": 1}')", "made its reader fail (status 0)"),
    ],
)
def test_a_child_that_fails_is_one_failed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, message: str
) -> None:
    if "kill" in program and os.name == "nt":
        pytest.skip("signals are not Windows'")
    monkeypatch.setattr(sandbox, "_START", program)
    assert reason(tmp_path, ".docx", docx(TALKS)).startswith(message)
