"""Lines of printed pages in, paragraphs out."""

from __future__ import annotations

import pytest

from index.formats.documents.pdf_layout import Line, join_pages

LEFT, SIZE, LEADING = 50.0, 10.0, 12.0
FULL = "The minister said on Friday that the talks with Ankara would go on despite"
REST = "the attack on the border."
NEXT = "Turkish officials told reporters that three soldiers had been killed in it"


def lines(
    *texts: str, top: float = 700, gaps: dict[int, float] | None = None, indents: tuple[int, ...] = ()
) -> list[Line]:
    """Lines below each other; before those in `gaps` there is more room, those in `indents` begin further in."""
    y = top
    made = []
    for n, text in enumerate(texts):
        y -= (gaps or {}).get(n, 0.0)
        made.append(Line(text, LEFT + (15 if n in indents else 0), y, SIZE))
        y -= LEADING
    return made


def joined(*pages: list[Line]) -> list[str]:
    return list(join_pages(pages).paragraphs)


def test_lines_of_a_paragraph_are_joined() -> None:
    assert joined(lines(FULL, NEXT, REST)) == [f"{FULL} {NEXT} {REST}"]


def test_a_gap_parts_paragraphs() -> None:
    assert joined(lines(FULL, NEXT, FULL, NEXT, gaps={2: 6.0})) == [f"{FULL} {NEXT}", f"{FULL} {NEXT}"]


def test_an_indent_parts_paragraphs() -> None:
    assert joined(lines(FULL, NEXT, FULL, NEXT, indents=(0, 2))) == [f"{FULL} {NEXT}", f"{FULL} {NEXT}"]


def test_a_short_last_line_parts_paragraphs() -> None:
    assert joined(lines(FULL, REST, NEXT, FULL)) == [f"{FULL} {REST}", f"{NEXT} {FULL}"]


def test_another_size_is_a_heading() -> None:
    heading = Line("Talks go on", LEFT, 720, 18.0)
    assert joined([heading, *lines(FULL, REST)]) == ["Talks go on", f"{FULL} {REST}"]


def test_a_sentence_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    second = [line._replace(left=320.0) for line in lines(REST, top=700)]
    assert joined([*lines(NEXT, FULL), *second]) == [f"{NEXT} {FULL} {REST}"]
    assert joined(lines(NEXT, FULL), lines(REST)) == [f"{NEXT} {FULL} {REST}"]


def test_a_page_that_ends_with_a_sentence_ends_the_paragraph() -> None:
    assert joined(lines(FULL, REST), lines(NEXT, FULL)) == [f"{FULL} {REST}", f"{NEXT} {FULL}"]


def test_a_running_head_and_page_numbers_are_dropped_with_the_reason() -> None:
    heads = ["The Daily Post 3 May", "The Daily Post 4 May", "The Daily Post 5 May"]
    bodies = [[FULL.replace("The", word), NEXT, FULL, f"{word.lower()} attack."] for word in ("Any", "Our", "All")]
    pages = [
        [Line(head, LEFT, 800, 8.0), *lines(*body), Line(f"- {n} -", 290, 30, 8.0)]
        for n, (head, body) in enumerate(zip(heads, bodies, strict=True), 1)
    ]
    found = join_pages(pages)
    assert found.paragraphs == tuple(" ".join(body) for body in bodies)
    assert found.dropped[:2] == (("The Daily Post 3 May", "page header or footer"), ("- 1 -", "page number"))
    assert len(found.dropped) == 6


def test_a_line_that_recurs_in_the_text_stays() -> None:
    pages = [lines(FULL, NEXT, "All rose.", FULL, REST) for _ in range(3)]
    pages = [
        [Line(f"Chapter {'I' * n}", LEFT, 800, 8.0), Line("Roe", LEFT, 790, 8.0), *page] for n, page in enumerate(pages)
    ]
    assert " ".join(joined(*pages)).count("All rose.") == 3


def test_a_year_in_the_text_is_no_page_number() -> None:
    assert joined(lines(FULL, NEXT, "1987", FULL, REST))[0].count("1987") == 1


@pytest.mark.parametrize(
    ("first", "second", "elsewhere", "whole"),
    [
        ("the border was guar-", "anteed by both sides", "", "the border was guaranteed by both sides"),
        (
            "the money was state-",
            "owned by both sides",
            "a state-owned bank",
            "the money was state-owned by both sides",
        ),
        ("they would co-", "operate with both", "cooperate", "they would cooperate with both"),
        ("between 1914-", "1918 it was", "", "between 1914- 1918 it was"),
    ],
)
def test_words_broken_at_the_end_of_a_line_are_made_whole(first: str, second: str, elsewhere: str, whole: str) -> None:
    broken = [f"{FULL} {first}", second]
    others = [f"{FULL} {elsewhere}"] if elsewhere else []
    found = joined(lines(*broken), lines(*others))
    assert found[0].startswith(f"{FULL} {whole}")


def test_without_a_hyphenating_typesetter_a_compound_keeps_its_hyphen() -> None:
    page = [*[f"{FULL} and" for _ in range(50)], f"{NEXT} and conservative-", "leaning papers"]
    assert joined(lines(*page))[0].endswith("conservative-leaning papers")


def test_a_dash_or_number_in_a_sentence_starts_no_item() -> None:
    assert len(joined(lines(f"{FULL} it", "— an enormous sum of money, as it turned out in the end and"))) == 1
    assert len(joined(lines(f"{FULL} (more than", "60) for what was new, and exclusive to the platform too"))) == 1
    assert len(joined(lines(f"{FULL}:", "• one thing that is as long as a line", "• another"))) == 3


def test_no_pages_give_nothing() -> None:
    assert join_pages([]).paragraphs == ()
    assert join_pages([[], []]).paragraphs == ()
