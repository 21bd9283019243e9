"""Files and addresses as sources: what is read, when it is read again, and what of it reaches an index."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from loopback_site import Site, serve
from standins import HashEmbedder

from index import Index
from index.errors import UnreadableFile, WrongUse
from index.formats.parsed import Draft
from index.sources.sources import find_sources, preview

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials told reporters that three soldiers were killed in the strike near Idlib."
MORE = "In Moscow a spokesman denied that any aircraft had been operating in the area at the time of the attack."


def page(title: str, *paragraphs: str) -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"<!doctype html><html><head><title>{title}</title></head><body><article>{body}</article></body></html>"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def only(address: str) -> Draft | UnreadableFile:
    (found,) = preview(address)
    return found


def reason(address: str) -> str:
    found = only(address)
    assert isinstance(found, UnreadableFile)
    assert found.uri == address
    return found.reason


def feed(*items: str) -> str:
    return f"<rss><channel><title>Daily Post</title>{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


def test_a_page_becomes_an_article_named_by_its_address(site: Site) -> None:
    address = site.put("/talks", page("Talks go on", TALKS, STRIKE, MORE))
    draft = only(address)
    assert isinstance(draft, Draft)
    article = draft.article()
    assert (article.uri, article.url, article.title) == (address, address, "Talks go on")
    assert article.text == f"{TALKS}\n\n{STRIKE}\n\n{MORE}"


def test_the_encoding_that_the_server_tells_counts(site: Site) -> None:
    address = site.put("/a", page("Talks", TALKS, "Żółw."), "text/html; charset=iso-8859-2")
    site.pages["/a"] = (*site.pages["/a"][:2], page("Talks", TALKS, STRIKE, "Żółw.").encode("iso-8859-2"))
    draft = only(address)
    assert isinstance(draft, Draft)
    assert draft.cleaned.text.endswith("Żółw.")


def test_plain_text_is_read(site: Site) -> None:
    draft = only(site.put("/a", f"Talks go on\n\n{TALKS}", "text/plain"))
    assert isinstance(draft, Draft)
    assert (draft.cleaned.title, draft.cleaned.text) == ("Talks go on", TALKS)


def test_failures_carry_the_address_and_a_reason(site: Site) -> None:
    assert reason(f"{site.address}/none") == "the site answers with status 404 (Not Found)"
    assert (
        reason(site.put("/a", b"%PDF", "application/pdf"))
        == "is no page but application/pdf; download it, and give the file"
    )
    assert (
        reason(site.put("/b", "<html></html>"))
        == "has no article text in it; if a browser shows one, save the page there, and give the file"
    )
    assert reason(site.put("/c", feed(), "text/xml")) == "is a feed without entries"
    assert reason(site.put("/d", b"\0\0\0")) == "is not a text file (it contains NUL bytes)"


def test_a_feed_gives_an_article_for_each_entry(site: Site) -> None:
    linked = site.put("/talks", page("Talks go on", TALKS, STRIKE, MORE))
    whole = "".join(f"&lt;p&gt;{text}&lt;/p&gt;" for text in (TALKS, STRIKE, MORE) * 4)
    address = site.put(
        "/feed",
        feed(
            f"<title>Summary</title><link>{linked}</link><pubDate>Sun, 14 Mar 2021 09:00:00 GMT</pubDate>"
            "<description>Short.</description>",
            f"<title>Whole</title><link>{site.address}/never-asked</link><description>{whole}</description>",
            f"<title>Gone</title><link>{site.address}/gone</link>",
        ),
        "application/rss+xml",
    )
    first, second, third = preview(address)
    assert isinstance(first, Draft)
    assert (first.uri, first.cleaned.title, first.cleaned.published) == (linked, "Talks go on", date(2021, 3, 14))
    assert first.cleaned.source == "Daily Post"
    assert isinstance(second, Draft)
    assert (second.uri, second.cleaned.title) == (f"{site.address}/never-asked", "Whole")
    assert second.cleaned.text.startswith(TALKS)
    assert isinstance(third, UnreadableFile)
    assert (third.uri, third.reason) == (f"{site.address}/gone", "the site answers with status 404 (Not Found)")
    assert site.asked == ["/feed", "/talks", "/gone"]


def test_the_text_in_the_feed_counts_where_the_page_gives_less(site: Site) -> None:
    needs_scripts = site.put("/app", "<html><head><title>App</title></head><body><div id='app'></div></body></html>")
    locked = site.put("/locked", "Subscribers only.")
    site.pages["/locked"] = (403, *site.pages["/locked"][1:])
    shorter = site.put("/shorter", page("Shorter", MORE))
    entries = [
        f"<link>{needs_scripts}</link><pubDate>Sun, 14 Mar 2021 09:00:00 GMT</pubDate><description>{TALKS}</description>",
        f"<title>Strike</title><link>{locked}</link><description>&lt;p&gt;{STRIKE}&lt;/p&gt;</description>",
        f"<title>Talks</title><link>{shorter}</link><description>{TALKS} {STRIKE}</description>",
        f"<title>Nothing</title><link>{locked}?b</link>",
    ]
    site.pages["/locked?b"] = site.pages["/locked"]
    first, second, third, fourth = find_drafts(site.put("/feed", feed(*entries), "text/xml"))
    assert isinstance(first, Draft) and isinstance(second, Draft) and isinstance(third, Draft)
    assert (first.cleaned.text, first.cleaned.published, first.cleaned.source) == (
        TALKS,
        date(2021, 3, 14),
        "Daily Post",
    )
    assert (second.cleaned.title, second.cleaned.text) == ("Strike", STRIKE)
    assert (
        second.missing()
        == "only the text in the feed, since the page cannot be read: the site answers with status 403 (Forbidden)"
    )
    assert (third.cleaned.text, third.missing()) == (f"{TALKS} {STRIKE}", None)
    assert isinstance(fourth, UnreadableFile)
    assert fourth.reason == "the site answers with status 403 (Forbidden)"


def find_drafts(address: str) -> list[object]:
    return [outcome for source in find_sources([address]) for outcome in source.drafts()]


def test_a_feed_cannot_lead_to_another_private_machine(site: Site) -> None:
    with serve() as other:
        secret = other.put("/secret", page("Secret", TALKS, STRIKE, MORE))
        found = only(site.put("/feed", feed(f"<title>a</title><link>{secret}</link>"), "text/xml"))
        assert isinstance(found, UnreadableFile)
        assert "no address of the public network" in found.reason
        local = only(site.put("/feed2", feed("<title>a</title><link>file:///etc/passwd</link>"), "text/xml"))
        assert isinstance(local, UnreadableFile)
        assert local.reason == "is no address of the web"
        assert other.asked == []


def test_what_is_no_address_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="it names no site"):
        find_sources(["http://"])


def test_an_index_reads_an_address_again_only_when_it_changed(
    site: Site, tmp_path: Path, embedder: HashEmbedder
) -> None:
    linked = site.put("/talks", page("Talks go on", TALKS, STRIKE, MORE))
    site.put("/feed", feed(f"<title>Talks</title><link>{linked}</link>"), "text/xml")
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        assert index.update([f"{site.address}/feed"]).added == [linked]
        assert index.update([f"{site.address}/feed"]).unchanged == [linked]
        assert site.asked == ["/feed", "/talks", "/feed"]
        site.put(
            "/feed",
            feed(f"<title>Other</title><link>{site.put('/b', page('Other', MORE, TALKS, STRIKE))}</link>"),
            "text/xml",
        )
        report = index.update([f"{site.address}/feed"])
        assert (report.added, report.removed) == ([f"{site.address}/b"], [])
        assert index.update([tmp_path / "index"], prune=True).removed == []
    finally:
        index.close()


def test_the_columns_of_a_table_are_remembered(tmp_path: Path, embedder: HashEmbedder) -> None:
    table = tmp_path / "articles" / "a.csv"
    table.parent.mkdir()
    table.write_text("nom,mot\nOne,Talks went on.\n")
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        assert [failure.uri for failure in index.update([table]).failed] == [str(table)]
        assert index.update([table], columns={"title": "nom", "text": "mot"}).added == [f"{table}#2"]
        assert index.update([table]).unchanged == [f"{table}#2"]
        table.write_text("nom,mot\nTwo,A strike began.\n")
        report = index.update([table])
        assert (report.changed, report.failed) == ([f"{table}#2"], [])
        assert index.update([table], columns={"text": "mot"}).changed == [f"{table}#2"]
    finally:
        index.close()


def test_columns_are_remembered_through_failures_rollbacks_and_removals(tmp_path: Path, embedder: HashEmbedder) -> None:
    table = tmp_path / "a.csv"
    good = f"nom,mot\nOne,{TALKS}\n"
    table.write_text(good)
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        index.update([table], columns={"title": "nom", "text": "mot"})
        table.write_text("")
        for _ in range(2):
            report = index.update([table])
            assert (report.removed, [failure.uri for failure in report.failed]) == ([], [str(table)])
        table.write_text(good)
        assert index.update([table]).unchanged == [f"{table}#2"]
        index.remove([f"{table}#2"])
        assert index.update([table]).added == [f"{table}#2"]
        index.rollback()
        assert index.update([table]).added == [f"{table}#2"]
    finally:
        index.close()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_renamed_table_keeps_its_columns_also_when_it_has_grown(
    suffix: str, tmp_path: Path, embedder: HashEmbedder
) -> None:
    def rows(*texts: str) -> str:
        if suffix == ".jsonl":
            return "".join(json.dumps({"key": text[:3], "nom": "Title", "mot": text}) + "\n" for text in texts)
        return "key,nom,mot\n" + "".join(f"{text[:3]},Title,{text}\n" for text in texts)

    first, second = (tmp_path / f"{name}{suffix}" for name in ("october", "november"))
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        first.write_text(rows("One story here", "Two stories here"))
        index.update([first], columns={"id": "key", "title": "nom", "text": "mot"})
        first.rename(second)
        report = index.update([tmp_path], prune=True)
        assert [move.new for move in report.moved] == [f"{second}#One", f"{second}#Two"]
        assert (report.failed, report.removed) == ([], [])
        second.unlink()
        first.write_text(rows("One story here", "Two stories here", "Six stories here"))
        report = index.update([tmp_path], prune=True)
        assert ([move.new for move in report.moved], report.added) == (
            [f"{first}#One", f"{first}#Two"],
            [f"{first}#Six"],
        )
        assert index.update([tmp_path]).counts["unchanged"] == 3
    finally:
        index.close()


def test_columns_are_not_taken_over_from_another_table(tmp_path: Path, embedder: HashEmbedder) -> None:
    table, usual, other = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        table.write_text("title,mot,text\nTitle,One story here,none of it\n")
        index.update([table], columns={"text": "mot"})
        usual.write_text("title,mot,text\nOther,none of it,Another story here\n")  # the first one is still there
        assert index.update([tmp_path]).added == [f"{usual}#2"]
        assert index.find("b.csv#2").text == "Another story here"
        table.unlink()
        other.write_text("title,text\nThird,A third story here\n")  # it has no column "mot"
        assert index.update([tmp_path]).added == [f"{other}#2"]
    finally:
        index.close()


def test_an_address_is_kept_when_it_fails_and_is_never_gone(site: Site, tmp_path: Path, embedder: HashEmbedder) -> None:
    address = site.put("/talks", page("Talks go on", TALKS, STRIKE, MORE))
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        index.update([address])
        content = site.pages.pop("/talks")
        report = index.update([address], prune=True)
        assert (report.removed, report.gone, [failure.uri for failure in report.failed]) == ([], [], [address])
        site.pages["/talks"] = content
        assert index.update([address, tmp_path], prune=True).unchanged == [address]
        assert index.update([tmp_path], prune=True).gone == []
        assert [article.uri for article in index.articles()] == [address]
    finally:
        index.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_reported_and_not_waited_for(tmp_path: Path, embedder: HashEmbedder) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    index = Index.create(tmp_path / "index", embedder=embedder)
    try:
        assert [str(failure) for failure in index.update([tmp_path]).failed] == [
            f"{tmp_path}/pipe.txt: is no ordinary file"
        ]
    finally:
        index.close()
