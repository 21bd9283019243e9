"""What documents say of themselves, and what of that is to be believed."""

from __future__ import annotations

import pytest

from index.formats.documents.document import stated_author, stated_title


@pytest.mark.parametrize("text", ["Talks go on", "The documents of the minister", "1984", "Untested ground"])
def test_titles_are_kept(text: str) -> None:
    assert stated_title(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    ["Microsoft Word - draft3.doc", "untitled", "Untitled-1", "talks_final.docx", "Document1", "title", "a.indd", ""],
)
def test_what_a_program_puts_there_is_no_title(text: str) -> None:
    assert stated_title(text) == ""


@pytest.mark.parametrize(
    ("text", "author"), [("Jane  Roe", "Jane Roe"), ("jroe", ""), ("Administrator", ""), ("Daily Post", ""), ("", "")]
)
def test_only_a_person_is_an_author(text: str, author: str) -> None:
    assert stated_author(text) == author
