"""Notes as note programs write them: facts in front matter, in lines at the top or in a block at the end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.article import Article
from index.formats.documents.document import Skipped
from index.formats.parsed import Draft
from index.formats.registry import read_drafts

TOLL = "The toll on the Tarn bridge will rise from 2.10 to 2.60 pounds on 1 May, the operator said on Thursday."
MILL = "The council of Marlow has bought the Orrin mill for 1.3 million pounds and will make a school of it."


def read(folder: Path, text: str) -> tuple[list[Article], dict[str, int], list[str]]:
    """The articles of a note, what it is counted as in their place, and the reasons for what is left out."""
    path = folder / "Toll note.md"
    path.write_text(text)
    outcomes = list(read_drafts(path))
    drafts = [one for one in outcomes if isinstance(one, Draft)]
    return (
        [draft.article() for draft in drafts],
        {one.kind: one.count for one in outcomes if isinstance(one, Skipped)},
        [dropped.reason for draft in drafts for dropped in draft.cleaned.dropped],
    )


@pytest.mark.parametrize(
    "text",
    [
        "# Toll to rise\n\nauthor:: Ruth Adair\npublished:: 2022-04-14\nurl:: https://tarnecho.example/a\n\n{}",
        "# Toll to rise\n\nAuthor: Ruth Adair\nCreated: June 2, 2023 9:41 PM\nPublished: April 14, 2022\n"
        "URL: https://tarnecho.example/a\n\n{}",
        "title:: Toll to rise\nauthor:: [[Ruth Adair]]\ndate:: 2022-04-14\nsource:: https://tarnecho.example/a\n\n- {}",
        "# Toll to rise\n- **Autor:** Ruth Adair\n- **Datum:** 14.04.2022\n- **Link:** https://tarnecho.example/a\n\n{}",
        "---\ntitle: Toll to rise\nauthor: '[[Ruth Adair]]'\npublished: 2022-04-14\ncreated: 2024-01-01\n"
        "source: https://tarnecho.example/a\n---\n{}\n\n#toll #news/bridges\n",
        "Toll to rise\n\n{}\n\nid: 77aa10c4f0c14b7c8f3f6c2d1e0b9a81\ncreated_time: 2022-04-14T09:12:44.120Z\n"
        "latitude: 52.37\nauthor: Ruth Adair\nsource_url: https://tarnecho.example/a\ntype_: 1",
    ],
    ids=["dataview", "notion", "logseq", "listed", "front matter", "joplin"],
)
def test_facts_in_a_note(tmp_path: Path, text: str) -> None:
    (article,), _, _ = read(tmp_path, text.format(TOLL))
    assert (article.title, article.text.removeprefix("- ")) == ("Toll to rise", TOLL)
    assert (article.author, article.published, article.url) == (
        *("Ruth Adair", date(2022, 4, 14), "https://tarnecho.example/a"),
    )


def test_what_is_private_or_for_the_program_is_left_out_and_counted(tmp_path: Path) -> None:
    text = (
        f"# Toll to rise\n\n{TOLL} %%ask her%%\n\n- {MILL}\n  id:: 64a1\n\n- [ ] Call the operator.\n\n#toll #bridge\n"
    )
    (article,), _, reasons = read(tmp_path, text)
    assert article.text == f"{TOLL}\n\n- {MILL}\n\nCall the operator."
    assert sorted(reasons) == ["attribute of a note", "private comment", "repeated headline", "tags"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("---\ntitle: '{{title}}'\nauthor: {{author}}\n---\n{{content}}\n", "template"),
        (f"Clippings\n\nid: {'0c' * 16}\ncreated_time: 2023-01-04\ntype_: 2", "folder, tag or the like of Joplin"),
        (f"id: {'0c' * 16}\nnote_id: 1\ntype_: 6", "folder, tag or the like of Joplin"),
    ],
)
def test_notes_that_are_no_articles_are_counted(tmp_path: Path, text: str, kind: str) -> None:
    assert read(tmp_path, text)[:2] == ([], {kind: 1})


def test_a_text_that_begins_with_a_colon_is_kept(tmp_path: Path) -> None:
    text = f"Mayor: the toll must rise.\n\nOperator: we agree.\n\n{TOLL}"
    (article,), _, _ = read(tmp_path, text)
    assert article.text == text


def test_a_day_that_the_text_states_counts_more_than_that_of_the_note(tmp_path: Path) -> None:
    (article,), _, _ = read(tmp_path, f"---\ncreated: 2024-01-01\n---\n# Toll\n\nPublished: 14 April 2022\n\n{TOLL}")
    assert article.published == date(2022, 4, 14)
    (article,), _, _ = read(tmp_path, f"---\ncreated: 2024-01-01\n---\n# Toll\n\n{TOLL}")
    assert article.published == date(2024, 1, 1)


def test_an_outline_is_read_as_paragraphs_and_its_name_is_the_title(tmp_path: Path) -> None:
    (article,), _, reasons = read(
        tmp_path,
        f"author:: [[Ruth Adair]]\nsource:: [Tarn Echo](https://tarnecho.example/a)\n\n- {TOLL}\n  collapsed:: true\n"
        f"\t- {MILL}\n- #+BEGIN_QUOTE\n  It is said.\n  #+END_QUOTE\n- TODO Call them.\n",
    )
    assert (article.title, article.text) == ("Toll note", f"{TOLL}\n\n{MILL}\n\nIt is said.\n\nCall them.")
    assert (article.author, article.source, article.url) == ("Ruth Adair", "Tarn Echo", "https://tarnecho.example/a")
    assert reasons == ["attribute of a note"]


def test_a_heading_is_the_title_rather_than_the_name_of_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, f"# Toll to rise\n\n{TOLL}")[0][0].title == "Toll to rise"
    assert read(tmp_path, TOLL)[0][0].title == "Toll note"


def test_drafts_of_a_blog_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "draft_Toll-to-rise-5d7e9a1022aa.html"
    path.write_text(f"<html><body><article><h1>Toll</h1><p>{TOLL}</p></article></body></html>")
    assert [*read_drafts(path)] == [Skipped("draft", 1)]
