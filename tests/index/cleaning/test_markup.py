"""Fields of exports in, plain text out."""

from __future__ import annotations

import pytest

from index.cleaning.clean import clean
from index.cleaning.markup import without_markup
from index.cleaning.metadata import read_fields


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Rain < 5 mm & wind > 3 are <no tags>.", "Rain < 5 mm & wind > 3 are <no tags>."),
        ("Tarn &amp; Wexmoor pay &pound;7.80.", "Tarn & Wexmoor pay £7.80."),
        ("<p>One&nbsp;ticket.</p>\n<p>Two <b>tick</b>ets.</p>", "One ticket.\n\nTwo tickets."),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;", "One.\n\nTwo & three."),
        (
            "<!-- wp:paragraph --><p>One.</p><!-- /wp:paragraph --><!-- wp:image {} --><figure><img src=x></figure>",
            "One.",
        ),
        ("The <em>first</em> line\n\nand the second.", "The first line\n\nand the second."),
        ("<h2>Prices</h2>One.\n\nTwo.", "Prices\n\nOne.\n\nTwo."),
        ("<ul><li>Children: 1</li><li>Dogs: 2</li></ul>", "Children: 1\n\nDogs: 2"),
        (
            "<figure><table><tr><th>Ward</th><th>Votes</th></tr><tr><td>Tarn</td><td>12</td></tr></table></figure>",
            "Tarn: Votes 12",
        ),
    ],
)
def test_text_without_its_markup(markup: str, text: str) -> None:
    assert without_markup(markup) == text


@pytest.mark.parametrize(
    "caption",
    ['[caption id="a_1"]<img src=x> A ferry[/caption]', "<figure><img src=x><figcaption>A ferry</figcaption></figure>"],
)
def test_the_caption_of_a_picture_is_left_out_and_listed(caption: str) -> None:
    cleaned = clean(without_markup(f"<p>The ferry sails on.</p>{caption}<p>It is late.</p>"), title="Ferry")
    assert cleaned.text == "The ferry sails on.\n\nIt is late."
    assert ["A ferry" in dropped.text for dropped in cleaned.dropped] == [True]


@pytest.mark.parametrize(
    ("given", "author", "source"),
    [
        ({"published_by": ["Ida Brum"], "domain_name": "echo.example"}, "Ida Brum", "echo.example"),
        ({"published_by": "The Tarn Gazette"}, None, "The Tarn Gazette"),
        ({"author": "Cy Vane", "published_by": "Ida Brum"}, "Cy Vane", None),
    ],
)
def test_who_published_an_article(given: dict[str, object], author: str | None, source: str | None) -> None:
    fields = read_fields({"text": "It rains.", "title": "Tarn &amp; <i>Wexmoor</i>", **given})
    assert (fields.title, fields.author, fields.source) == ("Tarn & Wexmoor", author, source)
