"""Good files of every format, damaged at random: a reader says what is wrong, or reads what is left, and never breaks."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from damaging import damaged
from documents import archive, column, docx, epub, pdf
from hypothesis import HealthCheck, given, settings
from reading import read_file

from index.article import Article
from index.errors import UnreadableFile
from index.formats.documents.docx import read_docx
from index.formats.documents.epub import read_epub
from index.formats.documents.pdf import read_pdf
from index.formats.registry import read_drafts

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
PAGE = (
    "<!doctype html><html><head><title>Talks</title><meta property='og:title' content='Talks'></head><body><article>"
    f"<h1>Talks</h1><p>{TALKS}</p><ul><li><a href='/a'>Another headline here</a></li></ul></article></body></html>"
)
MARKDOWN = f"---\ntitle: Talks\ndate: 2021-03-14\n---\n\n# Talks\n\n{TALKS} [link](http://a.b) **bold** `code`\n"
WORD = f"<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>{TALKS}</w:t></w:r></w:p></w:body></w:document>"
BOOK = f"<html><body><h1>One</h1><p>{TALKS}</p></body></html>"

SMALL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    ("read", "good"),
    [
        (read_pdf, pdf([(70, 800, 20, "Talks"), *column(TALKS)], title="Talks")),
        (read_docx, docx(TALKS, title="Talks", author="Jane Roe")),
        (read_epub, epub(f"<p>{TALKS}</p>", metadata="<dc:title>Talks</dc:title>")),
    ],
    ids=["pdf", "docx", "epub"],
)
def test_damaged_documents(tmp_path: Path, read: Callable[..., object], good: bytes) -> None:
    @SMALL
    @given(damaged(good))
    def check(data: bytes) -> None:
        path = tmp_path / "a"
        path.write_bytes(data)
        with path.open("rb") as file:
            try:
                read(file)
            except ValueError as error:
                assert str(error)
            except (MemoryError, RecursionError):
                pass  # told by `confined`

    check()


@pytest.mark.parametrize(("read", "good"), [(read_docx, WORD), (read_epub, BOOK)], ids=["docx", "epub"])
def test_documents_with_damaged_members(tmp_path: Path, read: Callable[..., object], good: str) -> None:
    @SMALL
    @given(damaged(good.encode()))
    def check(data: bytes) -> None:
        whole = epub(data.decode("latin-1")) if read is read_epub else archive({"word/document.xml": data})
        path = tmp_path / "a"
        path.write_bytes(whole)
        with path.open("rb") as file:
            try:
                read(file)
            except ValueError as error:
                assert str(error)

    check()


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a.txt", f"Talks go on\n\nBy Jane Roe\n\n{TALKS}".encode()),
        ("a.md", MARKDOWN.encode()),
        ("a.html", PAGE.encode()),
        ("a.txt.gz", gzip.compress(f"Talks go on\n\n{TALKS}".encode())),
        ("a.csv", f'title,text\nTalks,"{TALKS}"\n'.encode()),
    ],
)
def test_damaged_texts(tmp_path: Path, name: str, good: bytes) -> None:
    @SMALL
    @given(damaged(good))
    def check(data: bytes) -> None:
        path = tmp_path / name
        path.write_bytes(data)
        found = read_file(path)
        assert any(read_drafts(path))  # an article, a failure, or a count of what is no article
        assert all(isinstance(article, Article) and article.text for article in found.articles)
        assert all(isinstance(failure, UnreadableFile) and str(path) in failure.uri for failure in found.failures)

    check()
