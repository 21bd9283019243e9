"""Files made to take hours or all memory. Each of these once did, or would have at the size that is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading import Reading, read_file

from index.cleaning.clean import clean
from index.cleaning.metadata import read_fields
from index.cleaning.paragraphs import LONGEST_LINE, MOST_LINES, check_lines
from index.formats.exports.split import split_articles
from index.formats.webpage import clean_page

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
LENGTH = 200_000


def read(folder: Path, name: str, text: str) -> Reading:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_file(path)


def reason(reading: Reading) -> str:
    (failure,) = reading.failures
    assert not reading.articles
    return failure.reason


@pytest.mark.parametrize(
    "unit",
    [" ", "[^", "[a](b 'c ", "![a](b 'c ", "<https://", "[a\n", "# ", "`", "## a\n", "![a](", "[a](b(", "***", "~~a "],
)
def test_marks_of_markdown_repeated(tmp_path: Path, unit: str) -> None:
    repeated = unit * (LENGTH // len(unit))
    reading = read(tmp_path, "a.md", f"# Talks\n\n{TALKS}\n\nx {repeated}x\n\n{TALKS}")
    assert TALKS in reading.articles[0].text


def test_marks_of_markdown_still_go() -> None:
    from index.formats.markdown import read_markdown

    raw = (
        "## Day #1 ##\n\n## In C \n\nSee [the *report*](http://a.b/c_(d) \"A title\"), [this][1], ![a picture](p.png 'x')"
        "`code`, note[^1]. <https://a.b/c>  \nNext\\\nline\n\n[1]: http://a.b\n"
    )
    result = read_markdown(raw)
    assert result.heading == "Day #1"
    assert [line for line in result.text.split("\n") if line] == [
        "Day #1",
        "In C",
        "See the report, this, code, note. https://a.b/c",
        "Next",
        "line",
    ]


def test_front_matter_that_merges_itself_again_and_again(tmp_path: Path) -> None:
    levels = [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    front = "\n".join(["title: Talks go on", "a0: &a0 {text: no}", *levels])
    reading = read(tmp_path, "a.md", f"---\n{front}\n---\n\n{TALKS}\n")
    assert (reading.articles[0].title, reading.articles[0].text) == ("Talks go on", TALKS)


def test_metadata_that_is_no_json() -> None:
    broken = '"author": "a", ' * (LENGTH // 15)
    page = f"<html><head><script type='application/ld+json'>{broken}</script></head><body><article><p>{TALKS}</p>"
    assert clean_page(page * 1).text == TALKS


def test_a_tag_of_many_attributes() -> None:
    def page(count: int) -> str:
        attributes = " ".join(f"a{n}=1" for n in range(count))
        return f"<html><body><article><p {attributes}>{TALKS}</p></article></body></html>"

    assert clean_page(page(20_000)).text == TALKS
    with pytest.raises(ValueError, match=r"has a tag of more than 30,000 words"):
        clean_page(page(1_000_000))


@pytest.mark.parametrize("line", ["AFP", "BBC News", "Reuters"])
def test_lines_that_are_taken_away_from_the_end(line: str) -> None:
    """Two went at a time, and then all was looked at again."""
    result = [f"{TALKS} {n}" for n in range(9)]
    cleaned = clean("\n\n".join([*result, *[line] * 10_000]), title="Talks go on")
    assert cleaned.text.split("\n\n")[:9] == result
    assert len(cleaned.dropped) > 9_900


def test_headings_of_comments_that_no_comments_follow() -> None:
    """For each the text above and below it was measured anew."""
    cleaned = clean("\n\n".join([TALKS, *["3 comments"] * 25_000]), title="Talks go on")
    assert cleaned.text == TALKS


def test_a_text_of_too_many_lines(tmp_path: Path) -> None:
    many = "ab c\n" * (MOST_LINES + 1)
    assert reason(read(tmp_path, "a.txt", many)) == "has 200,001 lines, more than the 200,000 of one article; split it"
    row = '{"text": "' + many.replace("\n", "\\n") + '"}\n{"text": "Talks go on."}\n'
    result = read(tmp_path, "a.jsonl", row)
    assert [article.text for article in result.articles] == ["Talks go on."]
    assert "line 1 has 200,001 lines" in result.failures[0].reason
    check_lines(MOST_LINES)


def test_a_row_of_millions_of_values(tmp_path: Path) -> None:
    row = '{"text": "Talks go on.", "comments": [' + "[]," * 1_000_000 + "[]]}\n"
    assert "line 1 has 2,000,004 values" in reason(read(tmp_path, "a.jsonl", row))


def test_a_table_of_a_million_columns(tmp_path: Path) -> None:
    assert reason(read(tmp_path, "a.csv", "text" + "," * 1_000_000 + "\nx\n")).startswith("has 1,000,001 columns")
    result = reason(read(tmp_path, "a.csv", "x" * 5_000 + "," + ",".join(f"c{n}" for n in range(5_000)) + "\n1\n"))
    assert result.startswith("has no column for the text")
    assert len(result) < 2_000


def test_titles_and_names_are_of_a_length_that_can_be_shown() -> None:
    long = "A b " * 10_000
    facts = read_fields({"title": long, "author": [long, long], "source": long, "id": long})
    assert {len(text or "") for text in (facts.title, facts.author, facts.source, facts.id)} == {LONGEST_LINE}
    assert len(clean(TALKS, title=long).title) == LONGEST_LINE
    assert len(clean(f"Title: {long}\n\n{TALKS}").title) <= LONGEST_LINE
    assert clean(TALKS, title="Talks").title == "Talks"


@pytest.mark.parametrize("text", ["Title: a\n", "[00:00:01] Ada Strom: yes\n", "1 of 1000000 DOCUMENTS\n"])
def test_a_text_of_too_many_articles(tmp_path: Path, text: str) -> None:
    """Each line was examined by every way of telling articles apart."""
    result = reason(read(tmp_path, "a.txt", text * 1_000_000))
    assert result == "has 1,000,000 lines, more than the 200,000 of one article; split it"


def test_highlights_of_one_book() -> None:
    """Each was compared with all others."""
    entries = "".join(f"Mills (Ruth Adair)\n- Your Highlight | Added\n\nMill {n}.\n==========\n" for n in range(5_000))
    (piece,) = split_articles(entries)
    assert piece.text.split("\n\n")[::2_000] == ["Mill 0.", "Mill 2000.", "Mill 4000."]
