"""What `scripts/fuzz/fuzz.py` feeds: each target takes bytes, and raises nothing that it does not promise.

As a program, the part that runs in libFuzzer's process: fuzz_targets.py TARGET FILE-OR-FOLDER [libFuzzer's options].
"""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from documents import archive, column, docx, epub, pdf

if __name__ == "__main__" and sys.argv[1] != "citing":
    # Without what the package loads on import (PyTorch, FAISS), as in the child process of `index.formats.sandbox`.
    package = types.ModuleType("index")
    package.__path__ = [str(ROOT / "index")]
    sys.modules["index"] = package

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
PAGE = (
    "<!doctype html><html><head><meta charset='utf-8'><title>Talks | Post</title><style>.a{display:none}</style></head>"
    f"<body><article><h1>Talks</h1><p class='b' style='color:red'>{TALKS}</p><p class='a'>Hidden</p><ul><li>"
    f"<a href='/a'>Another headline here</a></li></ul><p>By Jane Roe</p><p>{TALKS}</p></article>"
    "<div id='comments'><p>I agree!</p></div></body></html>"
)
MARKDOWN = (
    f"---\ntitle: Talks\ndate: 2021-03-14\ntags: [a, b]\n---\n\n# Talks\n\n{TALKS} [link](http://a.b 't') **bold**"
    " `code`\n\n> quoted ![p](p.png)\n\n- item\n\n```\ncode\n```\n\n[1]: http://a.b\n<!-- hidden -->\n"
)
PLAIN = (
    f"Talks go on\n\nBy Jane Roe, Reuters\n\nMarch 14, 2021\n\nLONDON, 3 June (Reuters) - {TALKS}\n\n"
    "Share this article\n\nRelated:\nAnother headline\n\n3 comments\n\nJane says:\n14 March 2021 at 3:04 pm\n"
    "I agree with you!\n\n1. Lol\n2. No\n"
)
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:dc="d"><channel><title>Post</title><item><title>Talks</title>'
    "<link>/talks</link><guid>https://p.example/t</guid><pubDate>Sun, 14 Mar 2021 09:00:00 GMT</pubDate>"
    f"<author>a@b (Jane)</author><description>&lt;p&gt;{TALKS}&lt;/p&gt;</description></item></channel></rss>"
)
TABLE = f'title,text,date\nTalks,"{TALKS} He said ""no"".",2021-03-14\n'
ROWS = f'{{"id": "a", "title": "Talks", "text": "{TALKS}", "date": "2021-03-14", "author": ["J", null]}}\n'


@dataclass(frozen=True, slots=True)
class Target:
    """`run` on bytes; good inputs to start from; words of the format."""

    run: Callable[[bytes], Any]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()


_FOLDER = tempfile.TemporaryDirectory(prefix="clippings-fuzz-")


def _file(suffix: str) -> Callable[[bytes], Any]:
    def run(data: bytes) -> Any:
        from index.formats.parsed import Draft
        from index.formats.registry import read_drafts

        path = Path(_FOLDER.name) / f"a{suffix}"
        path.write_bytes(data)
        found = [*read_drafts(path)]
        assert found, "neither an article nor a reason"
        for one in found:
            assert one.article().text if isinstance(one, Draft) else one, "an article without text"
        return found

    return run


def _document(suffix: str) -> Callable[[bytes], Any]:
    """What the child process of `index.formats.sandbox` does, in this process."""

    def run(data: bytes) -> Any:
        from index.formats.containers.members import Task, read_items

        with suppress(ValueError, RecursionError):  # which `sandbox` reports
            return [*read_items(io.BytesIO(data), suffix, Task())]

    return run


def _member(suffix: str) -> Callable[[bytes], Any]:
    """The text of an archive, packed anew, since damage to a ZIP archive is mostly found by its checksums."""

    def run(data: bytes) -> Any:
        book = {
            "META-INF/container.xml": "<c><rootfile full-path='a.opf'/></c>",
            "a.opf": "<p><manifest><item id='p' href='p.xhtml'/></manifest><spine><itemref idref='p'/></spine></p>",
            "p.xhtml": data,
        }
        word = {"word/document.xml": data, "docProps/core.xml": data}
        return _document(suffix)(archive(book if suffix == ".epub" else word))

    return run


def _feed(data: bytes) -> Any:
    from index.sources.feeds import is_feed, plain_length, read_feed

    is_feed(data)
    with suppress(ValueError):
        entries = read_feed(data, "https://post.example/feed")
        for entry in entries:
            plain_length(entry.markup)
        return entries


def _cleaning(data: bytes) -> Any:
    from index.cleaning.clean import clean

    cleaned = clean(data.decode("utf-8", "replace"))
    again = clean(cleaned.text, title=cleaned.title)
    assert set(again.text.split()) <= set(cleaned.text.split()), "cleaning again brings words"
    return cleaned


def _chunking(data: bytes) -> Any:
    from index.article import Article
    from index.cleaning.paragraphs import plain
    from index.embedding.chunking import chunk_article

    text = plain(data.decode("utf-8", "replace")).strip()
    if not text:
        return None
    article = Article(uri="/a.txt", title="Title", text=text)
    # A tokenizer of a kind: four bytes a token.
    chunks = chunk_article(article, lambda texts: [len(t.encode()) // 4 + 1 for t in texts], max_tokens=200)
    joined = "".join(text[c.start : c.end] for c in chunks)
    assert "".join(joined.split()) == "".join(text.split()), "text is lost or doubled"
    for chunk in chunks:
        assert all(chunk.start <= a < b <= chunk.end for a, b in chunk.sentences), "a sentence outside of its chunk"
    return chunks


def _citing(data: bytes) -> Any:
    from making import make_evidence

    from rag.grounding.citations import cited, split_sentences, strip_markers
    from rag.grounding.verifier import Verifier

    text = data.decode("utf-8", "replace")
    evidence = make_evidence(TALKS, "Turkish officials said on 3 June that three soldiers were killed near Idlib.")
    for sentence in split_sentences(text)[:20]:
        claim, marked = strip_markers(sentence)
        verdict = Verifier(None).verdict(claim, "How many soldiers were killed?", evidence, marked)
        if verdict and verdict.level:
            for citation in cited(claim, verdict, verdict.level)[1]:
                shown = evidence[citation.marker - 1].hit.article.text
                assert shown[citation.start : citation.end] == citation.quote, "a quote that is not in the article"
    return text


_WORD = f"<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>{TALKS}</w:t><w:tab/></w:r></w:p></w:body></w:document>"
_TAGS = (
    b"<p> </p> <div> <article> <!-- --> <style> <script> <table><tr><td> <ul><li> &amp; &#x41; style=' display:none"
).split()
_PDF_WORDS = (
    b"obj endobj stream endstream xref trailer startxref /Length /Filter/FlateDecode /Kids /Count /Type/Page /Font BT "
    b"ET Tf Td Tj TJ Tm << >> R"
).split()
_MARKS = b"--- ``` ** __ ~~ ![ ]( # > === [^1] ]: http://a.b <!-- --> <br> \\* title: !!python".split()
_PHRASES = "\n\n|By |Reuters|3 comments\n|says:\n|1. |“|”|Mr. |Related:\n| - ".encode().split(b"|")

TARGETS: dict[str, Target] = {
    "txt": Target(
        _file(".txt"), [PLAIN.encode(), PLAIN.encode("utf-16"), "Zażółć gęślą jaźń.".encode("cp1250")], _PHRASES
    ),
    "md": Target(_file(".md"), [MARKDOWN.encode()], _MARKS),
    "html": Target(_file(".html"), [PAGE.encode()], _TAGS),
    "tables": Target(
        _file(".csv"), [TABLE.encode(), TABLE.replace(",", ";").encode()], [b'"', b'""', b"\n", b",", b"\0"]
    ),
    "jsonl": Target(_file(".jsonl"), [ROWS.encode()], [b'"text":', b"[[", b"{}", b"null", b"1e999", b"\\ud800", b"\n"]),
    "gz": Target(_file(".txt.gz"), [gzip.compress(PLAIN.encode(), mtime=0)]),
    "pdf": Target(
        _document(".pdf"), [pdf([(70, 800, 20, "Talks"), *column(TALKS), (300, 40, 9, "1")], title="T")], _PDF_WORDS
    ),
    "docx": Target(_document(".docx"), [docx(TALKS, TALKS, title="Talks", author="Jane Roe")]),
    "epub": Target(_document(".epub"), [epub(f"<h1>One</h1><p>{TALKS}</p>", metadata="<dc:title>T</dc:title>")]),
    "json": Target(
        _document(".json"), [f'{{"a": [{{"text": "{TALKS}"}}]}}'.encode()], [b"[[", b"{}", b"null", b"1e999"]
    ),
    "mail": Target(
        _document(".eml"), [f"From: a@b\nSubject: T\n\n{TALKS}".encode()], [b"--x\n", b"=?utf-8?q?", b"\n\n"]
    ),
    "export": Target(
        _document(".xml"),
        [RSS.encode(), f"<en-export><note><content>{TALKS}</content></note></en-export>".encode()],
        _TAGS,
    ),
    "rtf": Target(
        _document(".rtf"), [rf"{{\rtf1 {TALKS}\par}}".encode()], [b"{\\*", b"\\u8222?", b"\\'fc", b"{", b"}"]
    ),
    "zip": Target(_document(".zip"), [archive({"a.docx": docx(TALKS), "b.json": "{}"})]),
    "docx-text": Target(_member(".docx"), [_WORD.encode()], [b"<w:p>", b"<w:t>", b"<w:del>", b"<!DOCTYPE", b"&x;"]),
    "epub-text": Target(_member(".epub"), [PAGE.encode()], _TAGS),
    "feed": Target(_feed, [RSS.encode()], [b"<item>", b"<entry>", b"<link>", b"href=", b"&lt;", b"<!ENTITY"]),
    "cleaning": Target(_cleaning, [PLAIN.encode()], _PHRASES),
    "chunking": Target(_chunking, [PLAIN.encode()], _PHRASES),
    "citing": Target(
        _citing, [f"{TALKS} [1] Three soldiers were killed [2][1].".encode()], [b"[1]", b"[", b"(2, 3)", b"["]
    ),
}


SECONDS = 10.0
"""Processor time of one input."""


class TookTooLong(Exception):
    """An input that takes more than its time."""


def serve(target: str, arguments: list[str]) -> None:
    """Run libFuzzer in this process."""
    import atheris

    with atheris.instrument_imports(include=["index", "rag", "pypdf", "trafilatura", "sentencex", "yaml"]):
        for seed in TARGETS[target].seeds[:1]:
            TARGETS[target].run(seed)

    def one(data: bytes) -> None:
        began = time.process_time()
        TARGETS[target].run(data)
        if time.process_time() - began > SECONDS:
            raise TookTooLong(f"{time.process_time() - began:.1f} s of processor time for {len(data)} bytes")

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
