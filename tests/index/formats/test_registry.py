"""Real files in a temporary folder, read as a user's would be."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from documents import docx
from reading import read_file

from index.decoding.charset import decode
from index.errors import UnreadableFile, WrongUse
from index.formats import registry
from index.formats.markdown import read_markdown
from index.formats.parsed import Draft
from index.formats.registry import find_files, leading_out
from index.sources.sources import preview

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials told reporters that three soldiers were killed in the strike near Idlib."


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def only_failure(path: Path) -> UnreadableFile:
    found = read_file(path)
    assert found.articles == ()
    assert len(found.failures) == 1
    return found.failures[0]


def names(files: list[Path], root: Path) -> list[str]:
    return [str(file.relative_to(root)) for file in files]


def test_folders_are_searched_sorted_and_known_suffixes_only(tmp_path: Path) -> None:
    for name in ("b.txt", "a.MD", "sub/c.html", "sub/deep/d.jsonl", "e.markdown", "f.htm"):
        write(tmp_path / name, TALKS)
    for name in ("x.doc", ".hidden.txt", ".git/y.txt", "sub/questions.jsonl", "noext"):
        write(tmp_path / name, TALKS)
    expected = ["a.MD", "b.txt", "e.markdown", "f.htm", "sub/c.html", "sub/deep/d.jsonl"]
    assert names(find_files([tmp_path]), tmp_path) == expected
    assert names(find_files([tmp_path, tmp_path / "b.txt", tmp_path / "sub" / ".." / "b.txt"]), tmp_path) == expected


def test_named_files_are_listed_whatever_they_are(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, TALKS) for name in ("a.doc", "questions.jsonl", ".b.txt")]
    assert names(find_files(paths), tmp_path) == [".b.txt", "a.doc", "questions.jsonl"]
    assert only_failure(tmp_path / "a.doc").reason.startswith("its suffix is none of .txt .md")


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"nowhere: there is no such file or folder\."):
        find_files([tmp_path / "nowhere"])


def test_loops_of_links_end(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.txt", TALKS)
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names(find_files([tmp_path]), tmp_path) == ["sub/a.txt"]


def test_a_linked_file_keeps_the_name_of_the_link(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(write(tmp_path / "elsewhere" / "a.text", TALKS))
    files = find_files([tmp_path])
    assert names(files, tmp_path) == ["link.txt"]
    assert read_file(files[0]).articles[0].uri == str(tmp_path / "link.txt")


def test_links_that_lead_out_are_reported_and_not_followed(tmp_path: Path) -> None:
    given, outside = tmp_path / "given", tmp_path / "given-not"
    write(given / "sub" / "a.txt", TALKS)
    secret = write(outside / "secret.txt", TALKS)
    (given / "b.txt").symlink_to(secret)
    (given / "up.txt").symlink_to(Path("..", "given-not", "secret.txt"))
    (given / "folder").symlink_to(outside, target_is_directory=True)
    (given / "key").symlink_to(outside / "secret.txt")  # no format of articles: never read, so not told
    (given / "within").symlink_to(given / "sub", target_is_directory=True)
    assert names(find_files([given]), given) == ["sub/a.txt"]
    assert names(leading_out([given]), given) == ["b.txt", "folder", "up.txt"]
    assert names(find_files([given, outside]), tmp_path) == [
        "given-not/secret.txt",
        "given/b.txt",
        "given/folder/secret.txt",
        "given/sub/a.txt",
        "given/up.txt",
    ]
    assert leading_out([given, secret]) == [given / "folder"]
    assert find_files([given / "b.txt"]) == [given / "b.txt"]  # named by a person


def test_a_folder_that_cannot_be_opened_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", TALKS)
    locked = tmp_path / "locked"
    locked.mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files = find_files([tmp_path])
    assert names(files, tmp_path) == ["a.txt", "locked"]
    assert only_failure(files[1]).reason == "cannot be read: permission denied"


def test_text_file_becomes_an_article(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"Talks go on\n\nBy Jane Roe\n\nMarch 14, 2021\n\n{TALKS}\n\nShare this article\n")
    (article,) = read_file(path).articles
    assert article.uri == str(path)
    assert (article.title, article.text) == ("Talks go on", TALKS)
    assert (article.author, article.published) == ("Jane Roe", date(2021, 3, 14))


def test_relative_paths_give_absolute_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", TALKS)
    monkeypatch.chdir(tmp_path)
    assert read_file(Path("a.txt")).articles[0].uri == str(tmp_path / "a.txt")
    assert find_files([Path(".")]) == [tmp_path / "a.txt"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("“żółw” café".encode(), "“żółw” café"),
        ("“żółw” café".encode("utf-8-sig"), "“żółw” café"),
        ("“żółw” café".encode("utf-16"), "“żółw” café"),
        ("“żółw” café".encode("utf-16-be"), None),
        (b"\xfe\xff" + "żółw".encode("utf-16-be"), "żółw"),
        ("żółw".encode("utf-32"), "żółw"),
        ("He said “naïve café” – twice".encode("cp1252"), "He said “naïve café” – twice"),
        (
            ("Министр обороны России заявил в пятницу, что переговоры продолжатся. " * 3).encode("cp1251"),
            "Министр обороны России заявил в пятницу, что переговоры продолжатся. " * 3,
        ),
        ("“It’s” a café, isn’t it? ".encode() * 9 + b"\xe2\x80", "“It’s” a café, isn’t it? " * 9 + "\ufffd"),
        ("Nobody was hurt, the police said in Łódź.".encode("utf-16-le"), "Nobody was hurt, the police said in Łódź."),
        ("Nobody was hurt, the police said.".encode("utf-16-be"), "Nobody was hurt, the police said."),
        # Of no encoding: UTF-8 cut short, a byte of Windows-1252, and two that are nothing there.
        (
            b"The caf\xe9 was shut. " + b"It is open again. " * 9 + b"\xc3 \x81",
            "The café was shut. " + "It is open again. " * 9 + "Ã \ufffd",
        ),
        (b"plain", "plain"),
        (b"", ""),
    ],
)
def test_encodings(data: bytes, text: str | None) -> None:
    if text is None:
        with pytest.raises(ValueError, match="NUL"):
            decode(data)
    else:
        assert decode(data) == text


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "is not a text file (it contains NUL bytes)"),
        ("a.md", bytes(range(1, 32)) * 20, "is not a text file (80 % of it are control characters)"),
        ("a.txt", b"", "is empty"),
        ("a.pdf", b"", "is empty"),
        ("a.txt", b" \n\n ", "has no article text in it"),
        ("a.txt", b"Share this article\n\nTweet", "has no article text in it"),
        ("a.html", b"<html><body></body></html>", "has no article text in it"),
        ("a.jsonl", b"", "is empty"),
    ],
)
def test_files_that_are_no_article(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = write(tmp_path / name, data)
    failure = only_failure(path)
    assert (failure.uri, failure.reason) == (str(path), reason)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_damaged_bytes_go_and_are_reported(tmp_path: Path, name: str) -> None:
    text = f"Où est Łódź ? “{TALKS}” " * 9
    page = (
        f"<html><title>Talks</title><article><p>{text}</p></article></html>" if name == "a.html" else f"Talks\n\n{text}"
    )
    (draft,) = preview(write(tmp_path / name, page.encode().replace(b"attack", b"att\xffack", 2)))
    assert isinstance(draft, Draft)
    assert draft.cleaned.text.count(TALKS) == 9
    assert draft.missing() == "damaged: no text in any encoding: 2 characters"
    (draft,) = preview(write(tmp_path / name, page))
    assert isinstance(draft, Draft)
    assert draft.missing() is None


def test_a_password_or_an_old_word_file_is_reported(tmp_path: Path) -> None:
    reason = only_failure(write(tmp_path / "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900)).reason
    assert reason.startswith("is a file of an older Office (.doc) under another name, or is protected by a password")


def test_a_file_that_vanished_is_a_failure(tmp_path: Path) -> None:
    assert only_failure(tmp_path / "gone.txt").reason == "cannot be read: no such file or directory"
    assert only_failure(tmp_path).reason == "is a folder; name the files in it"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert only_failure(tmp_path / "pipe.txt").reason == "is no ordinary file"


def test_a_file_without_permission_is_a_failure(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TALKS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert only_failure(path).reason == "cannot be read: permission denied"


def test_a_file_too_large_is_a_failure(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"")
    os.truncate(path, 60_000_000)
    assert only_failure(path).reason.startswith("60 MB is more than the 50 MB of one article; split it")


def test_a_row_too_large_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LARGEST_ARTICLE", 300)
    path = write(tmp_path / "a.jsonl", json.dumps({"text": TALKS}) + "\n" + json.dumps({"text": TALKS * 9}))
    found = read_file(path)
    assert [article.text for article in found.articles] == [TALKS]
    assert [failure.uri for failure in found.failures] == [f"{path}:2"]


def test_a_name_that_is_no_text_is_a_failure(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/bad\xff.txt"
    try:
        with open(path, "w") as file:
            file.write(TALKS)
    except OSError:
        pytest.skip("this file system only has names that are text")
    (file_path,) = find_files([tmp_path])
    failure = only_failure(file_path)
    failure.uri.encode()
    assert failure.reason == "its name is not valid text; rename it"


def test_a_page_saved_as_text_is_read_as_a_page(tmp_path: Path) -> None:
    body = f"<body><p>{TALKS}</p><p>{STRIKE}</p></body>"
    page = f"<!DOCTYPE html><html><head><title>Talks go on</title></head>{body}</html>"
    (article,) = read_file(write(tmp_path / "a.txt", page)).articles
    assert (article.title, article.text) == ("Talks go on", f"{TALKS}\n\n{STRIKE}")


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.md",
        "---\ntitle: Talks go on\ndate: 2021-03-14\nauthor:\n  - Jane Roe\n  - John Doe\n"
        f"publisher: Daily Post\nlink: https://example.org/a\n---\n\n# Talks go on\n\n{TALKS}\n",
    )
    (article,) = read_file(path).articles
    assert (article.title, article.text, article.author) == ("Talks go on", TALKS, "Jane Roe, John Doe")
    assert (article.source, article.published) == ("Daily Post", date(2021, 3, 14))
    assert article.url == "https://example.org/a"


@pytest.mark.parametrize(
    ("front", "title", "published"),
    [
        ("title: Talks: they go on\ndate: March 14, 2021", "Talks: they go on", date(2021, 3, 14)),
        ('title: "Talks"\ndate: 2021-13-45', "Talks", None),
        ("title: 1984\ndate: 2021", "1984", None),
        ("title: [Talks", "[Talks", None),
        (
            "- a\n- b",
            "The minister said on Friday that talks with Ankara would go on despite the attack on the border",
            None,
        ),
        ("title: Talks\ndate: 2021-03-14 10:00:00", "Talks", date(2021, 3, 14)),
        ("? {a: b}\n: c\ntitle: Talks", "Talks", None),
    ],
)
def test_bad_front_matter_fails_nothing(tmp_path: Path, front: str, title: str, published: date | None) -> None:
    (article,) = read_file(write(tmp_path / "a.md", f"---\n{front}\n---\n{TALKS}\n")).articles
    assert article.text.endswith(TALKS)
    if front != "- a\n- b":
        assert (article.title, article.published) == (title, published)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("## Why\n\ntext ##", "Why\n\ntext ##"),
        ("Why\n===\ntext", "Why\n\ntext"),
        (
            "**bold** and *italic* and __bold__ and _italic_ and ~~gone~~",
            "bold and italic and bold and italic and gone",
        ),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        (
            "a [link](https://example.org/a_(b)) and [another][1]\n\n[1]: https://example.org",
            "a link and another",
        ),
        ("![a picture](p.png 'x')text<!-- a\ncomment -->", "text"),
        ("> quoted\n> text", "quoted\ntext"),
        ("`code` and <b>tags</b> and <https://example.org>", "code and tags and https://example.org"),
        ("one\n\n---\n\ntwo", "one\n\ntwo"),
        ("1\\. not a list, 5 < 6 > 4", "1. not a list, 5 < 6 > 4"),
    ],
)
def test_markdown_marks_go_and_the_wording_stays(markdown: str, text: str) -> None:
    assert re.sub(r"\n{3,}", "\n\n", read_markdown(markdown).text.strip()) == text


def test_first_heading_is_the_title(tmp_path: Path) -> None:
    (article,) = read_file(write(tmp_path / "a.md", f"# Talks *go* on\n\n{TALKS}\n\n## Later\n\n{STRIKE}")).articles
    assert (article.title, article.text) == ("Talks go on", f"{TALKS}\n\nLater\n\n{STRIKE}")


def rows(path: Path, *values: object) -> Path:
    return write(path, "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values))


def test_rows_become_articles(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.jsonl",
        {
            "id": 7,
            "title": "Talks go on",
            "text": f"Talks go on\n\n{TALKS}\n\nShare this",
            "date": "26-FEB-1987 15:01:01.79",
        },
        {
            "headline": "Strike",
            "body": STRIKE,
            "published": "March 14, 2021",
            "authors": ["Jane Roe", {"name": "John Doe"}],
        },
        "",
        {
            "_id": "x",
            "content": TALKS,
            "publisher": {"name": "Daily Post"},
            "link": "https://e.org",
            "comments": ["No.", {"text": "Yes."}],
        },
    )
    found = read_file(path)
    assert found.failures == ()
    assert [(a.uri, a.title, a.text, a.published) for a in found.articles] == [
        (f"{path}#7", "Talks go on", TALKS, date(1987, 2, 26)),
        (f"{path}#2", "Strike", STRIKE, date(2021, 3, 14)),
        (f"{path}#x", TALKS[:-1], TALKS, None),
    ]
    assert found.articles[1].author == "Jane Roe, John Doe"
    last = found.articles[2]
    assert (last.source, last.url, last.comments) == ("Daily Post", "https://e.org", ("No.", "Yes."))


def test_bad_rows_fail_alone_with_their_line(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.jsonl",
        "{not json}",
        {"id": "a", "text": TALKS},
        [1, 2],
        {"id": "b", "title": "No text"},
        {"id": "a", "text": STRIKE},
        {"id": "c", "text": 5},
        {"id": "d", "text": "Share this article"},
        "[" * 5000,
        {"id": "e\ud800", "text": STRIKE},
    )
    found = read_file(path)
    assert [a.uri for a in found.articles] == [f"{path}#a", f"{path}#e"]
    no_text = "has no text (looked for: text, body, content)"
    assert [(f.uri, f.reason) for f in found.failures] == [
        (
            f"{path}:1",
            "line 1 is not valid JSON: Expecting property name enclosed in double quotes at column 2",
        ),
        (f"{path}:3", "line 3 is a JSON list, not an object"),
        (
            f"{path}:4",
            "line 4 has no text (looked for: text, body, content; its keys are: id, title; "
            "name one with --map text=KEY)",
        ),
        (f"{path}:5", "line 5 has the id 'a' of line 2"),
        (f"{path}:6", f"line 6 {no_text}"),
        (f"{path}:7", f"line 7 {no_text}"),
        (f"{path}:8", "line 8 is not valid JSON"),
    ]
    assert found.articles[1].id


def test_rows_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps({"id": "1", "text": TALKS}).encode("utf-8-sig"))
    assert read_file(path).articles[0].text == TALKS


def test_preview_shows_what_goes_and_only_the_first_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"Talks go on\n\n{TALKS}\n\nShare this article\n\n3 comments\n\nRubbish.")
    (draft,) = preview(path)
    assert isinstance(draft, Draft)
    assert draft.uri == str(path)
    assert draft.cleaned.comments == ("Rubbish.",)
    assert [(d.text, d.reason) for d in draft.cleaned.dropped] == [
        ("3 comments", "around the comments"),
        ("Share this article", "share link"),
    ]
    many = rows(tmp_path / "b.jsonl", *({"text": TALKS} for _ in range(9)), "{")
    assert [d.uri for d in preview(many, limit=2) if isinstance(d, Draft)] == [f"{many}#1", f"{many}#2"]
    assert isinstance(preview(tmp_path / "gone.txt")[0], UnreadableFile)


def test_gzipped_files_are_found_and_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt.gz", gzip.compress(f"Talks go on\n\n{TALKS}".encode()))
    rows = "\n".join(json.dumps({"id": n, "text": text}) for n, text in enumerate((TALKS, STRIKE)))
    write(tmp_path / "b.JSONL.GZ", gzip.compress(rows.encode()))
    write(tmp_path / "c.gz", gzip.compress(b"x"))
    files = find_files([tmp_path])
    assert names(files, tmp_path) == ["a.txt.gz", "b.JSONL.GZ"]
    assert [article.text for file in files for article in read_file(file).articles] == [TALKS, TALKS, STRIKE]


def test_a_damaged_gzip_file_keeps_the_rows_before_the_damage(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(200_000).hex()
    whole = gzip.compress((json.dumps({"text": TALKS}) + "\n" + noise).encode())
    path = write(tmp_path / "a.jsonl.gz", whole[: len(whole) // 2])
    found = read_file(path)
    assert [article.text for article in found.articles] == [TALKS]
    assert [failure.uri for failure in found.failures] == [str(path)]
    assert "its compression is not valid" in found.failures[0].reason


def test_a_gzipped_text_that_unpacks_to_too_much_is_a_failure(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt.gz", gzip.compress(b"a" * 60_000_000))
    assert only_failure(path).reason.startswith("unpacked it is more than the 50 MB of one article")


def test_documents_are_cleaned_like_any_text(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.docx",
        docx("Talks go on", "By Jane Roe", "March 14, 2021", TALKS, "Share this article", title="Talks go on"),
    )
    (article,) = read_file(path).articles
    assert (article.title, article.text) == ("Talks go on", TALKS)
    assert (article.author, article.published, article.language) == ("Jane Roe", date(2021, 3, 14), "en")


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_file_that_changes_while_it_is_read_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = write(tmp_path / name, TALKS if name == "a.txt" else json.dumps({"text": TALKS}))
    real = registry._read_plain

    def read_and_write(*arguments: Any) -> Iterator[Any]:
        yield from real(*arguments)
        path.write_text("other")

    monkeypatch.setattr(registry, "_read_plain", read_and_write)
    failure = read_file(path).failures[0]
    assert (failure.uri, failure.reason) == (str(path), "changed while it was read; update again when it is whole")


def test_a_file_that_vanishes_while_it_is_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", TALKS)
    real = registry._read_plain

    def read_and_remove(*arguments: Any) -> Iterator[Any]:
        yield from real(*arguments)
        path.unlink()

    monkeypatch.setattr(registry, "_read_plain", read_and_remove)
    assert only_failure(path).reason == "vanished while it was read"


def test_a_link_to_itself_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    files = find_files([tmp_path])
    assert names(files, tmp_path) == ["a.txt", "b.txt"]
    assert only_failure(files[0]).reason == "cannot be read: too many levels of symbolic links"
    assert only_failure(files[1]).reason == "is a link to a file that is not there"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "ftp://example.org/a", "../../etc/passwd"]
)
def test_what_is_no_address_of_the_web_is_no_link(tmp_path: Path, url: str) -> None:
    (table,) = read_file(write(tmp_path / "a.csv", f"id,title,text,url\n../../up,Talks,{TALKS!r},{url}\n")).articles
    assert (table.url, table.uri) == (None, f"{tmp_path}/a.csv#../../up")
    assert read_file(write(tmp_path / "a.md", f"---\nurl: '{url}'\n---\n{TALKS}")).articles[0].url is None
    page = f"<html><head><link rel='canonical' href='{url}'></head><body><p>{TALKS}<img src='{url}'></p></body></html>"
    assert read_file(write(tmp_path / "a.html", page)).articles[0].url is None
