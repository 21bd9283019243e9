"""Plain text in, title, text, facts and comments out: tables of real dirt."""

from __future__ import annotations

import gzip
import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index.cleaning.boilerplate import boilerplate_kind
from index.cleaning.byline import Facts, dateline, facts_line
from index.cleaning.clean import LONGEST_DERIVED_TITLE, Cleaned, clean
from index.cleaning.dates import parse_date
from index.cleaning.paragraphs import paragraphs, plain

SHARED = Path(__file__).parents[4] / "shared"

TALKS = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
STRIKE = "Turkish officials told reporters that three soldiers were killed in the strike near Idlib."


def page(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs the development data ../shared/{name}")
    return path


def test_headline_printed_three_times_is_the_title_once() -> None:
    raw = shared("articles/001_1491e66843456e8e.txt").read_text()
    cleaned = clean(raw)
    assert cleaned.title == ("Russia denies responsibility after strikes kill at least 33 Turkish troops in Syria")
    assert cleaned.title not in cleaned.text
    assert cleaned.text.startswith("Russia has denied it was responsible for airstrikes")
    assert cleaned.text.endswith("to evacuate its dead and wounded, the ministry said.")
    assert cleaned.text.count("\n\n") == 15
    assert cleaned.author == "Patrick Reevell"
    assert [(d.text[:20], d.reason) for d in cleaned.dropped] == [
        ("You can read the res", "link to more"),
        ("Share this article", "share link"),
        ("Russia denies respon", "repeated headline"),
        ("Russia denies respon", "repeated headline"),
    ]


def test_numbered_reader_comments_leave_the_text() -> None:
    raw = shared("articles/000_8bab876852f2c184.txt").read_text()
    cleaned = clean(raw)
    assert cleaned.title == (
        "Russia on Thursday accused Turkey of actively preparing to invade Syria, saying it had spotted…"
    )
    assert cleaned.text.startswith("Russia on Thursday accused Turkey")
    assert cleaned.text.endswith("and accused Russia of targeting civilians.")
    assert "financer" not in cleaned.text
    assert [comment.split()[0] for comment in cleaned.comments] == ["Turkey's", "with", '"We', "When"]
    assert "key financer of terrorists in Syria" in cleaned.comments[1]
    assert cleaned.comments[2].count("\n\n") == 1
    assert cleaned.published is None


@pytest.mark.parametrize(
    ("raw", "title", "text"),
    [
        (page("Talks go on", TALKS), "Talks go on", TALKS),
        (page("Talks go on", "Talks go on", TALKS), "Talks go on", TALKS),
        (page("Talks go on", TALKS, "Talks go on", STRIKE), "Talks go on", page(TALKS, STRIKE)),
        (page("‘Talks’ go on", "'Talks' go on", TALKS), "‘Talks’ go on", TALKS),
        (page("World", "Talks go on", "Talks go on", TALKS), "Talks go on", TALKS),
        (page("BREAKING NEWS", "Talks go on", TALKS), "Talks go on", TALKS),
        (page("Talks go on | Daily Sabah", "Talks go on", TALKS), "Talks go on", TALKS),
        (page("Title: Talks go on", TALKS), "Talks go on", TALKS),
        (page("Talks go on.", "By Jane Roe", TALKS), "Talks go on.", TALKS),
        (page("Will talks go on?", TALKS), "Will talks go on?", TALKS),
        (page("Talks go on in the U.S.", TALKS), "Talks go on in the U.S.", TALKS),
        (page(TALKS, STRIKE, TALKS), TALKS[:-1], page(TALKS, STRIKE, TALKS)),
        (TALKS, TALKS[:-1], TALKS),
        ("Talks go on", "Talks go on", "Talks go on"),
        (page("Talks go on", "Talks go on", "Share this"), "Talks go on", "Talks go on"),
        (f"LONDON, 3 June (Reuters) - {TALKS}", TALKS[:-1], f"LONDON, 3 June (Reuters) - {TALKS}"),
        (page("Mr. Smith went home. He slept.", TALKS), "Mr. Smith went home", None),
        ("", "", ""),
        (" \n\n\t\n", "", ""),
        (page("Share this article", "Advertisement"), "", ""),
    ],
)
def test_title_and_text(raw: str, title: str, text: str | None) -> None:
    cleaned = clean(raw)
    assert cleaned.title == title
    assert cleaned.text == (raw if text is None else text)


def test_derived_title_is_cut_at_a_word_and_its_sentence_stays() -> None:
    sentence = "Extraordinarily " * 12 + "long."
    cleaned = clean(sentence)
    assert cleaned.title == "Extraordinarily " * 5 + "Extraordinarily…"
    assert len(cleaned.title) <= LONGEST_DERIVED_TITLE
    assert cleaned.text == sentence


def test_a_given_title_is_kept_and_leaves_the_text() -> None:
    cleaned = clean(page("TALKS GO ON", TALKS), title="Talks go on")
    assert (cleaned.title, cleaned.text) == ("Talks go on", TALKS)
    assert clean(page("Good news", TALKS), title="Talks go on").text == page("Good news", TALKS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Share this article", "share link"),
        ("Share on Facebook", "share link"),
        ("Tweet", "share link"),
        ("Email this", "share link"),
        ("Print", "share link"),
        ("Share Tweet Email Print", "share link"),
        ("Facebook | Twitter | WhatsApp", "share link"),
        ("Click to share on Twitter (Opens in new window)", "share link"),
        ("You can read the rest of Jane Roe’s article at", "link to more"),
        ("You can read the rest of Jane Roe's article at https://example.org/a", "link to more"),
        ("Read more:", "link to more"),
        ("Read more: Turkey strikes back", "link to more"),
        ("Related:", "related box"),
        ("Related: Turkey strikes back", "related box"),
        ("You may also like", "related box"),
        ("Sign up for our newsletter", "newsletter"),
        ("Get the latest news delivered to your inbox.", "newsletter"),
        ("Follow us on Twitter", "follow us"),
        ("Follow Jane Roe on Twitter @janeroe", "follow us"),
        ("ADVERTISEMENT", "advertisement"),
        ("Story continues below advertisement", "advertisement"),
        ("We use cookies to improve your experience on this site.", "notice of the site"),
        ("© 2021 The Times. All rights reserved.", "notice of the site"),
        ("Comments are closed.", "comments closed"),
        ("Photo: AFP", "caption or credit"),
        ("Image credit: NASA/JPL", "caption or credit"),
        ("(Photo by Jane Roe/Getty Images)", "caption or credit"),
        ("AFP/Getty Images", "caption or credit"),
        ("REUTER...", "wire ending"),
        ("* * *", "separator"),
        # Reporting that begins like boilerplate.
        ("Share prices fell.", None),
        ("Shares on Wall Street fell sharply on Friday", None),
        ("Print media is dying.", None),
        ("Read more books, the minister told students.", None),
        ("Related companies were told to close.", None),
        ("Follow the money, he said.", None),
        ("Like other ministers, he resigned.", None),
        ("Getty Images said on Friday that it will sell its archive.", None),
        ("Reuters reported the strike on Friday.", None),
        ("Photo by photo, investigators rebuilt the scene of the crash.", None),
        ("Register to vote by Friday, officials said in an email to residents.", None),
        ("Copyright law was changed in 1998, the court said in its ruling on Friday.", None),
        ("The comments were closed to the public, officials said.", None),
        ("Moscow", None),
        ("Россия обвинила Турцию", None),
    ],
)
def test_boilerplate_is_reported_from_reporting(line: str, reason: str | None) -> None:
    assert boilerplate_kind(line) == reason
    cleaned = clean(page("Talks go on", TALKS, line, STRIKE))
    assert cleaned.text == (page(TALKS, STRIKE) if reason else page(TALKS, line, STRIKE))


def test_headlines_of_a_related_box_go_and_the_next_sentence_stays() -> None:
    cleaned = clean(page("Talks go on", TALKS, "Related:", "Turkey strikes back", "NATO to meet", STRIKE))
    assert cleaned.text == page(TALKS, STRIKE)
    assert [d.reason for d in cleaned.dropped] == ["related box"] * 3


COMMENT = "I think you are wrong about Turkey, and the author should know better than to print what they say."
ITEM = "All troops leave the region within thirty days, under the eyes of observers from neutral states."


@pytest.mark.parametrize(
    ("tail", "comments"),
    [
        (["3 comments", "John: rubbish", "Mary: well said"], ["John: rubbish", "Mary: well said"]),
        (["Comments", "Rubbish.", "Well said."], ["Rubbish.", "Well said."]),
        (["Reader comments:", "* Rubbish", "* Well said"], ["Rubbish", "Well said"]),
        (["Leave a reply", "Your email address will not be published."], []),
        (
            ["John Smith says:\nMarch 5, 2014 at 3:04 pm", "Rubbish.", "Reply"],
            ["John Smith says:\n\nMarch 5, 2014 at 3:04 pm\n\nRubbish."],
        ),
        (["Jane Roe · 3 hours ago", "Rubbish.", "Reply · Share"], ["Jane Roe · 3 hours ago\n\nRubbish."]),
        ([f"  1. {COMMENT}", f"  2. {COMMENT}"], [COMMENT, COMMENT]),
        ([f"1. {COMMENT}", "Comments are closed."], [COMMENT]),
        (
            ["\n  1. Putin is a thug.", "  2. No he isn't.", "Comments are closed."],
            ["Putin is a thug.", "No he isn't."],
        ),
        (
            [f"\n  1. {ITEM}", f"    • {ITEM}", "    So it is.", f"  2. {ITEM}"],
            [ITEM, f"{ITEM}\n\nSo it is.", ITEM],
        ),
    ],
)
def test_comments_are_kept_apart(tail: list[str], comments: list[str]) -> None:
    cleaned = clean(page("Talks go on", TALKS, STRIKE, *tail))
    assert cleaned.text == page(TALKS, STRIKE)
    assert list(cleaned.comments) == comments
    assert cleaned.published is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Talks go on", [TALKS, "1. All troops leave.", "2. Prisoners are exchanged.", STRIKE]),
        ("Talks go on", [TALKS, "1. All troops leave.", "2. Prisoners are exchanged."]),
        ("Talks go on", ["The plan has two points:", f"  1. {ITEM}", f"  2. {ITEM}", "Comments are closed."]),
        ("Talks go on", [TALKS, "The plan", f"  1. {ITEM}", f"  2. {ITEM}", "Comments are closed."]),
        ("Two ways to save", [TALKS, "  1. You should buy less, as you know.", "  2. You can sell more."]),
        ("Talks go on", [TALKS, "Key facts", "• Turkey has 33 dead.", "• You find Idlib in the north."]),
        ("What I saw", ["I went to Idlib last week.", "I saw you there.", f"1. {COMMENT}", f"2. {COMMENT}"]),
        ("Talks go on", [TALKS, "Comments from the opposition", STRIKE]),
    ],
)
def test_a_list_of_the_reporting_stays(title: str, body: list[str]) -> None:
    cleaned = clean(page(title, *body))
    kept = [line.strip() for line in body if line != "Comments are closed."]
    assert cleaned.text == page(*kept)
    assert cleaned.comments == ()


def test_a_link_to_the_comments_above_the_text_moves_nothing() -> None:
    standfirst = "Moscow says the convoy was not on any list that it had been given."
    cleaned = clean(page("Talks go on", standfirst, "12 comments", TALKS, STRIKE))
    assert cleaned.text == page(standfirst, TALKS, STRIKE)
    assert cleaned.comments == ()


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("By Jane Roe", Facts(author="Jane Roe")),
        ("BY JANE ROE", Facts(author="Jane Roe")),
        ("By Jane Roe, Reuters", Facts(author="Jane Roe", source="Reuters")),
        ("By Jane Roe and John O’Neil", Facts(author="Jane Roe, John O’Neil")),
        ("By Jane Roe, Middle East correspondent", Facts(author="Jane Roe")),
        ("By Jane Roe in London", Facts(author="Jane Roe")),
        ("By Reuters Staff", Facts(source="Reuters")),
        ("By Jane Roe | Reuters | March 14, 2021", Facts("Jane Roe", "Reuters", date(2021, 3, 14))),
        ("Published: 14 March 2021", Facts(published=date(2021, 3, 14))),
        ("Updated: 15 March 2021", Facts(updated=date(2021, 3, 15))),
        (
            "Published: 14 March 2021 | Updated: 15 March 2021",
            Facts(None, None, date(2021, 3, 14), date(2021, 3, 15)),
        ),
        ("March 14, 2021", Facts(published=date(2021, 3, 14))),
        ("Source: BBC News", Facts(source="BBC News")),
        ("Posted on March 5, 2014 by Jane Roe", Facts(author="Jane Roe", published=date(2014, 3, 5))),
        ("By the time he arrived, it was over.", None),
        ("By Friday", None),
        ("In March 2021", None),
        ("14 killed in 2021", None),
        ("Published by Penguin", None),
    ],
)
def test_bylines_and_dates(line: str, facts: Facts | None) -> None:
    assert facts_line(line) == facts


def test_facts_of_a_page_are_found_and_leave_the_text() -> None:
    cleaned = clean(page("Talks go on", "By Jane Roe, Reuters", "Published: 14 March 2021", TALKS, STRIKE))
    assert cleaned.text == page(TALKS, STRIKE)
    assert (cleaned.author, cleaned.source, cleaned.published) == ("Jane Roe", "Reuters", date(2021, 3, 14))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("LONDON, 3 June (Reuters) - Talks", Facts(source="Reuters")),
        ("WASHINGTON (AP) — Talks", Facts(source="AP")),
        ("NEW YORK, March 14, 2021 (AFP) – Talks", Facts(source="AFP", published=date(2021, 3, 14))),
        ("LONDON/Paris, June 3 (Reuters) - Talks", Facts(source="Reuters")),
        ("ROME, / Italy (ANSA) - Talks", Facts(source="ANSA")),
        ("NATO (which is big) said", Facts()),
        (f"T{'/' * 60}{'y' * 60}", Facts()),  # took minutes
    ],
)
def test_datelines(text: str, facts: Facts) -> None:
    assert dateline(text) == facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-03-14", date(2021, 3, 14)),
        ("2021-03-14T10:00:00.123+02:00", date(2021, 3, 14)),
        ("26-FEB-1987 15:01:01.79", date(1987, 2, 26)),
        ("27-MAR-1987 03:48:23.00F RM", date(1987, 3, 27)),
        ("March 14, 2021", date(2021, 3, 14)),
        ("Sept. 5, 2019", date(2019, 9, 5)),
        ("14th of March, 2021", date(2021, 3, 14)),
        ("Sun, 14 Mar 2021 10:30:00 +0000", date(2021, 3, 14)),
        ("Monday, 14 March 2021 at 3:14 pm", date(2021, 3, 14)),
        ("14. März 2021", date(2021, 3, 14)),
        ("14 de marzo de 2021", date(2021, 3, 14)),
        ("2021年3月14日", date(2021, 3, 14)),
        ("14/3/2021", date(2021, 3, 14)),
        ("3/14/2021", date(2021, 3, 14)),
        ("3.4.2021", date(2021, 4, 3)),
        ("3/4/2021", None),
        ("3-4-2021", None),
        ("2021", None),
        ("20210314", None),
        ("1615714200", None),
        ("March", None),
        ("March 2021", None),
        ("14 Mar 21", None),
        ("Feb 30, 2021", None),
        ("2021-13-45", None),
        ("yesterday", None),
        ("11 May 2021 and 12 May 2021", None),
        ("On March 14, 2021 the war began", None),
        ("", None),
        ("3 Auguſt 1790", date(1790, 8, 3)),  # with a long s
    ],
)
def test_dates_are_read_and_never_invented(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


def test_hard_wrapped_lines_are_joined() -> None:
    raw = (
        "Showers continued throughout the week in\n"
        "the Bahia cocoa zone, alleviating the drought since early\n"
        "January and improving prospects for the coming state-\n"
        "guaranteed temporao.\n"
        "    The dry period means the temporao will be late this year.\n"
        "    Arrivals for the week ended February 22 were 155,221 bags\n"
        "of 60 kilos. REUTER\n"
    )
    assert clean(raw, title="BAHIA COCOA REVIEW").text == page(
        "Showers continued throughout the week in the Bahia cocoa zone, alleviating the drought since early "
        "January and improving prospects for the coming state-guaranteed temporao.",
        "The dry period means the temporao will be late this year.",
        "Arrivals for the week ended February 22 were 155,221 bags of 60 kilos.",
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"{TALKS * 2}\n{STRIKE * 2}", [TALKS * 2, STRIKE * 2]),
        (
            "Shr 10 cts\n    Net 975,000\n    Sales 159.1 mln",
            ["Shr 10 cts", "Net 975,000", "Sales 159.1 mln"],
        ),
        ("- one\n- two", ["- one", "- two"]),
        ("home\nnews\nsport", ["home", "news", "sport"]),
        ("a\tb   c  ", ["a b c"]),
    ],
)
def test_lines_that_are_paragraphs_stay_apart(raw: str, expected: list[str]) -> None:
    assert [p.text for p in paragraphs(raw)] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("cafe\u0301", "café"),
        ("a\u00a0b\u2009c", "a b c"),
        ("a\u200bb\u00adc\ufeffd\u202ee\u2066f", "abcdef"),
        ("a\x00b\x07c\x1bd", "abcd"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("\U000e0041\U000e0042x\ud800y", "xy"),
        ("“curly” ‘quotes’ – kept", "“curly” ‘quotes’ – kept"),
    ],
)
def test_characters_are_normalised(raw: str, expected: str) -> None:
    assert plain(raw) == expected


def test_reuters_wires_end_without_the_agency() -> None:
    path = shared("data/reuters/reuters21578.jsonl.gz")
    with gzip.open(path, "rt") as file:
        rows = [row for row in map(json.loads, file) if row["body"]][:500]
    cleaned = [clean(row["body"], title=row["title"]) for row in rows]
    assert sum(c.text.upper().endswith("REUTER") for c in cleaned) == 0
    assert sum(len(c.text.split("\n\n")) for c in cleaned) >= 2_500
    assert sum(c.source == "Reuters" for c in cleaned) >= 400
    assert cleaned[1].text.split("\n\n")[0] == (
        "Standard Oil Co and BP North America Inc said they plan to form a venture to manage the money market "
        "borrowing and investment activities of both companies."
    )
    assert sum(len(c.comments) for c in cleaned) == 0


LINES = [
    "By Jane Roe",
    "March 14, 2021",
    "Share this article",
    "Related:",
    "Comments are closed.",
    "3 comments",
    "Leave a reply",
    "Reuter",
    "Turkey strikes back",
    "Turkey strikes back | BBC News",
    "World",
    TALKS,
    f"  1. {COMMENT}",
    "  2. You cannot be serious.",
    "    • I agree with you.",
    "1. First point",
    "Jane · 3 hours ago",
    "Showers continued throughout the week in the Bahia cocoa zone,",
    "he said. REUTER",
    "",
]
PAGES = st.lists(st.sampled_from(LINES) | st.text(max_size=40), max_size=20).map("\n".join)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200) | PAGES)
@example("0\U00013430")
@example("By A B\n\nBy C D")
def test_any_text_is_cleaned_and_cleaning_again_changes_nothing(raw: str) -> None:
    cleaned = clean(raw)
    for text in (cleaned.title, cleaned.text, *cleaned.comments):
        assert unicodedata.is_normalized("NFC", text)
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
        assert plain(text) == text
    assert all(p == " ".join(p.split()) for p in cleaned.text.split("\n\n"))
    assert bool(cleaned.title) >= bool(cleaned.text)
    again = clean(cleaned.text, title=cleaned.title)
    assert (again.title, again.text, again.comments) == (cleaned.title, cleaned.text, ())


def test_cleaned_is_complete() -> None:
    assert clean("") == Cleaned(title="", text="")


def test_the_first_sentence_of_a_text_without_spaces_is_its_title() -> None:
    text = "市長は月曜日に新しい橋を開通させた。費用は四億クローネだった。"
    assert (clean(text).title, clean(text).text) == ("市長は月曜日に新しい橋を開通させた", text)


@pytest.mark.parametrize(
    ("line", "source", "author"),
    [
        ("Marlow Evening Post, 14 April 2022", "Marlow Evening Post", None),
        ("Marlow Evening Post, 14 April 2022 — by Ruth Adair", "Marlow Evening Post", "Ruth Adair"),
        ("Marlow, 14 April 2022 | By Ruth Adair", None, "Ruth Adair"),
    ],
)
def test_a_line_of_a_source_and_a_day(line: str, source: str | None, author: str | None) -> None:
    facts = facts_line(line)
    assert facts is not None
    assert (facts.source, facts.author, str(facts.published)) == (source, author, "2022-04-14")
    assert facts_line("Marlow, 14 April 2022") is None
