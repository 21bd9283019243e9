"""The templates of the page: nothing in them takes the escaping away, and their line breaks do not reach the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from ui.render.markup import rendered

UI = Path(__file__).parents[3] / "ui"
TEMPLATES = sorted((UI / "render" / "templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_value_is_escaped_and_stands_in_quotation_marks_within_a_tag(path: Path) -> None:
    template = path.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|\bMarkup\b|\bautoescape\b", template) == []
    values = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", template, flags=re.DOTALL)
    outside_of_quotes = re.sub(r'"[^"<>]*"', "", re.sub(r"\{\{.*?\}\}", "VALUE", values, flags=re.DOTALL))
    tags = re.findall(r"<[^<>]*>", outside_of_quotes)
    assert [tag for tag in tags if "VALUE" in tag or "'" in tag] == []


def test_one_function_alone_makes_html_of_a_string() -> None:
    makers = [path.name for path in UI.rglob("*.py") for _ in re.findall(r"\bMarkup\(", path.read_text("utf-8"))]
    assert makers == ["markup.py"]


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'message' is undefined"):
        rendered("notice.html")


def test_line_breaks_between_tags_leave_nothing_and_those_in_a_sentence_a_space() -> None:
    assert (
        rendered("rail_head.html")
        == "<h2>Which articles</h2><p>Click a bar, or drag over several, to choose a time.</p>"
    )
    assert rendered("taken.html").endswith("gzipped, too. At most 200 MB each.</p>")
    assert rendered("newest.html", conversation="a\n b", busy=False, turn="<c\n d>") == (
        '<div class="turns newest" aria-live="polite" data-conversation="a\n b" aria-busy="false">&lt;c\n d&gt;</div>'
    )
