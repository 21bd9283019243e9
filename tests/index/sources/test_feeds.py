"""Feeds in, entries out."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.feeds import Entry, is_feed, read_feed

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Daily Post</title><link>https://post.example/</link>
<item><title>Talks go on</title><link>/talks#top</link><pubDate>Sun, 14 Mar 2021 09:00:00 GMT</pubDate>
<dc:creator>Jane Roe</dc:creator><description>Short.</description><content:encoded><![CDATA[<p>Long.</p>]]></content:encoded></item>
<item><title>Strike</title><guid>https://post.example/strike</guid><author>desk@post.example (John Doe)</author></item>
<item><title>No address</title><guid isPermaLink="false">17</guid></item>
<item><title>Again</title><link>https://post.example/strike</link></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Daily Post</title>
<entry><title>Talks go on</title><link rel="edit" href="/edit"/><link href="https://post.example/talks"/>
<updated>2021-03-15T10:00:00Z</updated><published>2021-03-14T09:00:00Z</published><author><name>Jane Roe</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long.</p></div></content></entry></feed>"""


def test_rss() -> None:
    first, second = read_feed(RSS, "https://post.example/feed")
    assert first == Entry(
        "https://post.example/talks", "Talks go on", "Jane Roe", date(2021, 3, 14), "<p>Long.</p>", "Daily Post"
    )
    # The last of two entries with one address counts.
    assert (second.address, second.title) == ("https://post.example/strike", "Again")


def test_atom() -> None:
    (entry,) = read_feed(ATOM, "https://post.example/feed")
    assert (entry.address, entry.title, entry.author) == ("https://post.example/talks", "Talks go on", "Jane Roe")
    assert (entry.published, entry.source) == (date(2021, 3, 14), "Daily Post")
    assert "<p>Long.</p>" in entry.markup.replace(' xmlns="http://www.w3.org/1999/xhtml"', "")


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Daily Post",
        "items": [
            {
                "url": "/talks#top", "title": "Talks go on", "authors": [{"name": "Jane Roe"}, {"url": "x"}],
                "date_published": "2021-03-14T09:00:00Z", "content_html": "<p>Long.</p>",
            },
            {"external_url": "https://other.example/b", "content_text": "a < b\nc", "author": {"name": "John Doe"}},
            {"title": "No address"},
            "no entry",
        ],
    }  # fmt: skip
    content = json.dumps(feed).encode()
    assert is_feed(content)
    first, second = read_feed(content, "https://post.example/feed.json")
    assert first == Entry(
        "https://post.example/talks", "Talks go on", "Jane Roe", date(2021, 3, 14), "<p>Long.</p>", "Daily Post"
    )
    assert (second.address, second.author, second.markup) == (
        "https://other.example/b",
        "John Doe",
        "<p>a &lt; b</p><p>c</p>",
    )
    assert not is_feed(b'{"title": "no feed"}')
    with pytest.raises(ValueError, match="is no JSON feed"):
        read_feed(content[:-9], "https://post.example/feed.json")


def test_an_author_is_no_address_of_mail() -> None:
    data = RSS.replace(b"<item><title>Again</title><link>https://post.example/strike</link></item>", b"")
    assert read_feed(data, "https://post.example/feed")[1].author == "John Doe"


@pytest.mark.parametrize(
    ("content", "feed"),
    [
        (RSS, True),
        (ATOM, True),
        (b"\xef\xbb\xbf <rss>", True),
        (b"<?xml version='1.0'?><rdf:RDF>", True),
        (b"<?xml version='1.0'?><html>", False),
        (b"<!doctype html><p>about <rss>", False),
        (b"", False),
    ],
)
def test_feeds_are_reported_from_pages(content: bytes, feed: bool) -> None:
    assert is_feed(content) is feed


def test_what_is_no_feed_is_reported() -> None:
    with pytest.raises(ValueError, match="is no RSS or Atom feed"):
        read_feed(b"<html/>", "https://post.example/")


def test_entities_are_not_followed() -> None:
    doctype = b"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><item><link>http://a</link><title>&x;</title>"
    assert read_feed(doctype + b"</item></channel></rss>", "http://a")[0].title == "&x;"


@given(st.binary(max_size=300), st.integers(0, len(RSS)))
def test_no_content_raises_anything_else(noise: bytes, place: int) -> None:
    try:
        entries = read_feed(RSS[:place] + noise + RSS[place:], "https://post.example/feed")
    except ValueError:
        return
    assert all(entry.address for entry in entries)
